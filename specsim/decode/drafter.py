"""What the loop asks of a drafter, and nothing else.

Each round, for texts that are written side by side:

    most        so much is wanted; how deep can you draft?      decided before anything is drawn
    propose     do so, in this shape, with these uniforms       tokens, and the law that each was drawn from
    settle      this path of it was kept                        forget the rest

and `select` when some texts have ended, `rewind` where the end of a text is a draft itself (`hierarchical`).
Any drafter keeps the output exact as long as `laws` are what its tokens really came from: one-hot rows for
tokens that were chosen, not drawn (`lookup`).

`generate(target, draft, ...)` takes as `draft` a `Source`, or a model, for which there is `ModelSource`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np

from ..core.arrays import Array
from ..core.draft import Draft, Shape
from ..models.sessions import Session
from .placing import Place
from .text import Text


class Drafter(Protocol):
    """Drafts for B texts at a time, which only grow, and remembers what it needs of them.

    each: how many uniforms it uses for a drafted token.
    """

    @property
    def each(self) -> int:
        """How many uniforms it uses for a drafted token."""

    def most(self, texts: Sequence[Text], wanted: Sequence[int]) -> list[int]:
        """How deep it can draft behind each text, 0: not at all; no more than wanted will be proposed."""

    def propose(
        self, texts: Sequence[Text], shape: Shape, there: np.ndarray | None, uniforms: Array
    ) -> Draft:
        """A draft of this shape, n >= 0 tokens, behind each text.

        uniforms: (B, at least n * each) its randomness, token j having those from j * each on.

        there: (B, n) which nodes each text needs, none deeper than `most`; None: all of them. What stands at
        the others means nothing.
        """

    def settle(self, chosen: Sequence[Sequence[int]]) -> None:
        """Of what was proposed last, the nodes on one path for each text were kept; forget all others."""

    def select(self, rows: Sequence[int]) -> None:
        """Go on with these texts only."""

    def rewind(self, lengths: Sequence[int]) -> None:
        """Forget of each text what comes after its first so many tokens; there is no draft to settle."""


Ask = Callable[[Array, Array], Sequence[bool]]
"""Tokens (B,) and the laws (B, V) that they were drawn from, to: which texts draft another one."""


@runtime_checkable
class Stoppable(Protocol):
    """A `Drafter` whose chains can be stopped while they grow, which saves draft steps."""

    def propose_while(
        self, texts: Sequence[Text], shape: Shape, there: np.ndarray | None, uniforms: Array, ask: Ask
    ) -> Draft:
        """As `propose` in a chain, but ask after each token; as deep as a text wants that asks for most."""


@dataclass(frozen=True)
class Opening:
    """What a drafter is opened for.

    target: the model for which it drafts. shape: the largest that will be proposed. batch: the number of
    texts, none of which it has seen. place: brings NumPy arrays to where the target's laws are. session:
    opens a session of a model over the target's tokens, with all settings of sampling.
    """

    target: Any
    shape: Shape
    batch: int
    place: Place
    session: Callable[[Any], Session]


@runtime_checkable
class Source(Protocol):
    """A way of drafting, to be opened for each call of `generate`."""

    def models(self, target: Any) -> Sequence[Any]:
        """The models over the target's tokens that it would read in sessions; none if it needs none."""

    def drafter(self, opening: Opening) -> Drafter:
        """A drafter for these texts. Raises ValueError for shapes that it cannot draft."""
