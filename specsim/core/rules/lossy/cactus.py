"""CACTUS: lift the target at the drafted token as far as a chi-square budget allows, then verify exactly.

For each drafted token x another law is aimed at, the target moved towards x:

    lifted(x) = min(1, target(x) + sqrt(2 a target(x) (1 - target(x)))),   the others scaled down alike,

whose chi-square divergence from the target is at most 2 a, so that its Kullback-Leibler divergence is about a
for small a. Since the law depends on the token drawn, what is emitted is none of them.
"""

from typing import Any

from ...arrays import Array, at, is_exact, minimum, namespace, one_hot, positive, ratio
from ...draft import Draft
from ...plan import Plan
from ..rule import Rule
from ..token import stops
from .token_wise import kept_share, lossy, number, replacement_rows

SOURCE = "Hao and Mou 2026 (2604.04987, ICLR 2026), Cactus"


def cactus(budget: Any = "0.1") -> Rule:
    """Keep x with chance min(1, lifted(x) / draft(x)), replace from norm((lifted law - draft)_+).

    budget: at least 0, the a above; at 0 it is the exact rule. Chains only. Takes floats: it needs a square
    root. Raises ValueError for another budget, and for laws of fractions.

    >>> cactus(0.1)
    rules.lossy:cactus(0.1)

    Hao and Mou 2026; the correction is the one that follows from taking the lifted law for the target.
    """
    share = number(budget, "budget", 0, 1000)
    allowed = float(share)

    def kernel(target: Array, draft: Draft) -> Plan:
        lifted = _lifted(at(target[:, :-1], draft.tokens), allowed)
        chance = kept_share(lifted, at(draft.laws, draft.tokens))
        return Plan(stops(chance, target), replacement_rows(target, draft, replace))

    def replace(target: Array, draft: Array, token: Array) -> Array:
        before = at(target, token)
        lifted = _lifted(before, allowed)
        hot = one_hot(token, like=target)
        others = target * (1 - hot) * ratio(1 - lifted, 1 - before, 0)[..., None]
        return positive(others + hot * lifted[..., None] - draft)

    return lossy(kernel, "cactus", (share,), SOURCE)


def _lifted(chance: Array, budget: float) -> Array:
    if is_exact(chance):
        raise ValueError(
            "lossy:cactus takes square roots, so laws must be floats, got fractions; convert them"
        )
    spread = positive(chance * (1 - chance))
    return minimum(chance + namespace(chance).sqrt(2 * budget * spread), 1)
