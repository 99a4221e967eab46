"""Texts of a batch that may draft to different depths: one tree for all, and for each text its part of it.

A text drafts no deeper than it has room for. All are drafted and read in the same passes, in the deepest
tree that one of them needs; but each is decided on its own part, and with the uniforms that it would use if
it were alone. So a text does not depend on those beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..core.draft import Parent, Shape, shortened, within


@dataclass(frozen=True)
class Group:
    """Texts that draft equally deep.

    rows: which texts. parent: their tree. nodes: its nodes and the root, as numbered in the common tree.
    """

    rows: list[int]
    parent: Parent
    nodes: tuple[int, ...]


def grouped(shape: Shape, depths: Sequence[int]) -> list[Group]:
    """The texts by the depth to which each drafts; shape: the common tree, as deep as the deepest.

    >>> [(one.rows, one.parent, one.nodes) for one in grouped(Shape((0, 1, 0)), [2, 1, 2])]
    [([1], (0, 0), (0, 1, 3)), ([0, 2], (0, 1, 0), (0, 1, 2, 3))]
    """
    return [
        Group(
            [row for row, own in enumerate(depths) if own == depth],
            shortened(shape, depth).parent,
            within(shape.parent, depth),
        )
        for depth in sorted(set(depths))
    ]


def needed(groups: Sequence[Group]) -> np.ndarray | None:
    """Which drafted nodes each text needs, (B, n); None if all need all."""
    if len(groups) == 1:
        return None
    rows, size = sum(len(group.rows) for group in groups), len(groups[-1].parent)
    there = np.zeros((rows, size + 1), bool)
    for group in groups:
        there[np.ix_(group.rows, group.nodes)] = True
    return there[:, 1:]


def arranged(uniforms: np.ndarray, groups: Sequence[Group], each: int) -> np.ndarray:
    """Each text's uniforms, laid out for the common tree: `each` per drafted node, and two for the draw.

    uniforms: (B, at least each * n + 2), in the order in which a text uses them when it is alone.
    """
    size = each * len(groups[-1].parent)
    if len(groups) == 1:
        return uniforms[:, : size + 2]
    behind = uniforms.shape[1]  # a 0, where no node is needed
    place = np.full((len(uniforms), size + 2), behind)
    for group in groups:
        drafted = (each * (node - 1) + i for node in group.nodes[1:] for i in range(each))
        own = [*drafted, size, size + 1]
        place[np.ix_(group.rows, own)] = range(len(own))
    padded = np.concatenate([uniforms, np.zeros((len(uniforms), 1))], axis=1)
    return np.take_along_axis(padded, place, axis=1)
