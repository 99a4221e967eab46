"""Sessions: a model that remembers what it has read, and can forget the end of it.

Decoding extends a context by a few tokens, looks at the laws after each, and takes some tokens back.
A session answers exactly that: `extend(tokens)` returns the law of the next token after each new one,
`rewind(length)` forgets everything after the first `length` tokens. For a plain model the session keeps
the tokens and calls the model; a transformer keeps keys and values instead.

>>> from specsim.models import markov
>>> reader = session(markov([1, 0], [[0.9, 0.1], [0.2, 0.8]]))
>>> reader.extend(np.array([[0, 1]]))
array([[[0.9, 0.1],
        [0.2, 0.8]]])
>>> reader.rewind(1)
>>> reader.extend(np.array([[0]])), reader.length
(array([[[0.9, 0.1]]]), 2)
"""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from array_api_compat import is_torch_array

Warp = Callable[[Any], Any]
"""From logits (..., V) to laws (..., V), e.g. a softmax at some temperature."""


class Session(Protocol):
    """A model with memory. Laws come in the kind of array that the tokens came in: NumPy or torch."""

    @property
    def length(self) -> int:
        """How many tokens are remembered."""

    def extend(self, tokens: Any, keep: int | None = None) -> Any:
        """Read tokens (B, m), m >= 1; return the next-token laws (B, m, V) after each of them.

        keep: return only those after the last `keep` tokens, (B, keep, V); for a long prompt, 1 suffices.
        """

    def rewind(self, length: int) -> None:
        """Forget everything after the first `length` tokens."""


class PlainSession:
    """The session of a plain model: keeps the tokens and calls the model for the new positions."""

    def __init__(self, model: Any, warp: Warp | None = None, batch: int = 1) -> None:
        self.model, self.warp = model, warp
        self._tokens = np.zeros((batch, 0), np.int64)

    @property
    def length(self) -> int:
        """How many tokens are remembered."""
        return self._tokens.shape[1]

    def extend(self, tokens: Any, keep: int | None = None) -> Any:
        """Read tokens (B, m); return the laws after the last `keep` (by default all) of them."""
        new = tokens.cpu().numpy() if is_torch_array(tokens) else np.asarray(tokens)
        keep = check_new(new, len(self._tokens), keep)
        read = np.concatenate([self._tokens, new], axis=1)
        laws = laws_along(self.model, read, read.shape[1] - keep + 1)
        self._tokens = read
        return self._answer(laws, tokens)

    def rewind(self, length: int) -> None:
        """Forget everything after the first `length` tokens."""
        check_rewind(length, self.length)
        self._tokens = self._tokens[:, :length]

    def _answer(self, laws: Any, tokens: Any) -> Any:
        if self.warp is not None:
            with np.errstate(divide="ignore"):
                laws = np.log(laws.astype(float))
        if is_torch_array(tokens):
            import torch

            laws = torch.from_numpy(laws.astype(float)).to(tokens.device)
        return laws if self.warp is None else self.warp(laws)


def session(model: Any, warp: Warp | None = None, batch: int = 1) -> Session:
    """A session of any model: its own where it has one (transformers), else one that keeps the tokens.

    warp: from logits to laws, applied to every law that comes out; a plain model's logits are log law(x).
    Without it a plain model's laws stay as they are, and a transformer's are the softmax in float32.
    batch: the number of rows B that `extend` will take.
    """
    if hasattr(model, "session"):
        return model.session(warp, batch)
    return PlainSession(model, warp, batch)


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


def _windowed(model: Any) -> bool:
    return getattr(model, "homogeneous", False) and getattr(model, "order", None) is not None


def check_new(tokens: Any, batch: int, keep: int | None) -> int:
    """How many laws to return; ValueError unless tokens are (batch, m) with m >= 1 and 1 <= keep <= m."""
    if tokens.ndim != 2 or tokens.shape[0] != batch or tokens.shape[1] == 0:
        raise ValueError(
            f"this session reads tokens of shape ({batch}, m) with m >= 1, got {tuple(tokens.shape)}; "
            "is the prompt empty, or was the session made for another batch?"
        )
    new = tokens.shape[1]
    if keep is not None and not 1 <= keep <= new:
        raise ValueError(f"keep must be 1..{new}, the number of new tokens, got {keep}")
    return new if keep is None else keep


def check_rewind(length: int, remembered: int) -> None:
    """ValueError unless a session of `remembered` tokens can go back to `length`."""
    if not 0 <= length <= remembered:
        raise ValueError(f"a session of {remembered} tokens can rewind to 0..{remembered}, got {length}")
