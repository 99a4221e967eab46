"""Drafts from a second model, which grows a tree level by level.

Its session reads all nodes of one depth in one pass, and only those that have children: leaves may never be
needed. Any model will do: a small network, the target's own first layers (`early_exit`), an n-gram model,
which costs next to nothing.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from ..core.arrays import Array, invert, namespace
from ..core.draft import Draft, Parent, Shape, chain, children
from ..core.grow import sibling_law
from ..models.sessions import Session
from ..models.vocabularies import fitted
from .drafter import Ask, Opening, Source
from .placing import Place
from .text import Text, unread


@dataclass(frozen=True, eq=False)
class ModelSource:
    """A `Source` that draws from a model; `generate` makes it of a model that it is given as draft."""

    model: Any

    def models(self, target: Any) -> tuple[Any]:
        """The one, made to read the target's tokens where it reads others."""
        return (fitted(self.model, target),)

    def drafter(self, opening: Opening) -> "ModelDrafter":
        """A drafter with a session of the model."""
        (model,) = self.models(opening.target)
        return ModelDrafter(model, opening.session(model), opening.place)


def as_source(draft: Any) -> Source:
    """Of a model the source that draws from it; sources stay what they are."""
    return draft if isinstance(draft, Source) else ModelSource(draft)


class ModelDrafter:
    """A `Drafter` that reads the texts in a session of its model."""

    each = 1

    def __init__(self, model: Any, reader: Session, place: Place) -> None:
        self._window: int = getattr(model, "max_length", None) or sys.maxsize
        self._deepest: int = getattr(model, "deepest", sys.maxsize)  # one that leaves out beginnings
        self._vocabulary: int = model.vocab_size
        self._session, self._place = reader, place
        self._proposed: Parent = ()
        self._there: np.ndarray | None = None

    def most(self, texts: Sequence[Text], wanted: Sequence[int]) -> list[int]:
        """How deep it can draft without reading beyond its window."""
        return [min(self._deepest, max(0, self._window + 1 - text.length)) for text in texts]

    def propose(
        self, texts: Sequence[Text], shape: Shape, there: np.ndarray | None, uniforms: Array
    ) -> Draft:
        """A draft of this shape after each text, token j drawn by inverting its law at uniforms[:, j]."""
        return self.propose_while(texts, shape, there, uniforms, None)

    def propose_while(
        self,
        texts: Sequence[Text],
        shape: Shape,
        there: np.ndarray | None,
        uniforms: Array,
        ask: Ask | None,
    ) -> Draft:
        """The same; ask, for chains only, says after each token which texts draft another."""
        size = len(shape.parent)
        self._proposed, self._there = shape.parent, there
        if size == 0:
            return no_draft(len(texts), self._vocabulary, self._place)
        below, steps = children(shape.parent), reading(shape.parent)[0]
        tokens: list[Array] = [None] * size
        laws: list[Array] = [None] * size
        for nodes, above in steps:
            read = None if self._there is None else self._there[:, [below[node][0] - 1 for node in nodes]]
            found = self._read_nodes(nodes, above, tokens, read) if above else self._read_texts(texts, read)
            for i, node in enumerate(nodes):
                earlier: list[Array] = []
                for child in below[node]:
                    j = child - 1
                    laws[j] = sibling_law(found[:, i], earlier, shape.how_at(j))
                    tokens[j] = invert(laws[j], uniforms[:, j])
                    earlier.append(tokens[j])
            if ask is not None and not self._go_on(ask(tokens[nodes[0]], laws[nodes[0]]), nodes[0] + 1):
                break
        size = len(self._proposed)
        xp = namespace(tokens[0])
        return Draft(xp.stack(tokens[:size], axis=1), xp.stack(laws[:size], axis=1), self._proposed)

    def settle(self, chosen: Sequence[Sequence[int]]) -> None:
        """Of what was proposed, the nodes on one path for each text were kept; forget all others."""
        number, below = reading(self._proposed)[1], children(self._proposed)

        def was_read(row: int, node: int) -> bool:
            return node in number and (self._there is None or self._there[row, below[node][0] - 1])

        paths = [[number[node] for node in path if was_read(row, node)] for row, path in enumerate(chosen)]
        self._session.settle(paths)

    def select(self, rows: Sequence[int]) -> None:
        """Go on with these texts only."""
        self._session.select(rows)

    def rewind(self, lengths: Sequence[int]) -> None:
        """Forget of each text what comes after its first so many tokens."""
        shorten(self._session, lengths)

    def _go_on(self, wanted: Sequence[bool], drafted: int) -> bool:
        """Take down which texts draft more than so many tokens of their chain; whether one of them does."""
        if not all(wanted):
            there = True if self._there is None else self._there
            self._there = there & ((np.arange(len(self._proposed)) < drafted) | np.array(wanted)[:, None])
        if not any(wanted) and drafted < len(self._proposed):
            self._proposed = chain(drafted)
        return any(wanted)

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


def shorten(reader: Session, lengths: Sequence[int]) -> None:
    """Let a session forget of each text what comes after its first so many tokens, if it has read so far."""
    kept = [*map(min, lengths, reader.lengths)]
    if kept != reader.lengths:
        reader.rewind(kept)


def no_draft(texts: int, vocab_size: int, place: Place) -> Draft:
    """Of no token, behind each text."""
    tokens, laws = np.zeros((texts, 0), np.int64), np.zeros((texts, 0, vocab_size))
    return Draft(place(tokens), place(laws), ())


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
