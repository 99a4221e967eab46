"""Rejections against bias: what no token-wise rule can undercut, for one token and for a whole text.

For one token the front is a straight line: rejected + bias = TV(target, draft), from the exact rule (TV, 0)
to the draft taken as it is (0, TV).

For a text of T tokens let the bias be the total variation between the law E of the emitted text and that of
the target's. A token-wise rule that emits E keeps at most min(E, draft) at each step, so it has to reject

    R(E) = sum over n of E_{s ~ E}[TV(E_n(s), draft_n(s))]
         = sum over prefixes x of (E(x) - E(x') draft(x | x'))_+,     x' being x without its last token.

R is convex in the masses E(x), and so is the bias. The front is traced by the linear programmes over strings

    min over E of R(E) + price TV(E, target),   price >= 0.

On pairs of finite order strings need not be listed: a prefix matters only through its state s and the two
masses that it carries, and of these only the ratio z = emitted / target, since doubling both doubles what
lies ahead. The least price v_n(s, z) per unit of target mass obeys, with v = price (1 - z)_+ after the end,

    v_n(s, z) = min over e, sum over x of e_x = z, of
                sum over x of (e_x - z draft(x))_+ + target(x) v_{n+1}(s x, e_x / target(x)).

It is convex in z, so the minimum takes the cheapest increments of e first. Here v is kept at fixed ratios and
joined by straight lines; a line is a rule that flips a coin between two ratios, so every point computed
belongs to an actual rule, and can only lie above the front.

At a price of at most 1 the draft as it is costs least, for R(E) is at least the total variation of E and the
draft's texts: a rejection buys at most one unit of bias. From a price of 2 T - 1 on exactness costs least,
for the n-th term of R(E) is a distance of two laws each of which moves by at most the bias, and in the first
term only one of them does.

>>> from specsim.models import load_pair
>>> front = text_pareto_front(load_pair("bernoulli"), 4, prices=[0.5, 1.5, 4])
>>> front.rejected.round(3), front.bias.round(3)
(array([0.   , 0.   , 1.263]), array([0.481, 0.481, 0.018]))

Yin, Chen, Huang and Wang 2024 (2411.00841), Theorem 5, and the problem (27) that they leave open.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from specsim.core.arrays import Array, namespace

from .overlap import total_variation
from .positions import Pair, Position, positions, whole


class Front(NamedTuple):
    """Corners (..., K) of a convex front, from the one without rejections to the one without bias."""

    rejected: Array
    bias: Array


def pareto_front(target: Any, draft: Any) -> Front:
    """The front of rejections against bias at one position: the line from (0, TV) to (TV, 0).

    target, draft: (..., V) laws. Returns its two ends, each (..., 2). `decoding_opt` lies on it for every
    epsilon. Raises ValueError for what is no law.

    >>> pareto_front([0.5, 0.3, 0.2], [0.2, 0.5, 0.3])
    Front(rejected=array([0. , 0.3]), bias=array([0.3, 0. ]))

    Yin et al. 2024 (2411.00841), Theorem 5.
    """
    distance = total_variation(target, draft)
    distance = distance if hasattr(distance, "dtype") else np.asarray(distance)
    stack = namespace(distance).stack
    return Front(stack([0 * distance, distance], axis=-1), stack([distance, 0 * distance], axis=-1))


def text_pareto_front(
    pair: Pair, horizon: int, *, prices: Sequence[float] | None = None, ratios: int = 32
) -> Front:
    """Corners of the front of expected rejections against bias for texts of `horizon` tokens.

    bias: total variation between the laws of whole texts. prices: rejections that a unit of bias is worth,
    one corner each; by default twenty-one from 1/2 to 2 horizon. ratios: how finely emitted / target is
    resolved; corners lie above the front, at 32 by less than 1 % where linear programmes can tell. In floats,
    for small vocabularies. Raises ValueError as `expected_rejections` does, or for a price below 0.

    >>> from specsim.models import load_pair
    >>> front = text_pareto_front(load_pair("toy"), 1, prices=[0.5, 2])
    >>> front.rejected.round(12), front.bias.round(12)
    (array([0. , 0.3]), array([0.3, 0. ]))

    The problem (27) of Yin et al. 2024 (2411.00841).
    """
    places = list(positions(pair, horizon))
    knots = _knots(places, whole("ratios", ratios))
    if prices is None:
        prices = [0.5, *np.geomspace(1.05, 2 * len(places), 20)]
    if not all(price >= 0 for price in prices):
        raise ValueError(f"prices must be at least 0, got {list(prices)}; pass rejections per unit of bias")
    corners = np.array([_cheapest(places, knots, price) for price in sorted(prices)])
    return Front(corners[:, 0], corners[:, 1])


def _knots(places: list[Position], count: int) -> list[np.ndarray]:
    """The ratios at which v is kept, before each position and after the last.

    Everywhere the same ones, closest around 1. And those from which following the draft leads to ratio 1:
    times target / draft for each token on the way back; a choice of them where they are many.
    """
    half, finest, widest = max(count // 2, 1), 0.02, 6.0  # of log z
    grid = np.exp(finest * np.sinh(np.arcsinh(widest / finest) * np.arange(-half, half + 1) / half))
    reached, knots = np.ones(1), [np.append(0, grid)]
    for place in reversed(places):
        both = (place.target != 0) & (place.draft != 0)
        steps = _apart((place.target[both] / place.draft[both]).astype(float))
        reached = _apart(np.multiply.outer(steps, reached).reshape(-1))
        reached = reached[abs(np.log(reached)) <= widest][:: -(-len(reached) // count)]
        knots.append(np.append(0, _apart(np.concatenate([[1.0], reached, grid]))))
    return knots[::-1]


def _apart(ratios: np.ndarray) -> np.ndarray:
    """The ratios in order, the first of those that nearly coincide: so slopes between them are accurate."""
    _, first = np.unique(np.log(ratios).round(4), return_index=True)
    return ratios[first]


def _cheapest(places: list[Position], knots: list[np.ndarray], price: float) -> np.ndarray:
    """(rejections, bias) of a whole text at this price: backward from its end to the empty prefix, z = 1."""
    missing = np.tile(np.maximum(1 - knots[-1], 0), (places[-1].size, 1))
    ahead = np.stack([0 * missing, missing])
    for place, here, there in zip(places[::-1], knots[-2::-1], knots[:0:-1]):
        target, draft, after = place.target.astype(float), place.draft.astype(float), place.after
        rows = [
            _spend(target[s], draft[s], ahead[:, after[s]], here, there, price) for s in range(len(target))
        ]
        ahead = np.stack(rows, axis=1)
    return ahead[:, 0, np.searchsorted(knots[0], 1)]


def _spend(
    target: np.ndarray,
    draft: np.ndarray,
    ahead: np.ndarray,
    here: np.ndarray,
    there: np.ndarray,
    price: float,
) -> np.ndarray:
    """(rejections, bias) (2, K) ahead of a state at the ratios `here`, given those (2, V, L) `there`.

    Mass e_x is built up from 0 in increments between ratios. An increment costs what lies ahead, and one
    rejection more per unit above z draft(x). All increments are taken in the order of their price.
    """
    slopes = np.concatenate([np.diff(ahead) / np.diff(there), 0 * ahead[..., :1]], axis=-1)  # (2, V, L)
    begins = target[:, None] * there  # (V, L)
    widths = np.diff(begins, append=begins[:, -1:] + 2 * here[-1])
    free = np.clip((here[:, None] * draft)[..., None] - begins, 0, widths)  # (K, V, L)
    sizes = np.stack([free, widths - free], axis=1).reshape(len(here), -1)
    gains = np.stack([slopes, slopes + np.array([1, 0])[:, None, None]], axis=1).reshape(2, -1)
    order = np.argsort(gains[0] + price * gains[1], kind="stable")
    sizes, gains = sizes[:, order], gains[:, order]
    taken = np.clip(here[:, None] - (np.cumsum(sizes, axis=1) - sizes), 0, sizes)
    return gains @ taken.T + (ahead[..., 0] @ target)[:, None]
