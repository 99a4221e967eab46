"""Block verification: decide on the whole drafted block together and keep at least as many tokens.

Along the drafted chain let weight_0 = 1 and weight_i = min(1, weight_{i-1} * target(x_i) / draft(x_i)): the
chance, given the draft, that at least i tokens are kept. Node i < gamma passes its own test with chance

    hold_i = excess_i / (excess_i + 1 - weight_i),   excess_i = sum over x of (weight_i * target - draft)_+

and the last node with chance weight_gamma. The last node that passes is kept, without stopping at a failure
before it. The token after it comes from norm((weight_i * target - draft)_+), after the last from the target.
"""

from ..arrays import Array, at, minimum, namespace, positive, ratio, total
from ..draft import Draft
from ..plan import Plan
from .residual import residual_rows
from .rule import rule


@rule(exact=True, chains_only=True, source="Sun et al. 2024 (2403.10444, ICLR 2025), Algorithm 2")
def block(target: Array, draft: Draft) -> Plan:
    """Keep the longest prefix that passes its test, all tests on the joint chance of the block.

    target: (..., n + 1, V); draft: a chain. Raises ValueError on trees and on what is not a law.

    >>> import numpy as np
    >>> from fractions import Fraction as F
    >>> target = np.array([[F(1, 3), F(2, 3)]] * 3)
    >>> draft = Draft(np.array([0, 1]), np.array([[F(2, 3), F(1, 3)]] * 2), (0, 1))
    >>> block(target, draft).stop
    array([Fraction(0, 1), Fraction(0, 1), Fraction(1, 1)], dtype=object)

    Sun et al. 2024, Algorithm 2 and Theorem 1.
    """
    xp = namespace(target)
    wanted, drafted = at(target[:, :-1], draft.tokens), at(draft.laws, draft.tokens)
    weight = [xp.ones_like(target[:, 0, 0])]
    for j in range(len(draft.parent)):
        gained = (
            weight[-1] * wanted[:, j]
        )  # before dividing: 0 * (target / draft) is NaN where that overflows
        weight.append(minimum(ratio(gained, drafted[:, j], 1), 1))
    weights = xp.stack(weight, axis=-1)
    last = (*range(len(draft.parent)), -1)
    return Plan(_last_to_hold(_holds(target, draft, weights)), residual_rows(target, draft, last, weights))


def _holds(target: Array, draft: Draft, weights: Array) -> Array:
    """The chance that each node passes its own test, (B, n + 1)."""
    xp = namespace(target)
    excess = [
        total(positive(weights[:, j, None] * target[:, j] - draft.laws[:, j]))
        for j in range(len(draft.parent))  # row by row: whole-draft temporaries do not fit the cache
    ]
    if not excess:
        return weights
    gathered = xp.concat(excess, axis=-1)
    return xp.concat([ratio(gathered, gathered + (1 - weights[:, :-1]), 1), weights[:, -1:]], axis=-1)


def _last_to_hold(holds: Array) -> Array:
    """The law of the last index that passes, when each passes independently with its chance."""
    xp = namespace(holds)
    failed = xp.cumulative_prod(xp.flip(1 - holds, axis=-1), axis=-1)
    return holds * xp.concat([xp.flip(failed, axis=-1)[:, 1:], xp.ones_like(failed[:, :1])], axis=-1)
