"""Mentored decoding: keep as many tokens as a budget of divergence from the target allows.

Of all laws whose divergence KL(target || law) is at most the budget, which one has the largest overlap with
the draft? The answer is the draft, clipped to a band around the target,

    law = min(max(draft, target / b), target / a),   a <= 1 <= b,

where b makes it sum to 1 and a spends the budget. Verifying as if this law were the target keeps
sum over x of min(draft, law) of the drafted tokens. With total variation in place of KL the same question has
the answer of Theorem 5 of Yin et al., the rule `opt`.

For a given 1 / b the mass that is added, sum of (target / b - draft)_+, must be taken away by a; sorting
tokens by target / draft gives a in closed form. 1 / b is then found by bisection, a fixed number of steps
from the side where the budget is kept, with no look at a value on the host. Every step passes over the
vocabulary, so it costs several hundred times as much as `token` does: a yardstick, not a rule in a hurry.
"""

from typing import Any

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
    band = _sorted_masses(target, draft)
    high = 1 + 0 * total(target)
    low = 0 * high
    for _ in range(STEPS):
        middle = (low + high) / 2
        within = divergence(target, clipped(target, draft, middle, band)) <= budget
        low, high = xp.where(within, low, middle), xp.where(within, middle, high)
    return xp.astype(clipped(target, draft, high, band), kind)


def clipped(target: Array, draft: Array, least: Array, band: tuple[Array, Array, Array]) -> Array:
    """The draft clipped to at least `least` target, and above so that the sum is 1.

    Where even tokens that the target excludes need not be given up in full, they share what is left.
    """
    floor = least * target
    most = _most(total(positive(floor - draft)), band)
    capped = ratio(minimum(most * draft, target), most, draft)
    xp = namespace(target)
    inside = xp.where(floor > capped, floor, capped) * (1 - zeros(target))
    spare = draft * zeros(target)
    law = inside + positive(1 - total(inside)) * ratio(spare, total(spare), target)
    return law / total(law)


def divergence(target: Array, law: Array) -> Array:
    """KL(target || law) in nats, (..., 1); infinite where the law excludes what the target allows."""
    xp = namespace(target)
    quotient = ratio(xp.where(target > 0, target, 1), xp.where(target > 0, law, 1), xp.inf)
    return total(xp.where(target > 0, target, 0) * xp.log(quotient))


def _sorted_masses(target: Array, draft: Array) -> tuple[Array, Array, Array]:
    """By rising target / draft: what a clip at this ratio takes away, and the masses of both up to here."""
    xp = namespace(target)
    order = xp.argsort(ratio(target, target + draft, 0), axis=-1)
    target, draft = (xp.take_along_axis(law, order, axis=-1) for law in (target, draft))
    upto, drafted = (xp.cumulative_sum(law, axis=-1) for law in (target, draft))
    away = positive(drafted - ratio(upto, target, 0) * draft) * (1 - zeros(target))
    return away, upto, drafted


def _most(taken: Array, band: tuple[Array, Array, Array]) -> Array:
    """a, at which the clip at target / a takes this mass (..., 1) away."""
    xp = namespace(taken)
    away, upto, drafted = band
    last = positive(xp.sum(xp.astype(away <= taken, xp.int64), axis=-1, keepdims=True) - 1)
    a = ratio(xp.take_along_axis(upto, last, axis=-1), xp.take_along_axis(drafted, last, axis=-1) - taken, 1)
    return minimum(positive(a), 1)
