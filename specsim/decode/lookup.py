"""Prompt look-up: what followed the last few tokens when they stood here before?

Code, tables, summaries and answers repeat what they were given. So take the longest suffix of the text, of
at most n tokens, that occurred earlier; draft what followed its most recent occurrence. As in LZ77 the copy
may run into itself: behind "a b a b" the suffix "a b" is followed by "a b", and that by what was just
drafted. Where nothing occurred before, nothing is drafted, and the round is one of plain decoding.

Tokens are chosen, not drawn: their laws are one-hot, and any exact rule stays exact. With them token
verification keeps a token with the target's own chance of it.

>>> from specsim.decode import generate
>>> from specsim.models import iid
>>> made = generate(iid([0.9, 0.1]), prompt_lookup(), [0, 1], gamma=3, max_new_tokens=8, rng=2)
>>> made.tokens, [(one.drafted, one.kept) for one in made.rounds]
((0, 0, 0, 0, 0, 0, 0, 0), [(0, 0), (3, 0), (3, 3), (1, 1)])

Ziv and Lempel 1977 (the copy that runs into itself); Saxena 2023 (prompt lookup decoding).
"""

import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core.arrays import Array, one_hot
from ..core.draft import Draft, Shape, is_chain
from ..shapes import shape_name
from .drafter import Opening
from .placing import Place
from .text import Text


@dataclass(frozen=True)
class PromptLookup:
    """Drafts by looking up suffixes of at most n tokens; made by `prompt_lookup`."""

    n: int

    def models(self, target: Any) -> tuple[()]:
        """None."""
        return ()

    def drafter(self, opening: Opening) -> "LookupDrafter":
        """A drafter with an empty index for each text; ValueError for shapes that are no chain."""
        shape = opening.shape
        if not is_chain(shape.parent):
            raise ValueError(f"prompt look-up drafts a chain such as chain:5, got {shape_name(shape)}")
        indices = [Index(self.n) for _ in range(opening.batch)]
        return LookupDrafter(indices, opening.target.vocab_size, opening.place)


def prompt_lookup(n: int = 3) -> PromptLookup:
    """Drafting for `generate` without a draft model: what followed the last tokens before.

    n: the longest suffix that is looked up, at least 1. Raises ValueError for other n.

    >>> prompt_lookup(2)
    PromptLookup(n=2)
    """
    if n != int(n) or n < 1:
        raise ValueError(f"prompt look-up needs suffixes of n >= 1 tokens, got n={n!r}")
    return PromptLookup(int(n))


class Index:
    """Where each gram of 1 to n tokens of a growing text was followed by something.

    >>> Index(2).following([7, 8, 9, 7, 8], 4)           # 7 8 was followed by 9 7 8, and that again by 9
    [9, 7, 8, 9]
    >>> Index(2).following([7, 8, 9], 4)
    []
    """

    def __init__(self, n: int) -> None:
        self._ends: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
        self._n, self._known = n, list[int]()

    def following(self, ids: Sequence[int], count: int) -> list[int]:
        """The `count` tokens that followed the longest known suffix of ids; none if there is none.

        ids: those of the last call, and more.
        """
        for end in range(max(1, len(self._known)), len(ids)):
            for gram in self._grams(ids, end):
                self._ends[gram].append(end)
        self._known += ids[len(self._known) :]
        known = (self._ends.get(gram) for gram in self._grams(ids, len(ids)))
        begin = next((ends[-1] for ends in known if ends), None)
        if begin is None:
            return []
        return [ids[begin + i % (len(ids) - begin)] for i in range(count)]

    def rewind(self, length: int) -> None:
        """Forget all ids after the first `length`."""
        for end in range(len(self._known) - 1, max(0, length - 1), -1):
            for gram in self._grams(self._known, end):
                self._ends[gram].pop()
        del self._known[length:]

    def _grams(self, ids: Sequence[int], end: int) -> list[tuple[int, ...]]:
        """The grams that end there, the longest first."""
        return [tuple(ids[end - size : end]) for size in range(min(self._n, end), 0, -1)]


class LookupDrafter:
    """A `Drafter` that copies; what it remembers of each text is an index."""

    each = 1

    def __init__(self, indices: list[Index], vocab_size: int, place: Place) -> None:
        self._indices, self._place = indices, place
        self._like = place(np.zeros(vocab_size, np.float32))

    def most(self, texts: Sequence[Text], wanted: Sequence[int]) -> list[int]:
        """Any depth where something can be copied, else 0."""
        return [
            sys.maxsize if index.following(text.ids, 1) else 0 for index, text in zip(self._indices, texts)
        ]

    def propose(
        self, texts: Sequence[Text], shape: Shape, there: np.ndarray | None, uniforms: Array
    ) -> Draft:
        """The copied tokens, with one-hot laws."""
        size = len(shape.parent)
        copied = [index.following(text.ids, size) for index, text in zip(self._indices, texts)]
        tokens = self._place(np.array([ids or [0] * size for ids in copied], np.int64))
        return Draft(tokens, one_hot(tokens, like=self._like), shape.parent)

    def settle(self, chosen: Sequence[Sequence[int]]) -> None:
        """Nothing is remembered of drafts."""

    def select(self, rows: Sequence[int]) -> None:
        """Go on with these texts only."""
        self._indices = [self._indices[row] for row in rows]

    def rewind(self, lengths: Sequence[int]) -> None:
        """Forget of each text what comes after its first so many tokens."""
        for index, length in zip(self._indices, lengths):
            index.rewind(length)
