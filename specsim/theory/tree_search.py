"""Which draft tree yields the most tokens, given the positional acceptances?

Let best_i(s) be the most tokens that a tree of s nodes yields, its root at depth i counted. Give the root its
children one by one: the k-th takes m of the nodes, for itself and what hangs below it,

    value_i(s, k) = max over m of value_i(s - m, k - 1) + acceptances[k] * best_{i+1}(m),  value_i(1, 0) = 1,

and best_i(s) is the largest value_i(s, k). For each k this is a convolution in (max, +), all k at once for
each s here. A limited depth ends the levels, limited branching ends k; with free depth all levels are one.

Where no child is likelier than the one before it, `best_first_tree` finds a tree of the same value sooner.

>>> parent, tokens = optimal_tree([0.25, 0.0, 0.75], 3)    # two poor children, to have the third
>>> parent, tokens
((0, 0, 0), 2.0)
"""

from collections import deque
from typing import Any, NamedTuple

import numpy as np

from specsim.core.draft import Parent

from .positions import whole
from .trees import acceptance_rows


def optimal_tree(
    acceptances: Any, nodes: int, *, depth: int | None = None, branching: int | None = None
) -> tuple[Parent, float]:
    """The tree of at most `nodes` drafted tokens that yields the most tokens, and how many.

    acceptances: as for `tree_tokens`. depth: the longest path allowed; branching: the most children of a
    node. Returns (parent, expected tokens, the extra one included). Work grows with nodes^2 * depth *
    branching, free depth counting as one. Raises ValueError for acceptances that cannot be, and limits
    below 1.

    >>> optimal_tree([0.5, 0.25], 4)
    ((0, 0, 1, 3), 2.125)
    >>> optimal_tree([0.5, 0.25], 4, depth=2)
    ((0, 0, 1, 1), 2.125)

    Chen et al. 2024 (Sequoia, 2402.12374), Algorithm 1, and Algorithm 4 with a limited depth.
    """
    tables = _tables(acceptances, nodes, depth, branching)
    size = int(np.argmax(tables.best[0]))
    return _grown(tables, size), float(tables.best[0, size])


def optimal_tokens_by_size(
    acceptances: Any, nodes: int, *, depth: int | None = None, branching: int | None = None
) -> np.ndarray:
    """The most tokens that a tree of exactly 0, 1, ..., `nodes` drafted tokens yields; -inf where none fits.

    Arguments and errors as for `optimal_tree`. Returns (nodes + 1,).

    >>> optimal_tokens_by_size([0.5, 0.25], 4, depth=2)
    array([1.   , 1.5  , 1.75 , 2.   , 2.125])
    """
    return _tables(acceptances, nodes, depth, branching).best[0, 1:]


class _Tables(NamedTuple):
    """What the programme found for s nodes, level by level; what cannot be is -inf.

    best: (levels + 1, s) the most tokens. value: (levels, k + 1, s backwards) the most with exactly k
    children; backwards, so that a convolution reads both of its rows forwards. gain: (levels, k, s) the
    most that the k-th child adds with s nodes. down: by how many levels a child is below its parent, 0
    where all are alike.
    """

    best: np.ndarray
    value: np.ndarray
    gain: np.ndarray
    down: int


def _tables(acceptances: Any, nodes: int, depth: int | None, branching: int | None) -> _Tables:
    """The programme at the top of this page, for all sizes up to nodes + 1."""
    rows, down = _rows_by_level(acceptances, whole("nodes", nodes), depth, branching)
    (levels, k), size = rows.shape, nodes + 1
    best = np.full((levels + 1, size + 1), -np.inf)
    value = np.full((levels, k + 1, size), -np.inf)
    gain = np.full((levels, k, size + 1), -np.inf)
    best[:, 1] = value[:, 0, -1] = 1
    for level in reversed(range(levels)):
        below, row, added, counted = best[level + down], rows[level], gain[level], value[level]
        for s in range(1, size + 1):
            if s > 1:
                counted[1:, -s] = (counted[:-1, size - s + 1 :] + added[:, 1:s]).max(axis=1)
                best[level, s] = counted[:, -s].max()
            if below[s] > 0:
                added[:, s] = row * below[s]
    return _Tables(best, value, gain, down)


def _rows_by_level(
    acceptances: Any, nodes: int, depth: int | None, branching: int | None
) -> tuple[np.ndarray, int]:
    """Acceptances (levels, k) and how many levels a child is below its parent: 0 where all are alike."""
    rows = np.array(acceptance_rows(acceptances), dtype=float)
    levels = nodes if depth is None else min(whole("depth", depth), nodes)
    most = nodes if branching is None else min(whole("branching", branching), nodes)
    if rows.ndim == 2:
        return rows[:levels, :most], 1
    if levels == nodes:
        return rows[None, :most], 0
    return np.repeat(rows[None, :most], levels, axis=0), 1


def _grown(tables: _Tables, size: int) -> Parent:
    """The tree of this size that the tables were made for, level by level."""
    parent: list[int] = []
    todo = deque([(0, 0, size)])
    while todo:
        node, level, size = todo.popleft()
        for m in _children_sizes(tables, level, size):
            parent.append(node)
            todo.append((len(parent), level + tables.down, m))
    return tuple(parent)


def _children_sizes(tables: _Tables, level: int, size: int) -> list[int]:
    """How many nodes each child of the root of a best tree takes."""
    if size == 1:
        return []
    value, gain = tables.value[level], tables.gain[level]
    sizes = []
    for k in range(int(np.argmax(value[:, -size])), 0, -1):
        left = value.shape[1] - size + 1
        m = 1 + int(np.argmax(value[k - 1, left:] + gain[k - 1, 1:size]))
        sizes.append(m)
        size -= m
    return sizes[::-1]
