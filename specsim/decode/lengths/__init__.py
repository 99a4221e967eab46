"""How many tokens to draft: policies for `generate(..., gamma=policy)`.

    constant      the same number in every round
    schedule      two more after a round that kept all, one less after any other
    confidence    until the draft doubts a token of its own
    optimal       as long as another token is worth its time
    read_lengths  a policy from a text such as "schedule:5", for command lines
    time_per_token, with_hindsight   what rounds would have taken at given costs

The output is exact with any of them (see `policy`). They draft chains.
"""

from .confidence import confidence
from .constant import constant
from .optimal import optimal
from .policy import Lengths, Pace
from .reading import read_lengths
from .regret import time_per_token, with_hindsight
from .schedule import schedule

__all__ = [
    "Lengths",
    "Pace",
    "confidence",
    "constant",
    "optimal",
    "read_lengths",
    "schedule",
    "time_per_token",
    "with_hindsight",
]
