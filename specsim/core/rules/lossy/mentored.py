"""Mentored decoding: keep as many tokens as a budget of divergence from the target allows.

Of all laws whose divergence KL(target || law) is at most the budget, which one has the largest overlap with
the draft? The answer is the draft, clipped to a band around the target,

    law = min(max(draft, target / b), target / a),   a <= 1 <= b,

where b makes it sum to 1 and a spends the budget. Verifying as if this law were the target keeps
sum over x of min(draft, law) of the drafted tokens. With total variation in place of KL the same question has
the answer of Theorem 5 of Yin et al., the rule `opt`.

With the tokens sorted by target / draft the band is a slice: below it the law is target / a, above it
target / b, and with sums of everything up to each token all that is asked of a and b is looked up. For a
given 1 / b the mass that is added, sum of (target / b - draft)_+, must be taken away by a, which gives a in
closed form. 1 / b is found by bisection, a fixed number of steps from the side where the budget is kept, with
no look at a value on the host. So all it takes is a sort, and two counts over the vocabulary a step.
"""

from typing import Any, NamedTuple

from ...arrays import Array, is_exact, minimum, namespace, positive, ratio, total, zeros
from ..rule import Rule
from .token_wise import aiming, number

STEPS = 40


def mentored(budget: Any = "0.1") -> Rule:
    """Verify exactly, but against the law closest to the draft within KL(target || law) <= budget, in nats.

    budget: at least 0; at 0 it is the exact rule. Chains only. Takes floats: the budget needs logarithms.
    Raises ValueError for another budget, and for laws of fractions.

    >>> mentored(0.1)
    rules.lossy:mentored(0.1)

    Tran-Thien 2023, mentored decoding; the clipped form follows from the optimality (KKT) conditions.
    """
    spent = number(budget, "budget", 0, 1000)
    allowed = float(spent)

    def aim(target: Array, draft: Array) -> Array:
        return mentored_law(target, draft, allowed)

    source = "mentored decoding: Tran-Thien 2023; the draft clipped to target / b and target / a"
    return aiming("mentored", (spent,), source, aim)


def mentored_law(target: Array, draft: Array, budget: float) -> Array:
    """The law of largest overlap with the draft within the budget. target, draft: (..., V) floats."""
    if is_exact(target):
        raise ValueError(
            "lossy:mentored takes logarithms, so laws must be floats, got fractions; convert them"
        )
    xp, kind = namespace(target), target.dtype
    target, draft = (xp.astype(law, xp.float64) for law in (target, draft))
    band = _sorted_sums(target, draft)
    high = 1 + 0 * total(target)
    low = 0 * high
    for _ in range(STEPS):
        middle = (low + high) / 2
        within = band.divergence(middle) <= budget
        low, high = xp.where(within, low, middle), xp.where(within, middle, high)
    return xp.astype(_clipped(target, draft, high, band.cap(high)[0]), kind)


class _Band(NamedTuple):
    """Sums over tokens in order of target / draft, (..., V + 1) each: the entry at i is of the first i.

    away, share: (..., V) what a clip at target / a, a the ratio of this token, takes away, rising; and
    draft / (target + draft), falling: the token is lifted to target / b where it is below 1 / (1 + b).
    """

    target: Array
    draft: Array
    gain: Array
    away: Array
    share: Array

    def divergence(self, least: Array) -> Array:
        """KL(target || law) in nats where the draft is lifted to at least `least` target, (..., 1)."""
        xp = namespace(least)
        most, below = self.cap(least)
        above = self._above(least)
        lifted = self.target[..., -1:] - xp.take_along_axis(self.target, above, axis=-1)
        capped = xp.take_along_axis(self.target, below, axis=-1)
        inside = xp.take_along_axis(self.gain, above, axis=-1) - xp.take_along_axis(self.gain, below, axis=-1)
        return inside + capped * _log(most) - lifted * _log(least)

    def cap(self, least: Array) -> tuple[Array, Array]:
        """a, and how many tokens it clips, if it takes away what lifting to `least` target adds."""
        xp = namespace(least)
        above = self._above(least)
        lifted, kept = (
            sums[..., -1:] - xp.take_along_axis(sums, above, axis=-1) for sums in (self.target, self.draft)
        )
        added = positive(least * lifted - kept)
        below = minimum(_count(self.away <= added), above)  # rounding must not let them overlap
        spent, taken = (xp.take_along_axis(sums, below, axis=-1) for sums in (self.target, self.draft))
        return minimum(ratio(spent, positive(taken - added), 1), 1), below

    def _above(self, least: Array) -> Array:
        """How many tokens are not lifted."""
        return _count(self.share >= least / (1 + least))


def _sorted_sums(target: Array, draft: Array) -> _Band:
    xp = namespace(target)
    order = xp.argsort(ratio(target, target + draft, 0), axis=-1)
    target, draft = (xp.take_along_axis(law, order, axis=-1) for law in (target, draft))
    gain = xp.where((target > 0) & (draft == 0), xp.inf, target * (_log(target) - _log(draft)))
    targets, drafts, gains = (_from_nothing(x) for x in (target, draft, gain))
    away = positive(drafts[..., 1:] - ratio(targets[..., 1:], target, 0) * draft) * (1 - zeros(target))
    return _Band(targets, drafts, gains, away, ratio(draft, target + draft, 1))


def _clipped(target: Array, draft: Array, least: Array, most: Array) -> Array:
    """The draft clipped to at least `least` target, and at most target / `most`.

    Where even tokens that the target excludes need not be given up in full, they share what is left.
    """
    xp, floor = namespace(target), least * target
    capped = ratio(minimum(most * draft, target), most, draft)
    inside = xp.where(floor > capped, floor, capped) * (1 - zeros(target))
    spare = draft * zeros(target)
    law = inside + positive(1 - total(inside)) * ratio(spare, total(spare), target)
    return law / total(law)


def _from_nothing(x: Array) -> Array:
    """Sums of the first 0, 1, 2, ... entries."""
    xp = namespace(x)
    return xp.concat([0 * x[..., :1], xp.cumulative_sum(x, axis=-1)], axis=-1)


def _count(condition: Array) -> Array:
    """How many hold, (..., 1)."""
    xp = namespace(condition)
    return xp.sum(condition, axis=-1, keepdims=True, dtype=xp.int64)


def _log(x: Array) -> Array:
    """log(x), and 0 for 0, of which no token is made."""
    xp = namespace(x)
    return xp.log(xp.where(x > 0, x, 1))
