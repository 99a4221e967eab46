"""What rounds cost here and now: running medians of the seconds that they took.

A round that drafts g tokens takes g draft steps and one verification, whose time depends on g as the machine
will have it: in steps, and not always upwards, where another matrix kernel takes over. So the time of a draft
step is one median, and the time of a verification one for each length that was met. Between lengths that were
met it is interpolated, beyond them it is that of the nearest, which makes longer drafts look cheap until one
has been tried.
"""

from collections import defaultdict, deque
from statistics import median

import numpy as np

from ..generation import Round

RECENT = 15
"""How many rounds of one kind are remembered."""


class Clock:
    """Times of rounds, learned from them. rounds: how many it has seen.

    >>> clock = Clock()
    >>> clock.learn(Round(2, 1, 2, 0.5, 5.0, 0.0), 2)            # the first one reads the prompt
    >>> clock.learn(Round(2, 1, 2, 0.2, 1.0, 0.5), 2)
    >>> clock.learn(Round(4, 1, 2, 0.4, 2.0, 0.5), 4)
    >>> [round(time, 3) for time in clock.times(5)]
    [1.5, 1.6, 1.7, 2.3, 2.9, 3.0]
    """

    def __init__(self) -> None:
        self.rounds = 0
        self._steps: deque[float] = deque(maxlen=RECENT)
        self._passes: dict[int, deque[float]] = defaultdict(lambda: deque(maxlen=RECENT))

    def learn(self, round: Round, deepest: int) -> None:
        """One round, whose longest draft has `deepest` tokens."""
        self.rounds += 1
        if self.rounds == 1:
            return
        if deepest:
            self._steps.append(round.draft_seconds / deepest)
        self._passes[deepest].append(round.verify_seconds + round.other_seconds)

    def times(self, most: int) -> list[float] | None:
        """Of rounds that draft 0, 1, ..., most tokens; None as long as nothing is known."""
        if not self._steps:
            return None
        met = sorted(self._passes)
        lengths = np.arange(most + 1)
        passes = np.interp(lengths, met, [median(self._passes[n]) for n in met])
        return list((passes + median(self._steps) * lengths).tolist())
