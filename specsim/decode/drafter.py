"""What the loop asks of a drafter, and nothing else.

Each round, for texts that are written side by side:

    most        how deep could you draft behind each text?      decided before anything is drawn
    propose     do so, in this shape, with these uniforms       tokens, and the law that each was drawn from
    settle      this path of it was kept                        forget the rest

and `select` when some texts have ended. Any drafter keeps the output exact as long as `laws` are what its
tokens really came from: one-hot rows for tokens that were chosen, not drawn (`lookup`).

`generate(target, draft, ...)` takes as `draft` a model, for which there is `ModelDrafter`, or a `Source`.
"""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np

from ..core.arrays import Array
from ..core.draft import Draft, Shape
from .placing import Place
from .text import Text


class Drafter(Protocol):
    """Drafts for B texts at a time, which only grow, and remembers what it needs of them."""

    def most(self, texts: Sequence[Text]) -> list[int]:
        """How deep it can draft behind each text; 0: not at all."""

    def propose(
        self, texts: Sequence[Text], shape: Shape, there: np.ndarray | None, uniforms: Array
    ) -> Draft:
        """A draft of this shape, n >= 0 tokens, behind each text; its randomness is uniforms (B, at least n).

        there: (B, n) which nodes each text needs, none deeper than `most`; None: all of them. What stands at
        the others means nothing.
        """

    def settle(self, chosen: Sequence[Sequence[int]]) -> None:
        """Of what was proposed last, the nodes on one path for each text were kept; forget all others."""

    def select(self, rows: Sequence[int]) -> None:
        """Go on with these texts only."""


@runtime_checkable
class Source(Protocol):
    """A way of drafting that needs no model, to be opened for each call of `generate`."""

    def drafter(self, shape: Shape, vocab_size: int, batch: int, place: Place) -> Drafter:
        """A drafter for `batch` texts, none of which it has seen, over tokens 0..vocab_size - 1.

        shape: the largest that will be proposed. place: brings NumPy arrays to where the target's laws are.
        Raises ValueError for shapes that it cannot draft.
        """
