"""Are the texts of a batch independent of each other, and is each of the law that it has alone?

The joint law of a batch is the product of the laws of its requests. Rows that are mixed up show in the law of
one text, random numbers that are shared only in the joint law.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

from ..comparing import Comparison
from ..engine import Crash, Unsupported
from ..readings import Unreadable
from ..report import Diagnosis, Report
from .asking import Caller, Clock, held, reported

PROMPTS = ((0, 1), (1, 0))


def check_batch(
    generate: Callable[..., Any],
    *,
    arguments: Mapping[str, Any] | None = None,
    length: int = 2,
    seconds: float = 60.0,
    **options: Any,
) -> Report:
    """Whether generate(target, draft, [prompt, prompt], ...) returns a list of texts with the right law.

    arguments, options: as for `check_generator_exactly`. Raises ValueError where no list of texts comes back.

    >>> from specsim.conformance.gallery import GALLERY
    >>> check_batch(GALLERY["C12"].run).verdict
    'exact'
    """
    clock = Clock(seconds)
    subject = getattr(generate, "__qualname__", type(generate).__name__)
    compared, inputs = [], []
    try:
        caller = Caller(generate, arguments, options)
        for prompts in (PROMPTS, PROMPTS[:1] * 2):
            compared.append(_compared(caller, prompts, length, clock))
            inputs.append({"prompts": list(prompts), "max_new_tokens": length})
    except Unsupported as refused:
        return Report("unknown", "exact law", unexplored=1.0, notes=(str(refused),), subject=subject)
    except Unreadable:
        raise ValueError("given a list of prompts, a generator returns a list of texts") from None
    report = reported(caller, compared, inputs)
    return report if report.verdict != "lossy" else replace(report, diagnosis=batch_fault(compared))


def _compared(caller: Caller, prompts: tuple[Any, ...], length: int, clock: Clock) -> Comparison:
    raw = caller.law(lambda: caller(caller.instance(), prompts, length, caller.source()), clock.left)
    found = raw.map(lambda one: one if isinstance(one, Crash) else caller.texts(one, prompts, length))
    alone = [caller.due(prompt, length) for prompt in prompts]
    due = {texts: _chance(alone, texts) for texts in product(*alone)}
    return held(found, due)


def _chance(alone: list[dict[Any, float]], texts: tuple[Any, ...]) -> float:
    chance = 1.0
    for law, text in zip(alone, texts):
        chance *= law[text]
    return chance


def batch_fault(compared: Sequence[Comparison]) -> Diagnosis:
    """What explains joint laws of texts that are off: an error, one row, or how the rows hang together."""
    crashed = [one for one in compared if one.crashed]
    if crashed:
        crash = next(key for key, came, _ in crashed[0].rows if isinstance(key, Crash) and came)
        return Diagnosis(
            "crash", f"With a batch it raises {crash.kind}: {crash.message}", "Take several prompts."
        )
    for one in compared:
        for row in range(len(one.rows[0][0])):
            if _off(one, row) > 1e-9:
                words = f"In a batch, request {row} has another law than alone."
                return Diagnosis(
                    "row", words, "Take laws, contexts and counts of every request from its own row."
                )
    words = "Requests of a batch share random numbers: each has its law, but not independently of the others."
    return Diagnosis("randomness", words, "Draw every request's random numbers for itself.")


def _off(found: Comparison, row: int) -> float:
    """How far the law of one request's text is off."""
    excess: dict[Any, float] = {}
    for texts, came, due in found.rows:
        excess[texts[row]] = excess.get(texts[row], 0.0) + came - due
    return sum(map(abs, excess.values())) / 2
