"""What a pass costs by itself: v(n) over n tokens, for one text or several, and c of a draft.

Behind a text that has been read, a session reads n more tokens and forgets them again. Everything is measured
in turns; v is the median over turns of the ratio to one token of one text in the same turn.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np

from ..models import session
from .turns import interleaved

SIZES = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 24, 32, 48, 64)
"""How many tokens a pass reads."""

BATCHES = (1, 2, 4, 8)
"""For how many texts."""

LEAST, MOST = 3, 25
"""Turns, however long they take or however short they are."""

What = tuple[str, int, int]
"""The target "" or the name of a draft; the number of texts; the number of tokens read of each."""


@dataclass(frozen=True)
class Passes:
    """Costs of bare passes.

    seconds: of one token of one text. verify: v(n) by the number of texts, then of tokens. step: c of each
    draft, by its name.
    """

    seconds: float
    verify: dict[int, dict[int, float]]
    step: dict[str, float]

    def v(self, tokens: int) -> float:
        """v at any number of tokens of one text, between those measured on a line."""
        return float(np.interp(tokens, list(self.verify[1]), list(self.verify[1].values())))


def measure_passes(
    target: Any,
    drafts: dict[str, Any],
    text: np.ndarray,
    longest: int,
    budget: float,
    seed: int,
    progress: str | None = None,
) -> Passes:
    """Time passes of the target, of up to `longest` tokens in all, and steps of drafts.

    text: (t,) what stands before. budget: seconds after which no further turn begins, `LEAST` aside.
    """
    sizes = [(rows, n) for rows in BATCHES for n in SIZES if rows * n <= longest]
    whats: list[What] = [("", *size) for size in sizes] + [(name, 1, 1) for name in drafts]
    models = {"": target, **drafts}
    readers = {(name, rows): _reader(models[name], text, rows) for name, rows, _ in whats}
    contenders = {what: _passing(readers[what[:2]], text, *what[1:]) for what in whats}
    once = interleaved(contenders, 1, seed)  # to warm up
    turns = int(budget / sum(seconds for ((_, seconds),) in once.values()))
    taken = interleaved(contenders, min(MOST, max(LEAST, turns)), seed, progress)
    return _passes({what: [seconds for _, seconds in each] for what, each in taken.items()}, sizes, drafts)


def _reader(model: Any, text: np.ndarray, rows: int) -> Any:
    reader = session(model, None, rows)
    reader.extend(np.tile(text, (rows, 1)), keep=1)
    return reader


def _passing(reader: Any, text: np.ndarray, rows: int, count: int) -> Callable[[int], None]:
    new, length = np.tile(np.resize(text, count), (rows, 1)), reader.length

    def run(turn: int) -> None:
        reader.extend(new)
        reader.rewind(length)

    return run


def _passes(
    seconds: dict[What, list[float]], sizes: Sequence[tuple[int, int]], drafts: Iterable[str]
) -> Passes:
    one = seconds["", 1, 1]

    def ratio(what: What) -> float:
        return median(own / unit for own, unit in zip(seconds[what], one))

    verify = {
        rows: {n: ratio(("", rows, n)) for some, n in sizes if some == rows}
        for rows in dict.fromkeys(rows for rows, _ in sizes)
    }
    return Passes(median(one), verify, {name: ratio((name, 1, 1)) for name in drafts})
