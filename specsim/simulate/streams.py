"""Uniforms for sequences: the r-th round of sequence i gets the same ones whatever is simulated beside it.

Each round number has a generator of its own, derived from one seed, whose outputs are dealt to the sequences
in order, `width` to each. PCG64 can jump ahead, so any block of sequences is reached directly: results do not
depend on how sequences are grouped, nor on how many there are.

>>> streams = Streams(np.random.default_rng(7))
>>> together = streams.block(round=3, first=0, count=5, width=2)
>>> bool((streams.block(round=3, first=4, count=1, width=2) == together[4:]).all())
True
"""

import numpy as np


class Streams:
    """Uniforms by (round, sequence). rng: where the seed of all of them is drawn from."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._seed = [int(word) for word in rng.integers(0, 2**63, size=2)]

    def block(self, round: int, first: int, count: int, width: int) -> np.ndarray:
        """Uniforms (count, width) of one round of the sequences first..first + count - 1."""
        bits = np.random.PCG64(np.random.SeedSequence(self._seed, spawn_key=(round,)))
        bits.advance(first * width)
        return np.random.Generator(bits).random((count, width))

    def of(self, sequence: int, rounds: int, width: int) -> np.ndarray:
        """Uniforms (rounds, width) of the first rounds of one sequence."""
        return np.concatenate([self.block(r, sequence, 1, width) for r in range(rounds)])
