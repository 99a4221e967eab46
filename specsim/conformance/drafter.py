"""Is the law that a drafter declares the one that it draws from?

Verification is exact for any draft law, as long as it is the true one: the error of the output is at most the
total variation between what was drawn from and what was declared. So a drafter that samples at one
temperature and declares another, or that searches and declares the model's probabilities, spoils what a
correct verifier does.

>>> law = np.array([0.5, 0.3, 0.2])
>>> check_drafter(lambda context, rng: rng.choice(3, p=law), law).verdict
'exact'
>>> report = check_drafter(lambda context, rng: int(law.argmax()), law)
>>> report.verdict, report.diagnosis.words
('lossy', 'The most likely token is taken, not drawn, while a whole law is declared.')
"""

import inspect
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from .budget import DOUBLE, Budget
from .comparing import Comparison, compare
from .engine import Crash, Unsupported, exact_law, numpy_rng
from .generator import verdict
from .report import Counterexample, Diagnosis, Report
from .rows import laws, plain
from .sequential import EProcess

CONTEXTS = ((0,), (1,), (0, 1), (1, 0, 0))
"""Contexts that are tried unless others are given."""

DECLARE = (
    "Declare the law that the token is drawn from, computed once, by the same function in the same precision."
)


def check_drafter(
    draw: Callable[..., Any],
    declared_law: Any,
    *,
    contexts: Sequence[Sequence[int]] | None = None,
    tolerance: float | None = None,
    max_tokens: int = 20_000,
    alpha: float = 1e-6,
    seconds: float = 60.0,
    rng: Any = None,
) -> Report:
    """The verdict on a drafter: by exact law where its randomness can be seen, else by sampling.

    draw: (context, rng) -> a token, or several drawn one after the other; draw(rng) will do for one law.
    declared_law: context -> law (V,), or a law (V,). contexts: to try; CONTEXTS by default.
    tolerance: total variation that counts as arithmetic. max_tokens, alpha, rng: of sampling.
    """
    declare = _declaring(declared_law)
    chosen = [
        tuple(context) for context in (contexts or (CONTEXTS if callable(declared_law) else CONTEXTS[:1]))
    ]
    budget = DOUBLE if tolerance is None else Budget(min(DOUBLE.exactly, tolerance), tolerance)
    subject = getattr(draw, "__qualname__", type(draw).__name__)
    take = _taking(draw)
    try:
        return _exactly(take, declare, chosen, budget, seconds, subject)
    except Unsupported as refused:
        test = EProcess(alpha, tolerance=budget.tolerance)
        source = np.random.default_rng(rng) if isinstance(rng, int | None) else rng
        return _sampled(take, declare, chosen, test, max_tokens, source, subject, str(refused))


def _declaring(declared: Any) -> Callable[[tuple[int, ...]], np.ndarray]:
    if not callable(declared):
        row = laws(plain(declared).reshape(1, -1), "declared law")[0]
        return lambda context: row
    return lambda context: laws(plain(declared(context)).reshape(1, -1), "declared law")[0]


def _taking(draw: Callable[..., Any]) -> Callable[[tuple[int, ...], Any], tuple[int, ...]]:
    """draw as a function (context, rng) -> tuple of tokens."""
    needed = [one for one in inspect.signature(draw).parameters.values() if one.default is one.empty]
    alone = len(needed) == 1
    return lambda context, rng: draw(rng) if alone else draw(context, rng)


def _exactly(
    take: Callable[[tuple[int, ...], Any], Any],
    declare: Callable[[tuple[int, ...]], np.ndarray],
    contexts: Sequence[tuple[int, ...]],
    budget: Budget,
    seconds: float,
    subject: str,
) -> Report:
    found = []
    for context in contexts:
        law = exact_law(partial(_once, take, context), seconds=seconds / len(contexts)).map(_row)
        expected = _strings(law.chances, declare, context)
        found.append((compare(law.chances, expected, law.unexplored, budget), context))
    worst, context = max(found, key=lambda one: one[0].tv)
    unexplored = max(one.unexplored for one, _ in found)
    said = budget.verdict(worst.tv, unexplored)
    words = budget.words(worst.tv)
    return Report(
        said,
        "exact law",
        tv=worst.tv,
        counterexample=_example(worst, context) if said == "lossy" else None,
        diagnosis=_named(worst, declare(context)) if said == "lossy" else None,
        unexplored=unexplored,
        tolerance=budget.tolerance,
        cases=len(found),
        notes=(words,) if words else (),
        subject=subject,
    )


def _once(take: Callable[[tuple[int, ...], Any], Any], context: tuple[int, ...]) -> Any:
    return take(context, numpy_rng())


def _row(outcome: Any) -> Any:
    """One token as a tuple of one."""
    return outcome if isinstance(outcome, tuple | Crash) else (outcome,)


def _strings(
    came: Any, declare: Callable[[tuple[int, ...]], np.ndarray], context: tuple[int, ...]
) -> dict[Any, float]:
    """The declared law of strings as long as those that came."""
    lengths = {len(text) for text in came if not isinstance(text, Crash)} or {1}
    due: dict[Any, float] = {(): 1.0}
    for _ in range(max(lengths)):
        due = {
            (*text, token): chance * float(p)
            for text, chance in due.items()
            for token, p in enumerate(declare((*context, *text)))
            if p > 0
        }
    return due


def _example(found: Comparison, context: tuple[int, ...]) -> Counterexample:
    return Counterexample({"context": list(context)}, found.rows[:20], found.tv)


def _named(found: Comparison, declared: np.ndarray) -> Diagnosis:
    """Words for how the law of the first token differs from the declared one."""
    came = np.zeros(len(declared))
    for text, chance, _ in found.rows:
        if isinstance(text, Crash):
            return Diagnosis(
                "crash", f"The drafter raised {text.kind}: {text.message}", "Make it draw a token."
            )
        if 0 <= text[0] < len(came):
            came[text[0]] += chance
    return Diagnosis("draft", _words(came, declared), DECLARE)


def _words(came: np.ndarray, declared: np.ndarray) -> str:
    if came.max() > 1 - 1e-9:
        if came.argmax() == declared.argmax():
            return "The most likely token is taken, not drawn, while a whole law is declared."
        return "One token is chosen, not drawn, while a whole law is declared."
    if (came[declared > 0] == 0).any():
        inside = np.where(came > 0, declared, 0)
        if abs(inside / inside.sum() - came).max() < 1e-6:
            return "The law is filtered (top-k, top-p or a mask) before drawing, and declared unfiltered."
    if (declared[came > 0] == 0).any():
        inside = np.where(declared > 0, came, 0)
        if inside.any() and abs(inside / inside.sum() - declared).max() < 1e-6:
            return "The declared law is filtered (top-k, top-p or a mask), the one that is drawn from is not."
    power = _power(came, declared)
    if power is not None:
        return f"The token is drawn at {1 / power:.3g} times the temperature of the declared law."
    if abs(np.sort(came) - np.sort(declared)).max() < 1e-9:
        return "The declared law lists the tokens in another order than the one that is drawn from."
    if abs(came - declared).max() < 0.01 * declared.max():
        return "The law that is drawn from was rounded, as in bfloat16; the declared one was not."
    return "The token is not drawn from the declared law."


def _power(came: np.ndarray, declared: np.ndarray) -> float | None:
    """b where came is proportional to declared ** b, None where there is none."""
    both = (came > 0) & (declared > 0)
    if both.sum() < 2 or not ((came > 0) == (declared > 0)).all():
        return None
    x, y = np.log(declared[both]), np.log(came[both])
    spread = x - x.mean()
    if abs(spread).max() < 1e-9:
        return None
    power = float(spread @ y / (spread @ spread))
    return power if power > 0 and abs(y - y.mean() - power * spread).max() < 1e-6 else None


def _sampled(
    take: Callable[[tuple[int, ...], Any], Any],
    declare: Callable[[tuple[int, ...]], np.ndarray],
    contexts: Sequence[tuple[int, ...]],
    test: EProcess,
    most: int,
    rng: Any,
    subject: str,
    why: str,
) -> Report:
    """Each token against the declared law; every draw opens a text of its own."""
    while test.tokens < most and not test.rejected:
        for context in contexts:
            tokens = np.atleast_1d(plain(take(context, rng))).tolist()
            test.read(tokens, np.stack([declare((*context, *tokens[:i])) for i in range(len(tokens))]))
            if test.rejected:
                break
    return verdict(test, subject, f"sampled, since {why}")
