"""Sessions: a model that remembers what it has read, and can forget the end of it.

Decoding extends a text by a few tokens, looks at the laws after each, and takes some tokens back. A session
answers exactly that: `extend(tokens)` returns the law of the next token after each new one, `rewind(length)`
forgets everything after the first `length` tokens. For a plain model the session keeps the tokens and calls
the model; a transformer keeps keys and values instead.

>>> from specsim.models import markov
>>> reader = session(markov([1, 0], [[0.9, 0.1], [0.2, 0.8]]))
>>> reader.extend(np.array([[0, 1]]))
array([[[0.9, 0.1],
        [0.2, 0.8]]])
>>> reader.rewind(1)
>>> reader.extend(np.array([[0]])), reader.length
(array([[[0.9, 0.1]]]), 2)

A text may be continued in several ways at once, by a tree of tokens: `extend(tokens, parent=...)` reads them
all, each as if only the nodes above it stood before it, and `settle` lets those on one path join the text.

>>> reader.extend(np.array([[0, 1, 1]]), parent=(0, 0, 2))          # after 00: either 0, or 1 and then 1
array([[[0.9, 0.1],
        [0.2, 0.8],
        [0.2, 0.8]]])
>>> reader.settle([(2, 3)])
>>> reader.length
4

Rows of a batch may differ in length: `present` says which of the tokens a row really reads.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from ..core.draft import Parent
from .plain_session import PlainSession, Warp


class Session(Protocol):
    """A model with memory. Laws come in the kind of array that the tokens came in: NumPy or torch."""

    @property
    def length(self) -> int:
        """How many tokens the longest text has."""

    @property
    def lengths(self) -> list[int]:
        """How many tokens each row's text has."""

    def extend(
        self, tokens: Any, keep: int | None = None, parent: Parent = (), present: np.ndarray | None = None
    ) -> Any:
        """Read tokens (B, m), m >= 1; return the next-token laws (B, m, V) after each of them.

        keep: return only those after the last `keep` tokens, (B, keep, V); for a long prompt, 1 suffices.
        parent: for the last len(parent) tokens, the node of the tree behind the text that each hangs below: 0
            is the end of the text, i the i-th node read since. The tokens before these join the text; once
            there is a tree there are none until `settle`.
        present: (B, m) which tokens a row reads; by default all. The laws after the others mean nothing.
        """

    def settle(self, chosen: Sequence[Sequence[int]]) -> None:
        """Let the nodes on one path of each row join its text; forget the rest of the tree."""

    def rewind(self, length: int | Sequence[int]) -> None:
        """Forget the tree, and every text after its first `length` tokens, or each after its own number."""

    def select(self, rows: Sequence[int]) -> None:
        """Go on with these rows only; forget the tree."""


def session(model: Any, warp: Warp | None = None, batch: int = 1) -> Session:
    """A session of any model: its own where it has one (transformers), else one that keeps the tokens.

    warp: from logits to laws, applied to every law that comes out; a plain model's logits are log law(x).
    Without it a plain model's laws stay as they are, and a transformer's are the softmax in float32.
    batch: the number of rows B that `extend` will take.
    """
    if hasattr(model, "session"):
        return model.session(warp, batch)
    return PlainSession(model, warp, batch)
