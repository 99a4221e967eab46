"""What do M drafts, verified together, save in rejections?

Batch speculative decoding draws M drafts to the end of the text after each rejection. Their first tokens are
tried in turn, each against what those before it have left of the target; the first draft whose first token is
kept is followed alone, and the others are thrown away. So M drafts help at a *root* only: at the first token
and at those right after a rejection. Let

    left_0 = target,   left_m = (left_{m-1} - |left_{m-1}| draft)_+,   |.| = sum over tokens,

so that |left_m| is the chance that m drafts at a root are all rejected, and left_m / |left_m| the law of the
replacement. With f(x_1..x_n) the chance that x_1..x_n is written and its last token is a replacement,

    f(x_1..x_n) = left_1(x_n) [target(x_1..x_{n-1}) - f(x_1..x_{n-1})] + left_M(x_n) f(x_1..x_{n-1}),

begun with f() = 1, because the first position is a root. Summing f over strings gives the chance that token n
is rejected. On a Markov pair f lives on states: horizon V^2 operations.

>>> from specsim.models import Pair, iid
>>> pair = Pair(target=iid([F(2, 3), F(1, 3)]), draft=iid([F(1, 3), F(2, 3)]))
>>> [batch_rejections(pair, 3, drafts=m) for m in (1, 2, math.inf)]
[Fraction(1, 1), Fraction(605, 729), Fraction(5, 9)]

Yin, Chen, Huang and Wang 2024 (2411.00841), Algorithm 4 and Theorem 3 (which leaves f() open).
"""

import math
from fractions import Fraction as F  # noqa: F401  (for the example)
from typing import Any

import numpy as np

from specsim.core.arrays import Array, namespace, positive, total

from .laws import as_laws, plain
from .overlap import total_variation
from .positions import Pair, Position, keeper, positions, whole


def rejection_chances(pair: Pair, horizon: int, *, drafts: float = 1) -> np.ndarray:
    """The chance that token n is rejected and replaced, for n = 1..horizon; shape (horizon,).

    drafts: how many run in parallel, math.inf allowed. Exact as `expected_rejections` is, same errors.

    >>> from specsim.models import load_pair
    >>> rejection_chances(load_pair("toy"), 4, drafts=2).round(4)
    array([0.24  , 0.2856, 0.2829, 0.283 ])

    Yin et al. 2024 (2411.00841), Theorem 3: the sum of f over strings of length n.
    """
    count = _count(drafts)

    def build(place: Position) -> tuple[np.ndarray, ...]:
        once, left = (_leftover(place.target, place.draft, m) for m in (1, count))
        return once, left, once.sum(axis=-1), left.sum(axis=-1)

    prepared, chances = keeper(build), []
    reach = root = np.ones(1, dtype=int)  # target(x_1..x_n) and f(x_1..x_n), summed per state
    for place in positions(pair, horizon):
        once, left, one_rejected, all_rejected = prepared(place)
        chances.append((reach - root) @ one_rejected + root @ all_rejected)
        root = place.push(reach - root, once) + place.push(root, left)
        reach = place.push(reach, place.target)
    return np.array(chances)


def batch_rejections(pair: Pair, horizon: int, *, drafts: float) -> Any:
    """Expected number of rejected tokens among the first `horizon` with M drafts after each rejection.

    drafts: M, math.inf allowed. With one draft it equals `expected_rejections`. Exact for independent,
    Markov, n-gram and table pairs, in fractions or floats; raises ValueError as that does, or for drafts < 1.

    >>> from specsim.models import load_pair
    >>> [round(float(batch_rejections(load_pair("toy"), 10, drafts=m)), 4) for m in (1, 2, 8)]
    [3.0, 2.7896, 2.2799]

    Yin et al. 2024 (2411.00841), Theorem 3.
    """
    return plain(rejection_chances(pair, horizon, drafts=drafts).sum())


def oracle_calls(pair: Pair, horizon: int, *, drafts: float = 1) -> Any:
    """Expected passes of the target for `horizon` tokens: 1 + sum over n < horizon of P(token n rejected).

    One pass scores all M drafts. A rejection of the last token needs no further pass; so this is not the
    number of rejections. Arguments and errors as for `batch_rejections`.

    >>> from specsim.models import Pair, iid
    >>> oracle_calls(Pair(iid([F(7, 10), F(3, 10)]), iid([F(1), F(0)])), 10)
    Fraction(37, 10)

    Yin et al. 2024 (2411.00841), Definition 1; their text sets it equal to the rejections.
    """
    return plain(1 + rejection_chances(pair, horizon, drafts=drafts)[:-1].sum())


def rejection_rate_limit(target: Any, draft: Any, *, drafts: float = 1) -> Any:
    """Rejections per token of independent tokens in the long run: d / (1 + d - r).

    d is the total variation, r the chance that all M drafts of a root are rejected. With M = math.inf, r is
    the target's mass where the draft has none: usually 0, and the limit d / (1 + d) is neither 0 nor d.
    target, draft: (..., V) laws. Returns (...). Raises ValueError for what is no law or for drafts < 1.

    >>> [rejection_rate_limit([F(2, 3), F(1, 3)], [F(1, 3), F(2, 3)], drafts=m) for m in (1, 2, math.inf)]
    [Fraction(1, 3), Fraction(3, 10), Fraction(1, 4)]

    From Yin et al. 2024 (2411.00841), Theorem 3, whose chance per token obeys r_n = d + (r - d) r_{n-1}.
    """
    distance = total_variation(target, draft)
    return plain(distance / (1 + distance - leftover(target, draft, drafts=drafts).sum(-1)))


def leftover(target: Any, draft: Any, *, drafts: float = 1) -> Array:
    """What M drafts, tried in turn at one position, leave of the target: left_M, (..., V).

    Its sum is the chance that all are rejected; normalised it is the law of the replacement. target, draft:
    (..., V) laws; drafts: M, math.inf allowed. Raises ValueError for what is no law or for drafts < 1.

    >>> leftover([0.1, 0.2, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1], drafts=2).round(12)
    array([0.  , 0.  , 0.02, 0.26])

    Yin et al. 2024 (2411.00841), Algorithm 4: left_m = (r_1 ... r_m) q^(m+1) in their letters.
    """
    total_variation(target, draft)  # checks the laws
    target, draft = as_laws(target, "target law"), as_laws(draft, "draft law")
    return _leftover(target, draft, _count(drafts))


def _leftover(target: Array, draft: Array, drafts: float) -> Array:
    if drafts == math.inf:  # each round of tries uncovers a part of all that the draft can reach
        return namespace(target).where(draft == 0, target, 0 * target)
    left = target
    for _ in range(int(drafts)):
        left = positive(left - total(left) * draft)
    return left


def _count(drafts: float) -> float:
    return drafts if drafts == math.inf else whole("drafts", drafts)
