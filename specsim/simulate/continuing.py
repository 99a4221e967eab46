"""Playing the next round of many sequences at once, each from its own text.

Where laws depend on the last k tokens only, these are a text's state, and one table serves all rows.
Otherwise rows whose models see equally many tokens are played together.
"""

from collections.abc import Callable

import numpy as np

from specsim.core import Shape, height

from .plan_table import affordable, plan_table
from .playing import at_once, chunks, play
from .setting import Setting

Player = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
"""Texts, the rows (B,) whose turn it is, the columns (B,) where these end and uniforms (B, n + 2), to the
last kept node (B,) and the emitted tokens (B, height + 1). Where laws have an order, that many columns of -1
come before each text."""


def player(known: Setting, shape: Shape, rounds: int) -> Player:
    """The cheaper way to play about `rounds` rounds of this shape."""
    if known.order is not None:
        lengths = range(min(known.context.shape[1], known.order), known.order + 1)
        if affordable(known, shape, sum(known.vocabulary**length for length in lengths), rounds):
            return _looked_up(known, shape, [_every_text(known.vocabulary, length) for length in lengths])
    return _played(known, shape)


def _looked_up(known: Setting, shape: Shape, states: list[np.ndarray]) -> Player:
    table, order = plan_table(known, shape, states), states[-1].shape[1]
    codes = np.concatenate([_code(state, known.vocabulary) for state in states])
    number = np.zeros((known.vocabulary + 1) ** order, np.int64)
    number[codes] = np.arange(len(codes))

    def look_up(texts: np.ndarray, rows: np.ndarray, ends: np.ndarray, uniforms: np.ndarray) -> tuple:
        state = number[_code(_last(texts, rows, ends, order), known.vocabulary)]
        return table(known.convert(state), known.convert(uniforms))

    return look_up


def _played(known: Setting, shape: Shape) -> Player:
    def play_groups(texts: np.ndarray, rows: np.ndarray, ends: np.ndarray, uniforms: np.ndarray) -> tuple:
        node, tokens = np.zeros(len(rows), np.int64), np.zeros((len(rows), height(shape) + 1), np.int64)
        seen = ends if known.order is None else np.minimum(ends - known.order, known.order)
        for length in np.unique(seen):
            group = np.flatnonzero(seen == length)
            for first, count in chunks(len(group), at_once(known, shape)):
                some = group[first : first + count]
                context = _last(texts, rows[some], ends[some], length)
                node[some], tokens[some] = play(known, shape, context, uniforms[some])
        return node, tokens

    return play_groups


def _last(texts: np.ndarray, rows: np.ndarray, ends: np.ndarray, count: int) -> np.ndarray:
    """The last `count` tokens of some rows, (B, count)."""
    return texts[rows[:, None], ends[:, None] + np.arange(-count, 0)].astype(np.int64)


def _every_text(vocabulary: int, length: int) -> np.ndarray:
    """All texts of a length, (V^length, length)."""
    return np.indices((vocabulary,) * length).reshape(length, vocabulary**length).T


def _code(tokens: np.ndarray, vocabulary: int) -> np.ndarray:
    """Rows of tokens (B, k) as numbers, each token plus 1 a digit to the base V + 1."""
    return (tokens + 1) @ (vocabulary + 1) ** np.arange(tokens.shape[1])[::-1]
