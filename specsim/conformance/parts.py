"""Parts of a verifier's law, to be held against formulas: chances to be kept, laws of the last token."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from .anatomy import SEEN, Anatomy, Seen


@dataclass(frozen=True)
class Part:
    """A known mistake in one part. kind: of a Diagnosis. words: what the code does. formula: what the part is
    then, of round and position; None where undefined."""

    kind: str
    words: str
    formula: Callable[[Seen, int], float | np.ndarray | None]


def row_at(rows: np.ndarray, i: int) -> np.ndarray:
    """A row, the nearest one where there is none."""
    return rows[min(max(i, 0), len(rows) - 1)]


Observed = list[tuple[Seen, Anatomy]]


def kept_parts(rounds: Observed) -> Iterator[tuple[Seen, int, float]]:
    """Every position that is reached often enough, with its chance to be kept."""
    for seen, found in rounds:
        for i in range(seen.n):
            if found.reached[i] > SEEN:
                yield seen, i, float(found.kept[i])


def last_parts(rounds: Observed, bonus: bool) -> Iterator[tuple[Seen, int, np.ndarray]]:
    """Every law of a last token: of corrections, or of bonus tokens."""
    for seen, found in rounds:
        for i in [seen.n] if bonus else range(seen.n):
            if seen.n and found.stopped[i] > SEEN and not np.isnan(found.last[i]).any():
                yield seen, i, found.last[i]
