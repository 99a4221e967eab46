"""Drafts from a second model, which grows a tree level by level.

Its session reads all nodes of one depth in one pass, and only those that have children: leaves may never be
needed. Any model will do: a small network, the target's own first layers (`early_exit`), an n-gram model,
which costs next to nothing.
"""

import sys
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from ..core.arrays import Array, invert, namespace
from ..core.draft import Draft, Parent, Shape, children
from ..core.grow import sibling_law
from ..models.sessions import Session
from .placing import Place
from .text import Text, unread


class ModelDrafter:
    """A `Drafter` that reads the texts in a session of its model."""

    def __init__(self, model: Any, reader: Session, place: Place) -> None:
        self._window: int = getattr(model, "max_length", None) or sys.maxsize
        self._vocabulary: int = model.vocab_size
        self._session, self._place = reader, place
        self._proposed: Parent = ()

    def most(self, texts: Sequence[Text]) -> list[int]:
        """How deep it can draft without reading beyond its window."""
        return [max(0, self._window + 1 - text.length) for text in texts]

    def propose(
        self, texts: Sequence[Text], shape: Shape, there: np.ndarray | None, uniforms: Array
    ) -> Draft:
        """A draft of this shape after each text, token j drawn by inverting its law at uniforms[:, j]."""
        size = len(shape.parent)
        self._proposed = shape.parent
        if size == 0:
            none = self._place(np.zeros((len(texts), 0, self._vocabulary)))
            return Draft(self._place(np.zeros((len(texts), 0), np.int64)), none, ())
        below, steps = children(shape.parent), reading(shape.parent)[0]
        tokens: list[Array] = [None] * size
        laws: list[Array] = [None] * size
        for nodes, above in steps:
            read = None if there is None else there[:, [below[node][0] - 1 for node in nodes]]
            found = self._read_nodes(nodes, above, tokens, read) if above else self._read_texts(texts, read)
            for i, node in enumerate(nodes):
                earlier: list[Array] = []
                for child in below[node]:
                    j = child - 1
                    laws[j] = sibling_law(found[:, i], earlier, shape.how_at(j))
                    tokens[j] = invert(laws[j], uniforms[:, j])
                    earlier.append(tokens[j])
        xp = namespace(tokens[0])
        return Draft(xp.stack(tokens, axis=1), xp.stack(laws, axis=1), shape.parent)

    def settle(self, chosen: Sequence[Sequence[int]]) -> None:
        """Of what was proposed, the nodes on one path for each text were kept; forget all others."""
        number = reading(self._proposed)[1]
        self._session.settle([[number[node] for node in path if node in number] for path in chosen])

    def select(self, rows: Sequence[int]) -> None:
        """Go on with these texts only."""
        self._session.select(rows)

    def _read_texts(self, texts: Sequence[Text], read: np.ndarray | None) -> Array:
        due = None if read is None else read[:, 0].tolist()
        tokens, present = unread(texts, self._session.lengths, due)
        return self._session.extend(self._place(tokens), keep=1, present=present)

    def _read_nodes(
        self, nodes: tuple[int, ...], above: Parent, tokens: list[Array], read: np.ndarray | None
    ) -> Array:
        drafted = [tokens[node - 1] for node in nodes]
        level = namespace(drafted[0]).stack(drafted, axis=1)
        return self._session.extend(level, parent=above, present=read)


@cache
def reading(parent: Parent) -> tuple[list[tuple[tuple[int, ...], Parent]], dict[int, int]]:
    """In which order the nodes with children are read, and which number each then has in a session's tree.

    For each depth the nodes, and the numbers of the nodes that they hang below; the root is number 0.

    >>> reading((0, 1, 0, 3))                        # two chains of two
    ([((0,), ()), ((1, 3), (0, 0))], {0: 0, 1: 1, 3: 2})
    """
    below = children(parent)
    number, level = {0: 0}, [0]
    steps: list[tuple[tuple[int, ...], Parent]] = []
    while level:
        above = tuple(number[parent[node - 1]] for node in level if node)
        steps.append((tuple(level), above))
        number.update({node: len(number) + i for i, node in enumerate(level) if node})
        level = [child for node in level for child in below[node] if below[child]]
    return steps, number
