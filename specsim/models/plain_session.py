"""The session of a plain model: it keeps the tokens, and asks the model for the laws at the new positions.

>>> from specsim.models import iid
>>> reader = PlainSession(iid([0.5, 0.5]), batch=2)
>>> reader.extend(np.array([[0], [1]])).shape
(2, 1, 2)
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from array_api_compat import is_torch_array

from ..core.draft import Parent
from .columns import Columns, Moves, check_new, check_rewind, check_settle

Warp = Callable[[Any], Any]
"""From logits (..., V) to laws (..., V), e.g. a softmax at some temperature."""


class PlainSession:
    """A `Session` of a plain model; warp: from logits, here log law(x), to laws; None leaves them alone."""

    def __init__(self, model: Any, warp: Warp | None = None, batch: int = 1) -> None:
        self.model, self.warp = model, warp
        self._columns = Columns(batch)
        self._tokens = np.zeros((batch, 0), np.int64)

    @property
    def length(self) -> int:
        """How many tokens the longest text has."""
        return max(self.lengths)

    @property
    def lengths(self) -> list[int]:
        """How many tokens each row's text has."""
        return self._columns.lengths

    def extend(
        self, tokens: Any, keep: int | None = None, parent: Parent = (), present: np.ndarray | None = None
    ) -> Any:
        """Read tokens (B, m); return the laws after the last `keep` (by default all) of them."""
        new = tokens.cpu().numpy() if is_torch_array(tokens) else np.asarray(tokens)
        keep = check_new(new, self._columns, keep, parent)
        read = np.concatenate([self._tokens, new], axis=1)
        view = self._columns.view(new.shape[1], parent, present)
        if view is None:
            laws = laws_along(self.model, read, read.shape[1] - keep + 1)
        else:
            wanted = np.ones((len(new), keep), bool) if present is None else present[:, -keep:]
            laws = laws_of_seen(self.model, read, view.seen[:, -keep:], wanted)
        self._tokens = read
        self._move(self._columns.read(new.shape[1], parent, present))
        return self._answer(laws, tokens)

    def settle(self, chosen: Sequence[Sequence[int]]) -> None:
        """Let the nodes on one path of each row join its text; forget the rest of the tree."""
        check_settle(chosen, self._columns)
        self._move(self._columns.settle(chosen))

    def rewind(self, length: int | Sequence[int]) -> None:
        """Forget the tree, and every text after its first `length` tokens, or each after its own number."""
        check_rewind(length, self._columns)
        self._columns.rewind(length)
        self._tokens = self._tokens[:, : self._columns.width]

    def select(self, rows: Sequence[int]) -> None:
        """Go on with these rows only; forget the tree."""
        self._columns.select(rows)
        self._tokens = self._tokens[list(rows), : self._columns.width]

    def _move(self, moves: Moves) -> None:
        if moves:
            rows, source, target = np.array(moves).T
            self._tokens[rows, target] = self._tokens[rows, source]
        self._tokens = self._tokens[:, : self._columns.width]

    def _answer(self, laws: Any, tokens: Any) -> Any:
        if self.warp is not None:
            with np.errstate(divide="ignore"):
                laws = np.log(laws.astype(float))
        if is_torch_array(tokens):
            import torch

            laws = torch.from_numpy(laws.astype(float)).to(tokens.device)
        return laws if self.warp is None else self.warp(laws)


def laws_along(model: Any, tokens: np.ndarray, first: int) -> np.ndarray:
    """The laws (B, t - first + 1, V) of a plain model after the first `first`, ..., all t tokens (B, t).

    A model of finite order whose law is the same at every position is called once for all of them.
    """
    rows, length = tokens.shape
    width = max(model.order, 1) if _windowed(model) else length + 1
    alone = range(first, min(max(first, width), length + 1))
    laws = [model(tokens[:, :end])[:, None] for end in alone]
    ends = np.arange(alone.stop, length + 1)
    if len(ends):
        windows = tokens[:, ends[:, None] - width + np.arange(width)]
        laws.append(model(windows.reshape(-1, width)).reshape(rows, len(ends), -1))
    return np.concatenate(laws, axis=1)


def laws_of_seen(model: Any, tokens: np.ndarray, seen: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The laws (B, m, V) of a plain model after the columns that each new token sees.

    tokens: (B, W). seen: (B, m, W). wanted: (B, m) which laws count, at least one; the others are copies.
    Contexts of one length are asked for together.
    """
    width = max(model.order, 1) if _windowed(model) else tokens.shape[1]
    contexts = [tokens[row][seen[row, i]][-width:] for row, i in np.argwhere(wanted)]
    lengths = np.array([len(context) for context in contexts])
    order = [np.flatnonzero(lengths == length) for length in np.unique(lengths)]
    laws = np.concatenate([model(np.stack([contexts[i] for i in some])) for some in order])
    place = np.zeros(wanted.shape, np.int64)
    place[wanted] = np.argsort(np.concatenate(order))
    return laws[place]


def _windowed(model: Any) -> bool:
    return getattr(model, "homogeneous", False) and getattr(model, "order", None) is not None
