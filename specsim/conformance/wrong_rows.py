"""The right rule on wrong rows: shifted, swapped, softmaxed twice, rounded, of another request."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np

from .anatomy import Seen
from .wholes import Rows, Whole, tokenwise

Change = Callable[[Seen], tuple[Rows, Rows]]


def _on(kind: str, words: str, change: Change) -> Whole:
    """The right rule on wrong rows."""
    return Whole(kind, words, lambda seen: tokenwise(*change(seen), seen.tokens))


def _next(rows: Rows) -> Rows:
    return np.concatenate([rows[1:], rows[-1:]])


def _before(rows: Rows) -> Rows:
    return np.concatenate([rows[:1], rows[:-1]])


def _normal(rows: Rows) -> Rows:
    return rows / rows.sum(axis=-1, keepdims=True)


def _bfloat16(rows: Rows) -> Rows:
    bits = rows.astype(np.float32).view(np.uint32)
    return (
        ((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000).astype(np.uint32).view(np.float32).astype(float)
    )


def _float16(rows: Rows) -> Rows:
    return rows.astype(np.float16).astype(float)


def _smoothed(share: float) -> Whole:
    return _on(
        "arithmetic",
        f"{share:g} is added to all probabilities of the target.",
        lambda s: (_normal(s.target + share), s.draft),
    )


def _warmed(temperature: float) -> Whole:
    return _on(
        "row",
        f"The target is used at temperature {temperature:g}, the draft as it is.",
        lambda s: (_normal(s.target ** (1 / temperature)), s.draft),
    )


ROWS = (
    _on("row", "The target's rows are read one position late.", lambda s: (_next(s.target), s.draft)),
    _on("row", "The target's rows are read one position early.", lambda s: (_before(s.target), s.draft)),
    _on("row", "The draft's rows are read one position late.", lambda s: (s.target, _next(s.draft))),
    _on("row", "The draft's rows are read one position early.", lambda s: (s.target, _before(s.draft))),
    _on("row", "The target's rows are read backwards.", lambda s: (s.target[::-1], s.draft)),
    _on("row", "The draft's rows are read backwards.", lambda s: (s.target, s.draft[::-1])),
    _on(
        "row",
        "The target's first row is used everywhere.",
        lambda s: (s.target[:1].repeat(s.n + 1, 0), s.draft),
    ),
    _on(
        "row",
        "The target's probabilities go through a second softmax.",
        lambda s: (_normal(np.exp(s.target)), s.draft),
    ),
    _on(
        "row",
        "The draft's probabilities go through a second softmax.",
        lambda s: (s.target, _normal(np.exp(s.draft))),
    ),
    _on(
        "row",
        "The probabilities of both go through a second softmax.",
        lambda s: (_normal(np.exp(s.target)), _normal(np.exp(s.draft))),
    ),
    _on(
        "row",
        "The target is normalised over positions instead of over tokens.",
        lambda s: (s.target / s.target.sum(axis=0, keepdims=True).clip(1e-300), s.draft),
    ),
    *(
        _on(
            "row", f"The {side} is read with ids shifted by {shift}: another order of the vocabulary.", change
        )
        for shift in (1, -1)
        for side, change in (
            ("target", lambda s, k=shift: (np.roll(s.target, k, -1), s.draft)),
            ("draft", lambda s, k=shift: (s.target, np.roll(s.draft, k, -1))),
        )
    ),
    _on("arithmetic", "The laws are rounded to float16.", lambda s: (_float16(s.target), _float16(s.draft))),
    _on(
        "arithmetic", "The laws are rounded to bfloat16.", lambda s: (_bfloat16(s.target), _bfloat16(s.draft))
    ),
    _on("arithmetic", "The target is rounded to float16.", lambda s: (_float16(s.target), s.draft)),
    _on("arithmetic", "The target is rounded to bfloat16.", lambda s: (_bfloat16(s.target), s.draft)),
    *map(_smoothed, (1e-1, 1e-2, 1e-3, 1e-4, 1e-5)),
    *map(_warmed, (0.5, 0.6, 0.7, 0.8, 0.9, 1.2, 1.5, 2.0)),
)
"""The right rule on wrong rows."""


def of_mates(rounds: Sequence[Seen]) -> Iterator[Whole]:
    """The right rule on rows of the other requests of the batch."""
    for b in range(max((len(seen.mates) for seen in rounds), default=0)):
        yield _on("row", "The draft's rows are those of another request.", partial(_with_drafts, b))
        yield _on("row", "The target's rows are those of another request.", partial(_with_targets, b))


def _with_drafts(b: int, seen: Seen) -> tuple[Rows, Rows]:
    return seen.target, _mate(seen, b)[1]


def _with_targets(b: int, seen: Seen) -> tuple[Rows, Rows]:
    return _mate(seen, b)[0], seen.draft


def _mate(seen: Seen, b: int) -> tuple[Rows, Rows]:
    return seen.mates[b % len(seen.mates)] if seen.mates else (seen.target, seen.draft)
