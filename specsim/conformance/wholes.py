"""Laws of whole rounds, to be held against what came out: the right rule, and pieces for others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from .anatomy import Seen
from .readings import Tokens

Law = dict[Tokens, float]
Rows = np.ndarray


@dataclass(frozen=True)
class Whole:
    """kind: of a Diagnosis. words: what the code does. predicted: the law of a round under it."""

    kind: str
    words: str
    predicted: Callable[[Seen], Law]


def chances(target: Rows, draft: Rows, tokens: Tokens) -> list[float]:
    """The chance min(1, target / draft) of each drafted token; where the draft's law is 0, all or nothing."""
    return [min(1.0, p[x] / q[x]) if q[x] > 0 else float(p[x] > 0) for p, q, x in zip(target, draft, tokens)]


def owed(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """norm((p - q)_+), p where nothing is left."""
    rest = np.maximum(p - q, 0)
    rest = rest if rest.sum() > 0 else p
    return rest / rest.sum()


def lasts(target: Rows, draft: Rows) -> list[np.ndarray]:
    """The law after each number of kept tokens."""
    return [*(owed(p, q) for p, q in zip(target, draft)), target[-1] / target[-1].sum()]


def stopping(keep: Sequence[float]) -> list[float]:
    """The chance of each number of kept tokens, tests being independent."""
    return [*(prod(keep[:i]) * (1 - keep[i]) for i in range(len(keep))), prod(keep)]


def emissions(tokens: Tokens, stop: Sequence[float], last: Sequence[np.ndarray]) -> Law:
    """The law of kept tokens and one more."""
    law: Law = {}
    for kept, chance in enumerate(stop):
        add(law, tokens[:kept], chance, last[kept])
    return law


def add(law: Law, begin: Tokens, chance: float, last: np.ndarray) -> None:
    """Add emissions of `begin` and one token more."""
    for token in np.flatnonzero(last > 0).tolist():
        text = (*begin, token)
        law[text] = law.get(text, 0.0) + chance * float(last[token])


def tokenwise(target: Rows, draft: Rows, tokens: Tokens) -> Law:
    """The right rule on any rows."""
    return emissions(tokens, stopping(chances(target, draft, tokens)), lasts(target, draft))


def apart(came: Law, predicted: Law) -> float:
    """Total variation of two laws of emissions."""
    return sum(abs(came.get(key, 0.0) - predicted.get(key, 0.0)) for key in {*came, *predicted}) / 2
