"""Speculative cascades: let the draft speak for itself unless the target is clearly surer than it.

At each position one decides to defer to the target or not, before the token is looked at. Not deferring
means that the draft's law is the one wanted, so every token is kept; deferring means exact verification. The
optimal rule defers where the target's largest probability exceeds the draft's by more than a multiple of
their total variation, the chance of a rejection that deferring costs.
"""

from typing import Any

from ...arrays import Array, namespace, positive, total
from ..rule import Rule
from .token_wise import aiming, indicator, number, of_kind

SOURCE = "Narasimhan et al. 2025 (2405.19261, ICLR 2025), speculative cascades, deferral rule OPT"


def cascade(cost: Any = "0.5") -> Rule:
    """Verify exactly where max draft < max target - cost TV(target, draft), keep everything elsewhere.

    cost: at least 0, the price of a rejection. Emitted is the target's law where it defers, else the draft's;
    the token after the last drafted one is the target's. Chains only. Raises ValueError for another cost.

    >>> cascade(0.5)
    rules.lossy:cascade(0.5)

    Narasimhan et al. 2025, the rule OPT.
    """
    share = number(cost, "cost", 0, 1000)

    def wanted(target: Array, draft: Array) -> Array:
        xp = namespace(target)
        surer = xp.max(target, axis=-1, keepdims=True) - xp.max(draft, axis=-1, keepdims=True)
        defer = surer > of_kind(share, target) * total(positive(target - draft))
        return draft + indicator(defer, target) * (target - draft)

    return aiming("cascade", (share,), SOURCE, wanted)
