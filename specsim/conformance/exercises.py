"""Exercises: speculative decoding with holes in it, graded by the exact law of what was filled in.

    EXERCISES           title by name
    write(name, path)   a file to fill in
    grade(path)         does it emit the target's law, and keep as many tokens as it should?

A filled-in file is run by `grade`, like any program: grade what you trust.

>>> list(EXERCISES)
['acceptance', 'correction', 'bonus', 'chosen', 'siblings', 'distinct', 'block', 'drafter', 'whole']
>>> print(skeleton("bonus").splitlines()[0])
# Fill in the dots, then: specsim conform exercise --grade THIS_FILE
"""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from specsim.core.draft import siblings, tree

from .gallery import controls, reference, skeletons
from .report import Report

HEAD = "# Fill in the dots, then: specsim conform exercise --grade THIS_FILE\n"

_CHAIN: dict[str, Any] = {"contract": "chain", "gammas": (1, 2)}


@dataclass(frozen=True)
class Exercise:
    """title: one sentence. text: the file to fill in. check: keywords of the check by which it is graded.

    model: a decoder that keeps as many tokens as is asked for; None for a drafter.
    """

    title: str
    text: str
    model: Callable[..., Any] | None = reference.verify
    check: Mapping[str, Any] = field(default_factory=lambda: _CHAIN)


@dataclass(frozen=True)
class Grade:
    """passed, words: the result in one sentence. report: of the check."""

    passed: bool
    words: str
    report: Report

    def __str__(self) -> str:
        return f"{'passed' if self.passed else 'not yet'}: {self.words}"


_INDEPENDENT = {"contract": "tree", "shapes": (siblings(2), siblings(3), tree(2, 1))}
_DISTINCT = {"contract": "tree", "shapes": (siblings(2, "distinct"), tree(2, 1, how="distinct"))}

_ALL: dict[str, Exercise] = {
    "acceptance": Exercise("Which chance keeps a drafted token?", skeletons.ACCEPTANCE),
    "correction": Exercise("Which law has the token after a rejection?", skeletons.CORRECTION),
    "bonus": Exercise("What follows a draft that was kept in full?", skeletons.BONUS),
    "chosen": Exercise(
        "What if the draft was not drawn at all?",
        skeletons.CHOSEN,
        controls.takes_a_drawn_token_for_a_chosen_one,
    ),
    "siblings": Exercise(
        "What does the target owe after a first candidate was rejected?",
        skeletons.SIBLINGS,
        reference.verify_tree,
        _INDEPENDENT,
    ),
    "distinct": Exercise(
        "Which law was the second of two distinct candidates drawn from?",
        skeletons.DISTINCT,
        reference.verify_tree,
        _DISTINCT,
    ),
    "block": Exercise("How can a block be verified together?", skeletons.BLOCK, controls.verifies_the_block),
    "drafter": Exercise("Which law must a drafter declare?", skeletons.DRAFTER, None),
    "whole": Exercise("A whole verifier, from nothing", skeletons.WHOLE),
}

EXERCISES: dict[str, str] = {name: one.title for name, one in _ALL.items()}
"""The title of each exercise by its name."""


def skeleton(name: str) -> str:
    """The text of the file to fill in. Raises ValueError for an unknown name."""
    if name not in _ALL:
        raise ValueError(f"there is no exercise {name!r}; choose one of {', '.join(_ALL)}")
    return f'{HEAD}EXERCISE = "{name}"{_ALL[name].text}'


def write(name: str, path: str | Path) -> Path:
    """Write the file to fill in. Raises ValueError where a file is there already."""
    path = Path(path)
    text = skeleton(name)
    if path.exists():
        raise ValueError(f"{path} is there already; an exercise overwrites nothing: choose another file")
    path.write_text(text)
    return path


def grade(path: str | Path, seconds: float = 60.0) -> Grade:
    """Run a filled-in file and judge it by the exact law of what it emits.

    Passed is what emits the target's law and keeps as many tokens as the algorithm of the exercise does.
    Raises ValueError for a file that is no exercise, still has holes in it, or does not run.
    """
    module = _loaded(Path(path))
    report = _checked(module, _ALL[module.EXERCISE], seconds)
    if report.verdict != "exact":
        return Grade(False, _why(report), report)
    most = _most(module.EXERCISE)
    if most - (report.tokens_per_round or most) > 1e-9:
        words = f"exact, but {report.tokens_per_round:.4g} tokens per round where {most:.4g} are possible"
        return Grade(False, words, report)
    return Grade(True, "what comes out has exactly the law that it should have", report)


def _loaded(path: Path) -> ModuleType:
    """The file as a module."""
    try:
        source = path.read_text()
        parsed = ast.parse(source)
    except (OSError, UnicodeDecodeError, SyntaxError) as broken:
        raise ValueError(f"an exercise is a Python file; {path}: {broken}") from None
    holes = [node.lineno for node in ast.walk(parsed) if isinstance(node, ast.Constant) and node.value is ...]
    if holes:
        raise ValueError(f"every hole must be filled in; {path} still has dots in line {min(holes)}")
    module = ModuleType(path.stem)
    try:
        exec(compile(source, str(path), "exec"), module.__dict__)
    except Exception as broken:
        raise ValueError(f"{path} does not run: {type(broken).__name__}: {broken}") from broken
    _check_names(module, path)
    return module


def _check_names(module: ModuleType, path: Path) -> None:
    name = getattr(module, "EXERCISE", None)
    if name not in _ALL:
        raise ValueError(f'{path} must say EXERCISE = "...", one of {", ".join(_ALL)}; got {name!r}')
    for wanted in ("draw", "declared") if name == "drafter" else ("verify",):
        if not callable(getattr(module, wanted, None)):
            raise ValueError(f"the exercise {name!r} needs a function {wanted}; {path} has none")


def _checked(module: Any, exercise: Exercise, seconds: float) -> Report:
    if exercise.model is None:
        from .drafter import check_drafter

        return check_drafter(module.draw, module.declared, contexts=[(0,), (1,)], seconds=seconds)
    from .checking import check

    return check(module.verify, array="numpy", seconds=seconds, **exercise.check)


@cache
def _most(name: str) -> float:
    """Tokens per round of the algorithm that the exercise is about."""
    exercise = _ALL[name]
    if exercise.model is None:
        return 0.0
    from .checking import check

    report = check(exercise.model, array="numpy", search=False, **exercise.check)
    return report.tokens_per_round or 0.0


def _why(report: Report) -> str:
    if report.diagnosis is not None:
        return report.diagnosis.words
    if report.tv is not None:
        return f"what comes out is off by {report.tv:.3g} in total variation"
    return "; ".join(report.notes) or "nothing could be said"
