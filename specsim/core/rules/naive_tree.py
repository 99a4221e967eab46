"""Naive tree verification: test one child of a node as usual, then look the correction up among its siblings.

Of the children of a node only the first is tested: it is kept with chance min(1, target / draft). After a
rejection the token comes from norm((target - draft)_+), and if one of the other children holds that token,
verification goes on there instead of stopping. The token is the one that a single draft would have given, so
the rule is exact however the other children were chosen.

To look a token up is recursive rejection with point masses: the rule is `token` with the laws of all children
but the first replaced by point masses.
"""

from ..arrays import Array, namespace, one_hot
from ..draft import Draft
from ..plan import Plan
from .rule import rule
from .token import token


@rule(
    exact=True,
    source="called NaiveTree in 2602.16994: Leviathan et al. 2023 (2211.17192), Algorithm 1, on "
    "the first child, and the correction looked up among the others",
)
def naive_tree(target: Array, draft: Draft) -> Plan:
    """Keep the first child with chance min(1, target / draft), another one where the correction meets it.

    target: (..., n + 1, V); draft: any tree. k children drawn from one law d are kept with chance
    sum min(t, d) + sum (t - d)_+ (1 - (1 - d)^(k-1)). Raises ValueError on what is not a law or does not fit.

    >>> import numpy as np
    >>> target = np.array([[0.25, 0.75, 0.0]] * 3)
    >>> draft = Draft(np.array([0, 1]), np.array([[0.5, 0.25, 0.25]] * 2), (0, 0))
    >>> naive_tree(target, draft).stop
    array([0. , 0.5, 0.5])

    Leviathan et al. 2023, Algorithm 1, for the first child.
    """
    first = [j for j, above in enumerate(draft.parent) if above not in draft.parent[:j]]
    return token.kernel(target, Draft(draft.tokens, tested(draft, first), draft.parent))


def tested(draft: Draft, nodes: list[int]) -> Array:
    """The laws of these drafted tokens as they are, those of all others as point masses, (B, n, V)."""
    if len(nodes) == len(draft.parent):
        return draft.laws
    columns = [
        draft.laws[:, j] if j in nodes else one_hot(draft.tokens[:, j], like=draft.laws[:, j])
        for j in range(len(draft.parent))
    ]
    return namespace(draft.laws).stack(columns, axis=1)
