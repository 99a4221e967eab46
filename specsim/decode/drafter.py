"""Where a round's draft comes from: here, a second model that is asked token by token.

A drafter says how many tokens it can propose, proposes them, and forgets those that were not kept.
"""

import sys
from typing import Any

import numpy as np

from ..core.arrays import Array, invert, namespace
from ..core.draft import Draft, chain
from ..models.sessions import Warp, session
from .text import Text


class ModelDrafter:
    """Drafts chains from a model, its laws warped."""

    def __init__(self, model: Any, warp: Warp | None) -> None:
        self._window: int = getattr(model, "max_length", None) or sys.maxsize
        self._vocabulary: int = model.vocab_size
        self._session = session(model, warp)

    def most(self, length: int) -> int:
        """How many tokens it can propose after `length` tokens without reading beyond its window."""
        return max(0, self._window + 1 - length)

    def propose(self, text: Text, size: int, uniforms: Array) -> Draft:
        """A chain of `size` >= 0 tokens after the text, token j drawn by inverting its law at uniforms[:, j].

        The tokens are also written behind the text. The last one is not read: it may never be needed.
        """
        if size == 0:
            none = text.place(np.zeros((1, 0, self._vocabulary)))
            return Draft(text.tokens[:, :0], none, ())
        tokens, laws = [], []
        for j in range(size):
            end = text.length + j
            law = self._session.extend(text.tokens[:, self._session.length : end], keep=1)
            token = invert(law[:, 0], uniforms[:, j])
            text.tokens[:, end] = token
            tokens.append(token)
            laws.append(law)
        xp = namespace(laws[0])
        return Draft(xp.stack(tokens, axis=1), xp.concat(laws, axis=1), chain(size))

    def rewind(self, length: int) -> None:
        """Forget what was read after the first `length` tokens, if anything."""
        self._session.rewind(min(self._session.length, length))
