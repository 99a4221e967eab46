"""How many drafted tokens can P verified tokens buy at the very best?

Give the drafter perfect knowledge: it knows the target's law, drafts for free, and the target verifies any
tree of P drafted tokens in one pass. If they are chosen beforehand, nothing beats the P texts that are most
probable, and then

    accepted = sum of the probabilities of the P most probable texts.

For tokens that are independent, each of a law with entropy H = -sum t log t and second moment
M = sum t log^2 t, renewal theory says what that is for large P:

    accepted = (log P + log H) / H + M / (2 H^2) - 1 + o(1),

unless all -log t(x) are multiples of one number (a lattice), where accepted oscillates about such a line for
ever. Why: let S_n be the sum of n independent -log t(X). A text of n tokens is probable where S_n <= L, for
some L. So accepted is the expected number of n >= 1 with S_n <= L, which is L / H + M / (2 H^2) - 1, and P,
the expected sum of exp(S_n) over those n, is about exp(L) / H.

>>> law = [0.5, 0.3, 0.2]
>>> round(most_accepted(law, 4096), 3), round(most_accepted_asymptote(law, 4096), 3)
(7.67, 7.669)

The bound in the literature has the slope (1 + M / H) / H in log P, more than the slope 1 / H there is:

>>> round(most_accepted_slope_bound(law) / (1 / entropy(law)), 3)
2.159

All this is for chosen drafts. One that is drawn lets the text depend on it, if its rule is exact, and is not
bound: P tokens drawn one after the other from the target's own law are all kept.
"""

from typing import Any

import numpy as np

from specsim.core import check_laws

from .positions import whole


def most_accepted(law: Any, nodes: int) -> float:
    """Expected drafted tokens kept of the `nodes` most probable texts, for independent tokens of this law.

    law: (V,). Returns the sum of the largest `nodes` probabilities of texts; the extra token is not counted.
    Raises ValueError for what is not a law, or nodes < 1.

    >>> most_accepted([0.5, 0.5], 6), most_accepted([0.75, 0.25], 3)
    (2.0, 1.734375)
    """
    falling, nodes = np.sort(_law(law))[::-1], whole("nodes", nodes)
    least = 1 / max(nodes * _entropy(falling), 1)
    while len(found := _at_least(falling, least, nodes)) < nodes:
        least /= 2
    return float(np.sort(found)[::-1][:nodes].sum())


def most_accepted_asymptote(law: Any, nodes: int) -> float:
    """(log P + log H) / H + M / (2 H^2) - 1, which `most_accepted` approaches for P = `nodes` to infinity.

    law: (V,) with at least two possible tokens, not on a lattice; H its entropy and M = sum law log^2 law, in
    nats. Raises ValueError for a law of one token, and what is not a law.

    >>> round(most_accepted_asymptote([0.75, 0.25], 1000), 3)
    11.118

    Renewal theory: Blackwell's theorem for S_n; for the slope, Pankratov and Alistarh 2025 (2512.11718).
    """
    h, second = entropy(law), _second_moment(law)
    return float((np.log(whole("nodes", nodes)) + np.log(h)) / h + second / (2 * h**2) - 1)


def most_accepted_slope_bound(law: Any) -> float:
    """(H + M) / H^2, the slope in log P of the published bound: accepted <= slope * log P + O(1).

    law: (V,) with at least two possible tokens. The bound is for any source of tokens; for independent ones
    the slope is 1 / H. Raises ValueError for a law of one token, and what is not a law.

    >>> round(most_accepted_slope_bound([0.5, 0.5]), 6)
    2.442695

    Pankratov and Alistarh 2025 (2512.11718).
    """
    h = entropy(law)
    return float((h + _second_moment(law)) / h**2)


def entropy(law: Any) -> float:
    """-sum law log law in nats. Raises ValueError for a law of one token, and what is not a law.

    >>> round(entropy([0.5, 0.5]), 6)
    0.693147
    """
    found = _entropy(_law(law))
    if found == 0:
        raise ValueError(f"law must leave two tokens possible, got {law!r}; of one, all drafted are kept")
    return found


def _entropy(law: np.ndarray) -> float:
    possible = law[law > 0]
    return float(-(possible * np.log(possible)).sum())


def _second_moment(law: Any) -> float:
    values = _law(law)
    possible = values[values > 0]
    return float((possible * np.log(possible) ** 2).sum())


def _law(law: Any) -> np.ndarray:
    values = np.asarray(law, dtype=float)
    check_laws(values, "law")
    return values


def _at_least(falling: np.ndarray, least: float, deepest: int) -> np.ndarray:
    """The probabilities of all texts, of up to `deepest` tokens, that are no smaller than `least`.

    Level by level: of a text of probability q go on those tokens with law >= least / q, the first few.
    """
    levels, level = [], np.ones(1)
    for _ in range(deepest):
        children = len(falling) - np.searchsorted(falling[::-1], least / level)
        start = np.repeat(np.cumsum(children) - children, children)
        level = np.repeat(level, children) * falling[np.arange(len(start)) - start]
        if not len(level):
            break
        levels.append(level)
    return np.concatenate(levels) if levels else level
