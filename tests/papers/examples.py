"""Pairs on which published algorithms are compared with the rules: usual, equal, disjoint, with memory."""

from collections.abc import Callable
from fractions import Fraction as F

import numpy as np

from specsim.models import Pair, iid, markov, table

Next = Callable[[tuple[int, ...]], list[F]]


def law_after(model) -> Next:
    """A model as a function from a text to a law, a list of fractions."""
    return lambda text: model(np.array([text], dtype=int).reshape(1, -1))[0].tolist()


USUAL = iid([F(1, 2), F(3, 10), F(1, 5)])
PAIRS = {
    "usual": Pair(USUAL, iid([F(1, 5), F(1, 2), F(3, 10)])),
    "equal": Pair(USUAL, USUAL),
    "disjoint": Pair(iid([F(1, 2), F(1, 2), F(0)]), iid([F(0), F(0), F(1)])),
    "zeros": Pair(iid([F(1, 3), F(0), F(2, 3)]), iid([F(3, 4), F(1, 4), F(0)])),
    "markov": Pair(
        markov([F(1, 2), F(1, 2)], [[F(1, 4), F(3, 4)], [F(2, 3), F(1, 3)]]),
        markov([F(1, 4), F(3, 4)], [[F(2, 3), F(1, 3)], [F(2, 3), F(1, 3)]]),
    ),
    "table": Pair(
        table({(): [F(1, 5), F(4, 5)], (1,): [F(1), F(0)], (0, 0): [F(2, 7), F(5, 7)]}, [F(1, 6), F(5, 6)]),
        table({(): [F(3, 5), F(2, 5)], (0,): [F(1, 8), F(7, 8)]}, [F(1, 2), F(1, 2)]),
    ),
}
