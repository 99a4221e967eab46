"""How often are drafted tokens kept, by how likely the draft found them? Learned from one text, as it goes.

A round that keeps k tokens has tested the first k + 1: k were kept, and the next one, if there was one, was
not; those behind it say nothing. Tokens are put into bins by the chance q that the draft gave them, and

    keep(q) = (kept in the bin of q + BIN alpha) / (tested there + BIN)
    alpha = (kept + WEIGHT PRIOR) / (tested + WEIGHT)

so that a bin of which little is known answers with the mean over all tokens, and a text of which little is
known with PRIOR. All counts fade from round to round: texts change, and a draft that was given up is tried
again.
"""

from collections.abc import Sequence

BINS = 8
WEIGHT = 8.0
"""How many tested tokens PRIOR counts for."""

BIN = 16.0
"""How many tested tokens the mean counts for in each bin."""

PRIOR = 0.7
"""The share of kept tokens that is assumed of a text that begins."""

FADE = 0.98
"""What a round counts for, one round later."""


class Keeping:
    """Chances that drafted tokens are kept. alpha: of one of which nothing is known.

    >>> keeping = Keeping()
    >>> for _ in range(100):
    ...     keeping.learn([0.9, 0.1, 0.9], 1)             # likely ones kept, unlikely ones not
    >>> [round(chance, 2) for chance in (keeping.chance(0.9), keeping.chance(0.1), keeping.alpha)]
    [0.87, 0.14, 0.52]
    """

    def __init__(self) -> None:
        self._kept, self._tested = [0.0] * BINS, [0.0] * BINS
        self.alpha = PRIOR

    def chance(self, likely: float) -> float:
        """Of a token that the draft drew with this chance."""
        own = _bin(likely)
        return (self._kept[own] + BIN * self.alpha) / (self._tested[own] + BIN)

    def learn(self, chances: Sequence[float], kept: int) -> None:
        """One round: the draft's chances of its tokens, and how many of these were kept."""
        self._kept = [FADE * count for count in self._kept]
        self._tested = [FADE * count for count in self._tested]
        for i, chance in enumerate(chances[: kept + 1]):
            self._tested[_bin(chance)] += 1
            self._kept[_bin(chance)] += i < kept
        self.alpha = (sum(self._kept) + WEIGHT * PRIOR) / (sum(self._tested) + WEIGHT)


def _bin(chance: float) -> int:
    return min(int(chance * BINS), BINS - 1)
