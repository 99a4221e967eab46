"""Two laws held against each other, with what was not looked at and what rounding may explain.

An emitted text is compared after it has been completed: whatever a round emitted, the target goes on until
the horizon. A decoder is exact if and only if that is the target's own law of texts, however many tokens
each round emits. So a decoder without a bonus token passes, and one that keeps the right share of each
token but not of each pair does not.

    TV = sum over texts of (came - due)_+        a lower bound where some probability was not looked at

>>> coin = {(0,): 0.5, (1,): 0.5}
>>> compare({(0,): 0.75, (1,): 0.25}, coin).verdict
'lossy'
>>> compare({(0,): 0.5, (1,): 0.4}, coin, unexplored=0.1).verdict
'unknown'
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import fsum
from typing import Any

from .budget import DOUBLE, Budget
from .engine import Crash

Texts = Mapping[Any, float]
"""From outcomes to their chances."""

Row = Callable[[tuple[int, ...]], Any]
"""The target's law after some emitted tokens, as an indexable row of chances."""


@dataclass(frozen=True)
class Comparison:
    """How a law differs from the one that is due.

    tv: total variation that was seen; the true one is at most `unexplored` more. forbidden: chance of
    outcomes that must not come at all. crashed: chance that nothing comes. rows: (outcome, came, due),
    largest difference first. verdict: under the budget.
    """

    tv: float
    unexplored: float
    forbidden: float
    crashed: float
    rows: tuple[tuple[Any, float, float], ...]
    verdict: str


def compare(law: Texts, expected: Texts, unexplored: float = 0.0, budget: Budget = DOUBLE) -> Comparison:
    """Compare the law that came out with the one that is due.

    law, expected: {outcome: chance}; law and unexplored sum to 1. An outcome that is a Crash counts as wrong.
    """
    keys = sorted({*law, *expected}, key=lambda key: -abs(law.get(key, 0.0) - expected.get(key, 0.0)))
    rows = tuple((key, law.get(key, 0.0), expected.get(key, 0.0)) for key in keys)
    tv = fsum(came - due for _, came, due in rows if came > due)
    crashed = fsum(came for key, came, _ in rows if isinstance(key, Crash))
    forbidden = fsum(came for key, came, due in rows if due == 0 and not isinstance(key, Crash))
    return Comparison(tv, unexplored, forbidden, crashed, rows, budget.verdict(tv, unexplored))


def completed(emitted: Mapping[Any, float], row: Row, horizon: int) -> dict[Any, float]:
    """The law of texts of `horizon` tokens, each emission gone on with by the target.

    Longer emissions are cut. Crashes and tokens that are not in the vocabulary stay as they are.

    >>> completed({(0,): 0.75, (1, 1): 0.25}, lambda text: [0.5, 0.5], 2)
    {(0, 0): 0.375, (0, 1): 0.375, (1, 1): 0.25}
    """
    parts: dict[Any, list[float]] = {}
    for text, chance in emitted.items():
        for whole, share in endings(text, row, horizon):
            parts.setdefault(whole, []).append(chance * share)
    return {text: fsum(some) for text, some in parts.items()}


def endings(text: Any, row: Row, horizon: int) -> Iterable[tuple[Any, float]]:
    """All texts of `horizon` tokens that begin like this, with their chances; longer texts are cut."""
    if isinstance(text, Crash) or len(text) >= horizon:
        return [(text if isinstance(text, Crash) else text[:horizon], 1.0)]
    law = row(text)
    if not len(law):
        return [(text, 1.0)]
    return [
        (whole, p * share)
        for token, p in enumerate(law)
        if p > 0
        for whole, share in endings((*text, token), row, horizon)
    ]


def texts(row: Row, horizon: int) -> dict[Any, float]:
    """The target's own law of texts of this length."""
    return completed({(): 1.0}, row, horizon)
