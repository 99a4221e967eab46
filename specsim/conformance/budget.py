"""What rounding may explain, and what it may not.

If the laws that a verifier works with are off by rounding, so is what it emits, and by no more: keeping or
replacing a token is a Markov kernel, and kernels do not increase total variation. With target^ and draft^ the
rounded rows,

    TV(emitted, target)  <=  TV(target^, target) + TV(drawn from, draft^) + lattice

per position, and over n positions at most n times that. Float64 leaves 1e-15, float32 1e-7, half types 1e-3,
while a wrong rule costs 1e-2 to 1: the line between arithmetic and algorithm lies in the gap.

>>> DOUBLE.verdict(1e-14, 0.0), DOUBLE.verdict(3e-8, 0.0), DOUBLE.verdict(1e-3, 0.0), DOUBLE.verdict(0.0, 0.5)
('exact', 'exact', 'lossy', 'unknown')
>>> DOUBLE.words(3e-8)
'the law is off by 3e-08, as arithmetic in float32 explains'
"""

from dataclasses import dataclass

FLOAT64 = 1e-12
FLOAT32 = 1e-6

EDGE = 2.0**-50
"""Up to this chance a token of target probability 0 is remarked on and no fault: one point of a float64
uniform, as `coin <= ratio` or the ends of a cumulative sum give it. A float32 coin is 0 once in 2^24."""
EDGE_FLOAT32 = 2.0**-21
"""The same where tensors in float32 are drawn from: the ends of a cumulative sum only."""


@dataclass(frozen=True)
class Budget:
    """exactly: differences up to this are none. tolerance: up to this they are arithmetic."""

    exactly: float = FLOAT64
    tolerance: float = FLOAT32

    def verdict(self, tv: float, unexplored: float) -> str:
        """ "lossy" if rounding cannot explain what was seen, "unknown" if the unseen part might not be."""
        if tv > self.tolerance:
            return "lossy"
        return "exact" if tv + unexplored <= self.tolerance else "unknown"

    def words(self, tv: float) -> str | None:
        """What rounding did, None where nothing is to be seen of it."""
        if tv <= self.exactly or tv > self.tolerance:
            return None
        return f"the law is off by {tv:.2g}, as arithmetic in float32 explains"


DOUBLE = Budget()
"""The default: float32 arithmetic is allowed for, half precision is not."""
