"""The session of a causal language model of `transformers`: keys and values of what was read, row by row.

A chain behind texts of equal length is what the library expects, and goes its own way through the network.
For trees, and for texts of different lengths, each new token is told its position and what it sees.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from ..core.draft import Parent
from .columns import Columns, Moves, check_new, check_rewind, check_settle
from .growing_cache import new_cache
from .plain_session import Warp

LONG = 512
"""The longest text that is read together with a tree behind it: masks are quadratic."""


class CausalSession:
    """A `Session` of a CausalLM on its key-value cache."""

    def __init__(self, lm: Any, warp: Warp, batch: int) -> None:
        self.lm, self.warp = lm, warp
        self._columns = Columns(batch)
        self._cache: Any = new_cache(lm.model.config)

    @property
    def length(self) -> int:
        """How many tokens the longest text has."""
        return max(self.lengths)

    @property
    def lengths(self) -> list[int]:
        """How many tokens each row's text has."""
        return self._columns.lengths

    @torch.inference_mode()
    def extend(
        self, tokens: Any, keep: int | None = None, parent: Parent = (), present: np.ndarray | None = None
    ) -> Any:
        """Read tokens (B, m); return the laws after the last `keep` (by default all) of them."""
        new = as_tokens(tokens)
        keep = check_new(new, self._columns, keep, parent)
        size, text = new.shape[1], new.shape[1] - len(parent)
        view = self._columns.view(size, parent, present)
        self.lm.check(new, self._columns.width + size if view is None else view.reach)
        if view is not None and text > LONG and keep <= len(parent) + 1 and present is None:
            self.extend(new[:, : text - 1], keep=1)
            return self.extend(new[:, text - 1 :], keep, parent)
        logits = self.lm.logits(new, keep, self._cache, view)
        self._move(self._columns.read(size, parent, present))
        return as_came(self.warp(logits), new)

    @torch.inference_mode()
    def settle(self, chosen: Sequence[Sequence[int]]) -> None:
        """Let the nodes on one path of each row join its text; forget the rest of the tree."""
        check_settle(chosen, self._columns)
        self._move(self._columns.settle(chosen))

    @torch.inference_mode()
    def rewind(self, length: int | Sequence[int]) -> None:
        """Forget the tree, and every text after its first `length` tokens, or each after its own number."""
        check_rewind(length, self._columns)
        self._columns.rewind(length)
        self._crop()

    @torch.inference_mode()
    def select(self, rows: Sequence[int]) -> None:
        """Go on with these rows only; forget the tree."""
        self._columns.select(rows)
        self._cache.batch_select_indices(torch.tensor(rows))  # on the host: devices may differ by layer
        self._crop()

    def _move(self, moves: Moves) -> None:
        if moves:
            rows, source, target = torch.tensor(moves).T
            for layer in self._cache.layers:
                for memory in (layer.keys, layer.values) if layer.is_initialized else ():
                    memory[rows, :, target] = memory[rows, :, source]
        self._crop()

    def _crop(self) -> None:
        """Drop the columns that nobody needs any more."""
        surplus = self._cache.get_seq_length() - self._columns.width
        if surplus:  # a negative number says how many to remove, in every release
            self._cache.crop(-surplus)


def as_tokens(tokens: Any) -> Any:
    """Tokens as a torch tensor if they are one, else as a NumPy array."""
    return tokens if isinstance(tokens, torch.Tensor) else np.asarray(tokens)


def as_came(laws: torch.Tensor, tokens: Any) -> Any:
    """Laws in torch if the tokens came so, else in NumPy."""
    return laws if isinstance(tokens, torch.Tensor) else laws.cpu().numpy()
