"""How many tokens of a text does the verifier reject?

Write T tokens with token-wise verification: the draft runs to the end of the text, the first rejected token
is replaced, the rest of the draft is thrown away and drafted anew; there is no bonus token. In state s the
next token is rejected with chance TV(s), the total variation of the two laws there, and what has been
written follows the target. So, without any independence,

    E[rejections] = sum over n <= T of E_{s ~ target}[TV_n(s)].

Each rejection but one at the very end costs a further pass of the target (`oracle_calls`). No decoder that
decides token by token and emits exactly the target rejects less; block verification, which decides on several
tokens together, does (`rule_cost`).

>>> from specsim.models import Pair, iid
>>> expected_rejections(Pair(iid([F(7, 10), F(3, 10)]), iid([F(1), F(0)])), 10)
Fraction(3, 1)

Yin, Chen, Huang and Wang 2024 (2411.00841).
"""

from fractions import Fraction as F  # noqa: F401  (for the example)
from typing import Any

import numpy as np

from .laws import plain
from .overlap import total_variation
from .positions import Pair, keeper, positions


def expected_rejections(pair: Pair, horizon: int) -> Any:
    """Expected number of rejected tokens among the first `horizon`: sum of E_{s ~ target}[TV_n(s)].

    Exact for independent, Markov, n-gram and table pairs by going through their states; fractions and symbols
    stay exact. Raises ValueError for a horizon below 1, laws that are none, or too many states.

    >>> from specsim.models import load_pair
    >>> round(expected_rejections(load_pair("toy"), 10), 12)
    3.0

    Yin et al. 2024 (2411.00841), Theorem 1; by Theorem 2 the least that token-wise rules can reach.
    """
    distance = keeper(lambda place: total_variation(place.target, place.draft))
    reach, expected = np.ones(1, dtype=int), 0
    for place in positions(pair, horizon):
        expected = expected + reach @ distance(place)
        reach = place.push(reach, place.target)
    return plain(expected)
