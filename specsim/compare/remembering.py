"""A session as a model: laws after whole texts, at the price of what is new in them.

`core.grow` and `core.score` ask for laws after texts (B, t) that share most of their tokens with the text
before. Here a session keeps what all rows have in common, and reads the rest.

>>> from specsim.models import load_pair
>>> model = Remembering(load_pair("toy").target, rows=1)
>>> model(np.array([[0, 1]])), model(np.array([[0, 2, 1]])).shape
(array([[0.5, 0.3, 0.2]]), (1, 3))
"""

from typing import Any

import numpy as np

from ..models import session


class Remembering:
    """A model (B, t) -> (B, V) on a session of `rows` rows."""

    def __init__(self, model: Any, rows: int) -> None:
        self._session = session(model, batch=rows)
        self._read = np.zeros((rows, 0), np.int64)

    def __call__(self, tokens: np.ndarray) -> np.ndarray:
        """Laws (B, V) after tokens (B, t), t at least 1."""
        shorter = min(self._read.shape[1], tokens.shape[1] - 1)
        same = (self._read[:, :shorter] == tokens[:, :shorter]).all(axis=0)
        known = int(np.argmin(same)) if not same.all() else shorter
        if known < self._session.length:
            self._session.rewind(known)
        self._read = tokens
        return self._session.extend(tokens[:, known:], keep=1)[:, 0]
