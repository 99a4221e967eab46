"""Which draft tree is the fastest on given hardware?

A larger tree yields more tokens and takes longer: a pass of the target over n + 1 tokens, and one pass of the
draft for each level. Where verification is free up to some batch, the largest tree that fits is best; where
each token is paid for, a small one is.

>>> free = fastest_tree([0.5, 0.25], lambda tokens: 1.0, 0.0, nodes=8, depth=8)
>>> paid = fastest_tree([0.5, 0.25], lambda tokens: tokens / 4 + 0.75, 0.125, nodes=8, depth=8)
>>> len(free.parent), len(paid.parent)
(8, 1)
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from specsim.core.draft import Parent

from .positions import whole
from .tree_search import optimal_tokens_by_size, optimal_tree


class TreeChoice(NamedTuple):
    """A tree, the tokens that it yields per round, and per unit of time."""

    parent: Parent
    tokens: float
    speed: float


def fastest_tree(
    acceptances: Any,
    verify: Callable[[int], float],
    step: float,
    *,
    nodes: int,
    depth: int,
    branching: int | None = None,
) -> TreeChoice:
    """The tree that yields the most tokens per unit of time.

    speed = tokens / (verify(drafted tokens + 1) + depth * step)

    acceptances: as for `tree_tokens`. verify: the time of a target pass over so many tokens; step: the time
    of one draft pass. In units of a plain target pass the speed is the improvement in wall-clock time. nodes,
    depth, branching: the largest to consider; no tree at all is considered too.
    Raises ValueError as `optimal_tree` does.

    >>> fastest_tree([0.5, 0.25], lambda tokens: 1.0, 0.25, nodes=6, depth=6)
    TreeChoice(parent=(0, 0, 1, 1, 2, 2), tokens=2.3125, speed=1.5416666666666667)

    Chen et al. 2024 (Sequoia, 2402.12374), their hardware-aware choice.
    """
    times = np.array([verify(n + 1) for n in range(whole("nodes", nodes) + 1)])
    speeds = np.full((whole("depth", depth) + 1, nodes + 1), -np.inf)
    speeds[0, 0] = 1 / times[0]
    for limit in range(1, depth + 1):
        tokens = optimal_tokens_by_size(acceptances, nodes, depth=limit, branching=branching)
        speeds[limit] = tokens / (times + limit * step)
    limit, n = divmod(int(np.argmax(speeds)), nodes + 1)
    fastest = float(speeds[limit, n])
    if n == 0:
        return TreeChoice((), 1.0, fastest)
    return TreeChoice(*optimal_tree(acceptances, n, depth=limit, branching=branching), fastest)
