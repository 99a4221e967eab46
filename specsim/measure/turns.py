"""Contenders take turns, in an order that is drawn anew each time.

A machine that does other work drifts by a factor of two within minutes. What is run one after the other then
compares the weather; so all contenders run in every turn, and ratios are taken within a turn.
"""

import random
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from statistics import quantiles
from typing import Any, TypeVar

from tqdm import tqdm

from ..decode.timing import processor_seconds, timed_by

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Spread:
    """The median of what prompts or turns gave, and the quartiles around it.

    >>> spread([1.0, 2.0, 3.0])
    Spread(median=2.0, low=1.5, high=2.5)
    """

    median: float
    low: float
    high: float


def spread(values: list[float]) -> Spread:
    """Median and quartiles of at least two values."""
    low, middle, high = quantiles(values, n=4, method="inclusive")
    return Spread(middle, low, high)


def interleaved(
    contenders: Mapping[Key, Callable[[int], Any]], turns: int, seed: int, progress: str | None = None
) -> dict[Key, list[tuple[Any, float]]]:
    """What each contender returned in each turn, and the seconds that it took.

    contenders: functions of the number of the turn. progress: what to say beside a bar; None: no bar.
    """
    taken: dict[Key, list[tuple[Any, float]]] = {key: [] for key in contenders}
    shuffle, clock = random.Random(seed).sample, processor_seconds()
    plan = [(turn, key) for turn in range(turns) for key in shuffle(list(contenders), len(contenders))]
    hidden = None if progress else True
    for turn, key in tqdm(plan, desc=progress, delay=2, disable=hidden, leave=False):
        start = clock()
        with timed_by(clock):
            found = contenders[key](turn)
        taken[key].append((found, clock() - start))
    return taken
