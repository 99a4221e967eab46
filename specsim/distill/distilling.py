"""From a target to a draft for it: lessons, a first draft, its fitting, and alpha before and after."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch

from ..models import ngram
from .alpha import Laws, alphas, network_laws, ngram_laws
from .course import Course
from .drafts import check_size, from_scratch, truncated
from .fitting import Stage, fit_laws, fit_states
from .lessons import School, collect, load_lesson, tokens_of
from .losses import slope_at
from .projection import Projection, projection
from .teacher import Teacher

T = TypeVar("T")
Bar = Callable[[Iterator[T], int, str], Iterable[T]]
PROBE = 2048  # states that the projection is made from


@dataclass(frozen=True)
class Recipe:
    """What to make and how.

    width, layers: of a draft from scratch. keep: first layers of the target to begin from instead; 0: from
    scratch. loss: "tv", "mixed" or "kl". lessons, heldout: how many to learn from and to measure on, each
    rows x length tokens. Raises ValueError for sizes or losses that there are not.
    """

    width: int = 128
    layers: int = 2
    keep: int = 0
    loss: str = "tv"
    lessons: int = 24
    heldout: int = 6
    rows: int = 64
    length: int = 192
    seed: int = 0
    states: Stage = field(default_factory=lambda: Stage(1200, 16, 1e-2))
    laws: Stage = field(default_factory=lambda: Stage(600, 8, 2e-3))

    def __post_init__(self) -> None:
        check_size(self.width, self.layers)
        slope_at(self.loss, 0.0)


def distill(lm: Any, out: Path, texts: list[Path], heldout: list[Path], recipe: Recipe, bar: Bar) -> dict:
    """Fit a draft to a target; write it to `out` and return what was found.

    lm: a specsim.models.transformers_model.CausalLM with its tokenizer. texts: files to learn from besides
    the target's own writing. heldout: files to measure on; where there are none, the last twentieth of each
    text is kept apart. bar: shows the progress of an iterator of known length.

    `out` holds the draft as save_pretrained writes it, `distil.json`, and in `work` what a run that was
    stopped goes on from. Raises ValueError for encoder-decoder targets, for sizes that do not fit and for a
    folder with the work of another recipe, FileNotFoundError for missing texts.
    """
    if lm.model.config.is_encoder_decoder:
        raise ValueError(
            "drafts are fitted to causal models, and this is an encoder-decoder model; let a small one "
            "of its family draft for it"
        )
    teacher, work = Teacher(lm.model), out / "work"
    _check_same(recipe, work / "recipe.json")
    learned, measured = _texts(lm.tokenizer, texts, heldout)
    exam = _lessons(teacher, lm.tokenizer, measured, recipe, "heldout", work, bar)
    course = Course(tuple(_lessons(teacher, lm.tokenizer, learned, recipe, "lessons", work, bar)))
    draft, narrow = first_draft(teacher, course, recipe)
    found = {"before": alphas(teacher, network_laws(draft.eval()), exam)}
    if narrow:
        steps = fit_states(draft, narrow, course, recipe.states, work / "states")
        _run(steps, recipe.states.steps, "states", bar)
        found["states"] = alphas(teacher, network_laws(draft), exam)
    steps = fit_laws(draft, teacher, course, recipe.loss, recipe.laws, work / "laws")
    _run(steps, recipe.laws.steps, "laws", bar)
    found["after"] = alphas(teacher, network_laws(draft), exam)
    found["bigram"] = alphas(teacher, bigram_laws(course, lm.vocab_size), exam)
    return _save(draft, lm.tokenizer, out, recipe, found)


def _lessons(
    teacher: Teacher, tokenizer: Any, text: np.ndarray, recipe: Recipe, part: str, work: Path, bar: Bar
) -> list[Path]:
    """The files of the lessons to learn from ("lessons") or to measure on ("heldout")."""
    school = School(teacher, tokenizer, text, recipe.rows, recipe.length)
    count: int = getattr(recipe, part)
    seed = 2 * recipe.seed + (part == "heldout")
    _run(collect(school, count, seed, work / part), count, part, bar)
    return sorted((work / part).glob("*.safetensors"))[:count]


def first_draft(teacher: Teacher, course: Course, recipe: Recipe) -> tuple[Any, Projection | None]:
    """The draft before any step, and the projection that it was made around, if it was made from scratch."""
    if recipe.keep:
        return truncated(teacher.network, recipe.keep), None
    narrow = projection(teacher, course.some_states(PROBE).to(teacher.device), recipe.width)
    return from_scratch(teacher.network, narrow, recipe.layers, recipe.seed), narrow


def bigram_laws(course: Course, vocab_size: int) -> Laws:
    """The laws of the bigram counted from the same lessons: the draft to beat."""
    rows = [row for path in course.paths for row in _counted(path)]
    return ngram_laws(ngram.train(rows, vocab_size, order=2))


def _counted(path: Path) -> list[list[int]]:
    lesson = load_lesson(path)
    return lesson.tokens[:, lesson.first :].tolist()


def _check_same(recipe: Recipe, path: Path) -> None:
    wanted = json.dumps(asdict(recipe))
    if path.exists() and path.read_text() != wanted:
        raise ValueError(
            f"{path.parent} holds the work of another recipe, {path.read_text()}; "
            "choose another folder, or remove that one to begin anew"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(wanted)


def _texts(tokenizer: Any, texts: list[Path], heldout: list[Path]) -> tuple[np.ndarray, np.ndarray]:
    files = [tokens_of([path], tokenizer) for path in texts]
    if heldout or not files:
        return tokens_of(texts, tokenizer), tokens_of(heldout, tokenizer)
    cuts = [len(ids) * 19 // 20 for ids in files]
    return (
        np.concatenate([ids[:cut] for ids, cut in zip(files, cuts, strict=True)]),
        np.concatenate([ids[cut:] for ids, cut in zip(files, cuts, strict=True)]),
    )


def _run(steps: Iterator[Any], count: int, name: str, bar: Bar) -> None:
    for _ in bar(steps, count, name):
        pass


def _save(draft: Any, tokenizer: Any, out: Path, recipe: Recipe, found: dict[str, dict]) -> dict:
    draft.to(torch.float32).save_pretrained(out)
    if tokenizer is not None:
        tokenizer.save_pretrained(out)
    rounded = {
        name: {kind: [round(x, 4) for x in pair] for kind, pair in each.items()}
        for name, each in found.items()
    }
    parameters = sum(p.numel() for p in draft.parameters())
    report = {"parameters": parameters, "recipe": asdict(recipe), "alpha": rounded}
    (out / "distil.json").write_text(json.dumps(report, indent=1) + "\n")
    return report
