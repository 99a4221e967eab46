"""Traversal verification: block verification of a tree, decided from the leaves to the root.

Each node holds a weight, the chance that its path may still be kept: 1 at the root, and at a child with
token x min(1, weight * owed(x) / draft(x)), where `owed` is what its parent still owes of the target. The
nodes are tested children first, and the first one that passes is kept. Once a child and all below it have
failed, its parent goes on with

    excess = (weight * owed - draft)_+,   weight <- |excess| / (|excess| + 1 - weight),   owed <- norm(excess)

and then its next child, or at last the parent itself, is tested. A test passes with the weight of the node.
No decision below a child changes its parent, only that all of them failed: so the weights follow from the
tokens alone, and the law of the kept node from the weights in the order of the tests.

The first node that passes ends the round, though more may wait below the siblings to come. If no child bears
more than the sibling before it, as in regular trees, no fewer tokens are kept on average than by `token`;
otherwise it may be fewer, as on (0, 1, 1, 3) with the target (1/5, 4/5) and the draft (2/5, 3/5).
"""

from functools import cache

from ..arrays import Array, at, minimum, namespace, normalised, positive, ratio, total
from ..draft import Draft, Parent, children
from ..plan import Plan
from .residual import residual_rows
from .rule import rule


@rule(exact=True, source="Weng et al. 2025 (2505.12398, NeurIPS 2025), traversal verification")
def traversal(target: Array, draft: Draft) -> Plan:
    """Keep the first node that passes its test, children before parents, tests on the chance of the path.

    target: (..., n + 1, V); draft: any tree. On a chain it is `block`, on siblings it is `token`.
    Raises ValueError on what is not a law or does not fit.

    >>> import numpy as np
    >>> from fractions import Fraction as F
    >>> target = np.array([[F(1, 3), F(2, 3)]] * 4)
    >>> draft = Draft(np.array([0, 1, 0]), np.array([[F(2, 3), F(1, 3)]] * 3), (0, 0, 1))
    >>> traversal(target, draft).stop                # tested in the order 3, 1, 2, 0
    array([Fraction(0, 1), Fraction(0, 1), Fraction(3, 4), Fraction(1, 4)],
          dtype=object)

    Weng et al. 2025, their algorithm of traversal verification; Theorem 3.4 for chains.
    """
    xp = namespace(target)
    chance, below = at(draft.laws, draft.tokens), children(draft.parent)
    weight = {0: xp.ones_like(target[:, 0, 0])}
    holds, left, scale = [], [], []
    for node, offspring in enumerate(below):
        hold = before = weight[node]
        owed, excess = target[:, node], None
        for child in offspring:
            before, owed = hold, owed if excess is None else normalised(excess, owed)
            gained = before * at(owed, draft.tokens[:, child - 1])
            weight[child] = minimum(ratio(gained, chance[:, child - 1], 1), 1)
            excess = positive(before[:, None] * owed - draft.laws[:, child - 1])
            hold = _after_failure(total(excess)[:, 0], before)
        holds.append(hold)
        left.append(owed)
        scale.append(before)
    last = [offspring[-1] - 1 if offspring else -1 for offspring in below]
    residual = residual_rows(xp.stack(left, axis=1), draft, last, xp.stack(scale, axis=1))
    return Plan(_first_to_hold(holds, _children_first(draft.parent)), residual)


def _after_failure(excess: Array, weight: Array) -> Array:
    """The weight of a node after a child has failed; 1 where nothing can fail (0 / 0)."""
    return ratio(excess, excess + (1 - weight), 1)


def _first_to_hold(holds: list[Array], order: tuple[int, ...]) -> Array:
    """The law of the first node that passes, tested in this order, each with its chance."""
    xp = namespace(holds[0])
    remaining, stop = xp.ones_like(holds[0]), list(holds)
    for node in order:
        stop[node] = remaining * holds[node]
        remaining = remaining * (1 - holds[node])
    return xp.stack(stop, axis=-1)


@cache
def _children_first(parent: Parent) -> tuple[int, ...]:
    """All nodes, each after its children."""
    todo, parents_first = [0], []
    while todo:
        node = todo.pop()
        parents_first.append(node)
        todo.extend(children(parent)[node])
    return tuple(parents_first[::-1])
