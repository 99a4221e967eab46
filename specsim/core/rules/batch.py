"""Batch verification: several whole drafts, of which the first whose first token is kept is followed alone.

The M drafts are chains that part at the root: `chains(M, length)`. Their first tokens are tried in turn, each
against the residual that the rejections before it have left of the target. As soon as one is kept, its chain
goes on token by token, and the other drafts are dropped, even those that begin with the same token. If all M
are rejected, the token comes from the last residual.

So it is recursive rejection at the root and token-wise verification below it. This is not what the published
pseudo-code says as typed: there the loop over drafts ends after the first one, and the residual is taken
twice, which is biased.
"""

from functools import cache

from ..arrays import Array, namespace
from ..draft import Draft, Parent, children
from ..plan import Plan
from .rule import rule
from .token import token


@rule(
    exact=True,
    source="Yin et al. 2024 (2411.00841, NeurIPS 2024), Algorithm 4 as their Theorem 9 proves it",
)
def batch(target: Array, draft: Draft) -> Plan:
    """Keep tokens of the first draft whose first token passes, up to its first rejection.

    target: (..., n + 1, V); draft: chains that part at the root, as of `chains(2, 3)`. In a tree that
    branches further down, only the first child of a node below the root is tried.
    Raises ValueError on what is not a law or does not fit.

    >>> import numpy as np
    >>> from fractions import Fraction as F
    >>> target = np.array([[F(1, 4), F(3, 4)]] * 3)
    >>> draft = Draft(np.array([0, 1]), np.array([[F(3, 4), F(1, 4)]] * 2), (0, 0))
    >>> batch(target, draft).stop
    array([Fraction(0, 1), Fraction(1, 3), Fraction(2, 3)], dtype=object)

    Yin et al. 2024, Algorithm 4 and Theorem 9.
    """
    nodes = _followed(draft.parent)
    if len(nodes) == target.shape[1]:
        return token.kernel(target, draft)
    drafted = [node - 1 for node in nodes[1:]]
    parent = tuple(nodes.index(draft.parent[j]) for j in drafted)
    followed = Draft(draft.tokens[:, drafted], draft.laws[:, drafted], parent)
    return _spread(token.kernel(target[:, list(nodes)], followed), nodes, target)


def _spread(plan: Plan, nodes: tuple[int, ...], target: Array) -> Plan:
    """A plan for these nodes as one for all nodes, the others of which are never reached."""
    residual = [target[:, node] for node in range(target.shape[1])]
    stop = [0 * row[:, 0] for row in residual]
    rows = plan.residual
    for place, node in enumerate(nodes):
        stop[node], residual[node] = plan.stop[:, place], rows[:, place]
    xp = namespace(target)
    return Plan(xp.stack(stop, axis=1), xp.stack(residual, axis=1))


@cache
def _followed(parent: Parent) -> tuple[int, ...]:
    """The nodes that batch verification may reach: below the root, first children only."""
    below = children(parent)
    nodes = [0, *below[0]]
    for node in nodes[1:]:
        while below[node]:
            node = below[node][0]
            nodes.append(node)
    return tuple(sorted(nodes))
