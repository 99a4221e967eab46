"""How many tokens does a draft tree yield?

A verifier that decides node by node keeps the k-th child of a kept node with some chance acceptances[k], its
*positional acceptance*: not given that the children before it failed, so that they sum to at most 1. A node
is kept if all nodes on its path are, so with one vector for all nodes the expected tokens of a round are

    tokens = sum over nodes of the product of acceptances along the path,

where the root, an empty product, stands for the extra token.

>>> from specsim.models import Pair, iid
>>> pair = Pair(iid([F(1, 2), F(3, 10), F(1, 5)]), iid([F(1, 5), F(1, 2), F(3, 10)]))
>>> acceptances = positional_acceptances("token", pair, 2)
>>> acceptances
[Fraction(7, 10), Fraction(3, 50)]
>>> tree_tokens((0, 0, 1), acceptances)                 # 1 + 7/10 + 3/50 + 49/100
Fraction(9, 4)
"""

from collections.abc import Sequence
from fractions import Fraction as F  # noqa: F401  (for the examples)
from typing import Any

import numpy as np

from specsim.core import as_shape, every, grow, rules, score, siblings
from specsim.core.draft import AnyShape

from .laws import as_laws
from .scalars import within


def tree_tokens(shape: AnyShape, acceptances: Any) -> Any:
    """Expected tokens of a round on this tree, the extra token included.

    tokens = sum over nodes, the root included, of the product of acceptances along the path

    shape: such as tree(2, 2). acceptances: (k,) of the first to k-th child of any node, or (depth, k) with
    row i for the children of nodes at depth i; fractions and symbols stay exact.
    Raises ValueError where a row sums to more than 1, or a node is beyond the acceptances.

    >>> from specsim.core import chain
    >>> tree_tokens(chain(3), [0.5]), tree_tokens((0, 0), [[0.5, 0.25]])
    (1.875, 1.75)

    Chen et al. 2024 (Sequoia, 2402.12374), Proposition 3.4.
    """
    rows = acceptance_rows(acceptances)
    parent = as_shape(shape).parent
    reached, depth, children = [1], [0], [0]
    for above in parent:
        row = row_at(rows, depth[above])
        if children[above] >= len(row):
            raise ValueError(
                f"each child needs its acceptance: child {children[above] + 1} of a node at depth "
                f"{depth[above]} has none; pass longer rows, or more of them"
            )
        reached.append(reached[above] * row[children[above]])
        children[above] += 1
        depth.append(depth[above] + 1)
        children.append(0)
    return sum(reached)


def positional_acceptances(
    rule: Any, pair: Any, k: int, *, how: str = "independent", context: Sequence[int] = ()
) -> list[Any]:
    """The chance that a rule keeps the first, second, ... k-th of k children of one node.

    rule: a rule or its name, that decides node by node, such as "token" or "match". pair: has `.target` and
    `.draft`. how: how siblings are chosen, see `specsim.core.Shape`. context: the tokens before.
    All V^k drafts are listed. Raises ValueError for an unknown rule or k < 1.

    >>> from specsim.models import Pair, iid
    >>> pair = Pair(iid([F(1, 10), F(9, 10)]), iid([F(9, 10), F(1, 10)]))
    >>> positional_acceptances("token", pair, 2, how="distinct")     # the second is the better one
    [Fraction(1, 5), Fraction(4, 5)]

    Chen et al. 2024 (Sequoia, 2402.12374), Definition 3.1.
    """
    before = np.array([tuple(context)], dtype=int)
    chance, draft = grow(pair.draft, before, siblings(k, how), every)
    target = score(pair.target, np.repeat(before, len(chance), axis=0), draft)
    stop = rules.find(rule)(target, draft).stop
    return (chance[:, None] * stop).sum(axis=0).tolist()[1:]


def acceptance_rows(acceptances: Any) -> list[Any]:
    """Checked acceptances as lists: one of numbers, or one of rows."""
    rows = as_laws(acceptances, "acceptances")
    if rows.ndim not in (1, 2) or not rows.size:
        raise ValueError(f"acceptances must be (k,) or (depth, k) numbers, got shape {rows.shape}")
    for row in np.atleast_2d(rows):
        if not (all(within(chance, 0) for chance in row) and within(sum(row), 0, 1 + 1e-9)):
            raise ValueError(
                f"acceptances of a node's children must be >= 0 and sum to at most 1, got {row.tolist()}; "
                "pass the chance that exactly this child is kept, not that given that earlier ones failed"
            )
    return rows.tolist()


def row_at(rows: list[Any], depth: int) -> list[Any]:
    """The acceptances of the children of a node at this depth; none below the last row."""
    if not isinstance(rows[0], list):
        return rows
    return rows[depth] if depth < len(rows) else []
