"""Columns of a memory: whose they are, and which of them a new token sees.

A model that remembers keeps one column for every token that it has read, the rows of a batch side by side.
The first columns of a row hold its text, and rows may be of different lengths. Behind the longest text comes
a tree of tokens that continue it in several ways: node 0 is the end of the text, node j + 1 hangs below node
`parent[j]`.

    row 0   t t t t t | 1 2 3
    row 1   t t t . . | 1 2 3          parent (0, 0, 2)

A token of the text sees the text before it, a node of the tree the whole text and the nodes above it, and
each sees itself. Which columns these are is all that a network has to be told about rows and trees.

>>> columns = Columns(1)
>>> columns.view(4, (0, 0, 2), None).seen[0].astype(int)         # one token of text and the tree
array([[1, 0, 0, 0],
       [1, 1, 0, 0],
       [1, 0, 1, 0],
       [1, 0, 1, 1]])
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from ..core.draft import Parent, is_chain, paths

Moves = list[tuple[int, int, int]]
"""Rows, each with a column to copy from and a column to copy to."""


@dataclass(frozen=True, eq=False)
class View:
    """What m new tokens see among all W columns, their own included.

    seen: (B, m, W) whether a token sees a column. places: (B, W) the position of each column in its text.
    present: (B, m) which of the new tokens there are.
    """

    seen: np.ndarray
    places: np.ndarray
    present: np.ndarray

    @property
    def new_places(self) -> np.ndarray:
        """The positions (B, m) of the new tokens."""
        return self.places[:, -self.seen.shape[1] :]

    @property
    def reach(self) -> int:
        """How many tokens the longest way from the first token to a new one has."""
        return 1 + int(self.new_places.max(initial=-1, where=self.present))


class Columns:
    """The texts of `batch` rows and the tree behind them.

    lengths: tokens in each row's text. texts: columns that texts take. parent: of the tree read so far.
    """

    def __init__(self, batch: int) -> None:
        self.lengths = [0] * batch
        self.texts = 0
        self.parent: Parent = ()

    @property
    def width(self) -> int:
        """How many columns there are."""
        return self.texts + len(self.parent)

    def view(self, new: int, parent: Parent, present: np.ndarray | None) -> View | None:
        """What `new` tokens see: the last ones hang in the tree as `parent` says, the others join the text.

        present: (B, new) which of them there are, None for all. None comes back where every token sees all
        columns up to its own, in which case a network needs to be told nothing.
        """
        tree, text = (*self.parent, *parent), new - len(parent)
        if present is None and self._aligned and is_chain(tree):
            return None
        old, rows, lengths = self.texts, len(self.lengths), np.array(self.lengths)[:, None]
        there = np.ones((rows, new), bool) if present is None else present
        seen = np.zeros((rows, new, old + text + len(tree)), bool)
        seen[:, :, :old] = (np.arange(old) < lengths)[:, None]
        seen[:, :, old : old + text] = np.tri(new, text, dtype=bool) & there[:, None, :text]
        seen[:, range(text), range(old, old + text)] = True
        above = ancestors(tree)
        seen[:, text:, old + text :] = above[len(self.parent) :]
        fresh = lengths + there[:, :text].cumsum(axis=1)
        ends = fresh[:, -1:] if text else lengths
        before = np.broadcast_to(np.arange(old), (rows, old))
        places = np.concatenate([before, fresh - 1, ends + above.sum(axis=1) - 1], axis=1)
        return View(seen, np.maximum(places, 0), there)

    def read(self, new: int, parent: Parent, present: np.ndarray | None) -> Moves:
        """Take the tokens in; returns the moves that bring each text to the first columns of its row."""
        text = new - len(parent)
        self.parent = (*self.parent, *parent)
        if present is None and self._aligned:
            self.lengths = [length + text for length in self.lengths]
            self.texts += text
            return []
        there = np.ones((len(self.lengths), text), bool) if present is None else present[:, :text]
        sources = [np.flatnonzero(row) + self.texts for row in there]
        moves = self._append([source.tolist() for source in sources])
        self.texts = self.texts + text if self.parent else max(self.lengths)
        return moves

    def settle(self, chosen: Sequence[Sequence[int]]) -> Moves:
        """Let the nodes on one path of each row join its text, forget the rest; returns the moves for it."""
        moves = self._append([[self.texts + node - 1 for node in path] for path in chosen])
        self._become(self.lengths)
        return moves

    def rewind(self, length: int | Sequence[int]) -> None:
        """Forget the tree, and every text after its first `length` tokens, or each after its own number."""
        each = [length] * len(self.lengths) if isinstance(length, int) else length
        self._become(list(map(min, self.lengths, each)))

    def select(self, rows: Sequence[int]) -> None:
        """Keep these rows only, and forget the tree."""
        self._become([self.lengths[row] for row in rows])

    @property
    def _aligned(self) -> bool:
        """Whether all texts are equally long, so that no column is empty."""
        return all(length == self.texts for length in self.lengths)

    def _append(self, columns: Sequence[Sequence[int]]) -> Moves:
        """Let these columns join the text of each row."""
        moves = [
            (row, source, self.lengths[row] + i)
            for row, sources in enumerate(columns)
            for i, source in enumerate(sources)
            if source != self.lengths[row] + i
        ]
        self.lengths = [length + len(added) for length, added in zip(self.lengths, columns)]
        return moves

    def _become(self, lengths: list[int]) -> None:
        self.lengths, self.parent = lengths, ()
        self.texts = max(lengths, default=0)


def side_by_side(rows: Sequence[Sequence[int]]) -> tuple[np.ndarray, np.ndarray | None]:
    """Rows of tokens as one array (B, m), the shorter ones filled up in front, and what is there.

    What is there: (B, m), or None if everything is.

    >>> tokens, present = side_by_side([[6, 7], [9]])
    >>> tokens.tolist(), present.tolist()
    ([[6, 7], [0, 9]], [[True, True], [False, True]])
    """
    longest = max(map(len, rows))
    tokens = np.array([[0] * (longest - len(row)) + [*row] for row in rows], np.int64)
    if all(len(row) == longest for row in rows):
        return tokens, None
    counts = np.array([[len(row)] for row in rows])
    return tokens, np.arange(longest) >= longest - counts


@cache
def ancestors(parent: Parent) -> np.ndarray:
    """Whether node i + 1 is node j + 1 or hangs somewhere below it, (n, n).

    >>> ancestors((0, 0, 1)).astype(int)
    array([[1, 0, 0],
           [0, 1, 0],
           [1, 0, 1]])
    """
    above = np.zeros((len(parent), len(parent)), bool)
    for i, path in enumerate(paths(parent)[1:]):
        above[i, [node - 1 for node in path]] = True
    return above


def check_new(tokens: Any, columns: Columns, keep: int | None, parent: Parent) -> int:
    """How many laws to return; ValueError for arguments of `Session.extend` that do not fit."""
    batch = len(columns.lengths)
    if tokens.ndim != 2 or tokens.shape[0] != batch or tokens.shape[1] == 0:
        raise ValueError(
            f"this session reads tokens of shape ({batch}, m) with m >= 1, got {tuple(tokens.shape)}; "
            "is the prompt empty, or was the session made for another batch?"
        )
    new = tokens.shape[1]
    if keep is not None and not 1 <= keep <= new:
        raise ValueError(f"keep must be 1..{new}, the number of new tokens, got {keep}")
    _check_parent(parent, len(columns.parent), new)
    return new if keep is None else keep


def _check_parent(parent: Parent, nodes: int, new: int) -> None:
    if nodes and len(parent) != new:
        raise ValueError(
            f"there is a tree of {nodes} nodes behind the text, so each of {new} new tokens must hang in it, "
            f"got parent={parent}; to go on with the text, settle the tree first"
        )
    if len(parent) > new or any(not 0 <= above <= nodes + j for j, above in enumerate(parent)):
        raise ValueError(
            f"parent must name, for the last of {new} new tokens, one of the nodes 0..{nodes} or one of the "
            f"tokens before it, got {parent}"
        )


def check_settle(chosen: Sequence[Sequence[int]], columns: Columns) -> None:
    """ValueError unless there is one path of the tree for each row."""
    if len(chosen) != len(columns.lengths):
        raise ValueError(f"settle needs one path for each of {len(columns.lengths)} rows, got {len(chosen)}")
    for path in set(map(tuple, chosen)):
        if any(not 1 <= node <= len(columns.parent) for node in path) or any(
            columns.parent[node - 1] != above for above, node in zip((0, *path), path)
        ):
            raise ValueError(f"{path} is no path from the root of the tree with parent={columns.parent}")


def check_rewind(length: int | Sequence[int], columns: Columns) -> None:
    """ValueError unless the texts can go back to `length` tokens, or each to its own number."""
    rows, remembered = len(columns.lengths), max(columns.lengths)
    each = [length] if isinstance(length, int) else length
    if not isinstance(length, int) and len(each) != rows:
        raise ValueError(f"rewind needs one length, or one for each of {rows} rows, got {len(each)}")
    if any(not 0 <= one <= remembered for one in each):
        raise ValueError(f"a session of {remembered} tokens can rewind to 0..{remembered}, got {length}")
