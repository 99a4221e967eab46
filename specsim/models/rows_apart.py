"""A session of several rows for networks that can read one text at a time only: a session for each row.

No pass is saved by reading rows together, but they can be of different lengths, and each is what it is alone.

>>> from specsim.models import iid
>>> from specsim.models.plain_session import PlainSession
>>> reader = RowsApart([PlainSession(iid([0.5, 0.5])), PlainSession(iid([0.5, 0.5]))])
>>> laws = reader.extend(np.array([[0, 1, 1], [1, 0, 0]]), present=np.array([[1, 1, 1], [0, 0, 1]], bool))
>>> reader.lengths
[3, 1]
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from array_api_compat import array_namespace

from ..core.draft import Parent


class RowsApart:
    """A `Session` made of sessions of one row each; it reads chains, no other trees."""

    def __init__(self, sessions: Sequence[Any]) -> None:
        self._rows = list(sessions)

    @property
    def length(self) -> int:
        """How many tokens the longest text has."""
        return max(self.lengths)

    @property
    def lengths(self) -> list[int]:
        """How many tokens each row's text has."""
        return [row.length for row in self._rows]

    def extend(
        self, tokens: Any, keep: int | None = None, parent: Parent = (), present: np.ndarray | None = None
    ) -> Any:
        """Read tokens (B, m); return the laws after the last `keep` (by default all) of them."""
        there = np.ones(tuple(tokens.shape), bool) if present is None else present
        kept = tokens.shape[1] if keep is None else keep
        found = [_read(*one, kept, parent) for one in zip(self._rows, tokens, there)]
        like = next(laws for laws in found if laws is not None)
        xp = array_namespace(like)
        laws = xp.zeros((len(found), kept, like.shape[-1]), dtype=like.dtype, device=like.device)
        for i, own in enumerate(found):
            if own is not None:
                laws[i, there[i, -kept:].nonzero()[0].tolist()] = own[0]
        return laws

    def settle(self, chosen: Sequence[Sequence[int]]) -> None:
        """Let the nodes on one path of each row join its text; forget the rest of the tree."""
        for row, path in zip(self._rows, chosen):
            row.settle([path])

    def rewind(self, length: int | Sequence[int]) -> None:
        """Forget the tree, and every text after its first `length` tokens, or each after its own number."""
        for row, own in zip(self._rows, [length] * len(self._rows) if isinstance(length, int) else length):
            row.rewind(min(own, row.length))

    def select(self, rows: Sequence[int]) -> None:
        """Go on with these rows only; forget the tree."""
        self._rows = [self._rows[row] for row in rows]


def _read(row: Any, tokens: Any, there: np.ndarray, kept: int, parent: Parent) -> Any:
    """The laws (1, k, V) of a row at its own tokens among the last ones; None where it has none there."""
    own, nodes = there.nonzero()[0].tolist(), int(there[len(there) - len(parent) :].sum())
    wanted = int(there[-kept:].sum())
    if not own:
        return None
    laws = row.extend(tokens[own][None], keep=max(1, wanted), parent=parent[:nodes])
    return laws if wanted else None
