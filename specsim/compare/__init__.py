"""All verification rules on one pair and the same number of drafted tokens: what they keep, what they bend.

>>> from specsim.models import load_pair
>>> found = compare(load_pair("bernoulli"), Options(rules=("token", "block"), drafted=2, rounds=1000))
>>> [(entry.rule, entry.shape, round(entry.tokens.theory.mean, 4)) for entry in found.entries]
[('token', 'chain:2', 2.1111), ('block', 'chain:2', 2.2222), ('token', 'siblings:2', 1.7778),
 ('token', 'siblings:2:distinct', 2.0), ('token', 'siblings:2:top', 2.0), ('token', 'siblings:2:hub', 2.0)]
"""

from .comparison import compare
from .options import Options
from .record import Comparison, Entry, Front, Twice

__all__ = ["Comparison", "Entry", "Front", "Options", "Twice", "compare"]
