"""A session that reads the retelling of texts that grow.

Whenever a text has grown it is told again. What the session has read and what it ought to have read begin
alike, mostly up to the last few tokens; it goes back to where they part, and reads on from there.
"""

import sys
from collections.abc import Sequence

import numpy as np

from ..columns import side_by_side
from ..sessions import Session
from .retelling import Retell


class Following:
    """What a session has read of each text.

    read: the ids that it has read, in its own vocabulary; whoever lets it read more adds them here. window:
    how many it can hold, None for any number. Of a text that would take more than three quarters of it, the
    beginning is left out, a quarter of the window at a time, so that a draft always has room.
    """

    def __init__(self, reader: Session, retell: Retell, window: int | None, batch: int) -> None:
        self._reader, self._retell, self._window = reader, retell, window
        self.read: list[list[int]] = [[] for _ in range(batch)]

    def turn(
        self, texts: Sequence[Sequence[int]], due: Sequence[bool]
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Go back to where each due text parts from what was read; return what is to be read next.

        As `side_by_side` returns it, at least one token of each due text.
        """
        told = [self._clipped(self._retell(text)) if now else [] for text, now in zip(texts, due)]
        shared = [agreement(old, new) if now else len(old) for old, new, now in zip(self.read, told, due)]
        if any(count < len(old) for count, old in zip(shared, self.read)):
            self._reader.rewind(shared)
        rest = [new[count:] if now else [] for new, count, now in zip(told, shared, due)]
        self.read = [[*old[:count], *more] for old, count, more in zip(self.read, shared, rest)]
        return side_by_side(rest)

    def select(self, rows: Sequence[int]) -> None:
        """Go on with these texts only; the session is told by its owner."""
        self.read = [self.read[row] for row in rows]

    def _clipped(self, ids: list[int]) -> list[int]:
        if self._window is None or len(ids) <= (most := text_room(self._window)):
            return ids
        step = max(1, self._window // 4)
        return ids[-(-(len(ids) - most) // step) * step :]


def text_room(window: int) -> int:
    """How many tokens of a text a session with this window reads at most."""
    return window * 3 // 4


def draft_room(window: int | None) -> int:
    """How deep a draft can be behind any text; its last token is not read.

    >>> draft_room(32)
    9
    """
    return sys.maxsize if window is None else window - text_room(window) + 1


def agreement(old: Sequence[int], new: Sequence[int]) -> int:
    """How many ids both begin with, leaving at least one of the new to be read.

    >>> agreement([5, 6, 7], [5, 6, 8, 9]), agreement([5, 6], [5, 6])
    (2, 1)
    """
    longest = min(len(old), len(new) - 1)
    return next((i for i in range(longest) if old[i] != new[i]), longest)
