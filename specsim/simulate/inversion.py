"""Inverting many small laws fast: a row of cumulative sums as a search tree.

The token that u selects is the number of running sums that do not exceed u times the total, as in
`specsim.core.draw`. Counting takes V comparisons; the sums ascend, so a binary search needs log2 V. Laid out
level by level the search has no branches: from place i it goes to 2 i, plus 1 where the sum at i does not
exceed the level. Sums are those of the core, so that both select the same token for the same uniform; a sum
that equals the total is never passed, even where rounding lifts the level to it.

>>> table = Inversion.of(np.array([[0.5, 0.3, 0.2], [0.0, 0.0, 4.0]]))
>>> table(np.array([0, 0, 0, 1]), np.array([0.0, 0.5, 0.9, 0.0]))
array([0, 1, 2, 2])
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from specsim.core.arrays import Array


@dataclass(frozen=True)
class Inversion:
    """Search trees of R rows. heap: (R * width,), place 0 of a row holds its total; width: a power of 2."""

    heap: Array
    width: int

    @staticmethod
    def of(weights: np.ndarray) -> "Inversion":
        """The table of weights (R, V), each row proportional to a law."""
        running = np.cumsum(weights, axis=-1, dtype=np.float64)
        count, vocabulary = running.shape
        width = 2 ** max(1, (vocabulary - 1).bit_length())
        ascending = np.full((count, width - 1), np.inf)
        ascending[:, : vocabulary - 1] = np.where(running < running[:, -1:], running, np.inf)[:, :-1]
        heap = np.concatenate([running[:, -1:], ascending[:, _levels(width)]], axis=1)
        return Inversion(heap.ravel(), width)

    def scattered(self, rows: np.ndarray, count: int) -> "Inversion":
        """A table of `count` rows that holds row i of this one at rows[i]."""
        heap = np.zeros((count, self.width))
        heap[rows] = self.heap.reshape(-1, self.width)
        return Inversion(heap.ravel(), self.width)

    def on(self, convert: Callable[[np.ndarray], Array]) -> "Inversion":
        """The same table in another kind of array."""
        return Inversion(convert(self.heap), self.width)

    def __call__(self, row: Array, uniforms: Array) -> Array:
        """The token that each uniform selects from its row. row, uniforms: (B,)."""
        base = row * self.width
        level = uniforms * self.heap[base]
        place = (self.heap[base + 1] <= level) + 2
        for _ in range(self.width.bit_length() - 2):
            place = (self.heap[base + place] <= level) + 2 * place
        return place - self.width


def _levels(width: int) -> np.ndarray:
    """The ascending indices 0..width - 2 in the order of a search tree, level by level.

    >>> _levels(8)
    array([3, 1, 5, 0, 2, 4, 6])
    """
    strides = [width >> depth for depth in range(1, width.bit_length())]
    return np.concatenate([np.arange(stride - 1, width - 1, 2 * stride) for stride in strides])
