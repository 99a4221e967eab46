"""Where a pair stands after n tokens: the states that its next laws depend on, position by position.

An independent pair has one state, a Markov pair one per token, an n-gram pair one per context, a table one
per string. Numbers that add up over positions are sums over these states, with weights that move on from one
position to the next:

    weight'(state after s and x) = sum over s, x of weight(s) kernel(s, x).

With the target as kernel this is the law of the state; other kernels count what happened on the way.

>>> from types import SimpleNamespace
>>> coin = lambda tokens: np.full((len(tokens), 2), 0.5)
>>> pair = SimpleNamespace(target=coin, draft=coin)     # plain functions: every string is a state
>>> [len(place.target) for place in positions(pair, 4)]
[1, 2, 4, 8]

A *pair* is any object with `target` and `draft`; a model may tell with `order` how many of the last tokens
its law depends on, and with `homogeneous` that the position does not matter.
"""

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from specsim.core.checks import check_laws

from .laws import same_size

Pair = Any
"""An object with `target` and `draft`, each a model: integer tokens (B, t) to next-token laws (B, V)."""

LIMIT = 2**26  # entries of one matrix of laws: half a gigabyte in float64


@dataclass(frozen=True, eq=False)
class Position:
    """The laws at one position, in every state.

    contexts: (S, t) a string that leads to each state. target, draft: (S, V) the laws there.
    size: number of states at the next position. alive: (S * V,) which strings go on, or None where all do.
    """

    contexts: np.ndarray
    target: np.ndarray
    draft: np.ndarray
    size: int
    alive: np.ndarray | None

    def push(self, weights: np.ndarray, kernel: np.ndarray) -> np.ndarray:
        """Weights (S,) of the states, moved along a kernel (S, V) to the next position: (size,)."""
        if self.alive is not None:
            return (weights[:, None] * kernel).reshape(-1)[self.alive]
        if self.size == kernel.shape[1]:
            return weights @ kernel
        return (weights[:, None] * kernel).reshape(-1, self.size).sum(axis=0)

    @property
    def after(self) -> np.ndarray:
        """(S, V) the next state that each token leads to; 0 where it does not go on."""
        if self.alive is None:
            return np.arange(self.target.size).reshape(self.target.shape) % self.size
        return np.where(self.alive, np.cumsum(self.alive) - 1, 0).reshape(self.target.shape)


def positions(
    pair: Pair, horizon: int, *, strings: bool = False, drafted: bool = False
) -> Iterator[Position]:
    """The positions 1..horizon of a pair.

    strings: keep all strings apart, whatever the models say of their order. drafted: where strings are kept
    apart, go on with those that only the draft can write, too.
    Raises ValueError where a row is not a law, the vocabularies differ, or the states do not fit in memory.
    """
    order = None if strings else _order(pair)
    steady = all(getattr(model, "homogeneous", False) for model in (pair.target, pair.draft))
    place = None
    for n in range(whole("horizon", horizon)):
        if place is None or order is None or not steady or n <= order:
            contexts = np.zeros((1, 0), dtype=int) if place is None else _after(place, order, steady)
            place = _position(pair, contexts, order, drafted)
        yield place


def whole(name: str, value: Any) -> int:
    """The value as an int of at least 1, or ValueError."""
    try:
        number = operator.index(value)
    except TypeError:
        number = 0
    if number < 1:
        raise ValueError(f"{name} must be an integer >= 1, got {value!r}; count it in whole tokens or drafts")
    return number


def keeper(build: Callable[[Position], Any]) -> Callable[[Position], Any]:
    """`build`, remembering its last answer: a homogeneous pair has one position again and again."""
    last: list[Any] = [None, None]

    def kept(place: Position) -> Any:
        if place is not last[0]:
            last[:] = place, build(place)
        return last[1]

    return kept


def _order(pair: Pair) -> int | None:
    target, draft = (getattr(model, "order", None) for model in (pair.target, pair.draft))
    return None if target is None or draft is None else max(target, draft)


def _position(pair: Pair, contexts: np.ndarray, order: int | None, drafted: bool) -> Position:
    target, draft = (np.asarray(model(contexts)) for model in (pair.target, pair.draft))
    same_size(target, draft)
    check_laws(target, "target law")
    check_laws(draft, "draft law")
    n, vocabulary = contexts.shape[1], target.shape[1]
    if order is None:
        alive = ((target != 0) | (drafted & (draft != 0))).reshape(-1)
        return Position(contexts, target, draft, int(np.count_nonzero(alive)), alive)
    return Position(contexts, target, draft, vocabulary ** min(n + 1, order), None)


def _after(place: Position, order: int | None, steady: bool) -> np.ndarray:
    """A context for each state of the next position.

    Only its last `order` tokens matter, and its length where the law changes from position to position.
    """
    vocabulary = place.target.shape[1]
    if place.size * vocabulary > LIMIT:
        raise ValueError(
            f"{place.size} states of {vocabulary} tokens each must fit {LIMIT} numbers; shorten the horizon, "
            "use models of lower order or a smaller vocabulary, or simulate"
        )
    if place.alive is not None:
        state, token = np.divmod(np.flatnonzero(place.alive), vocabulary)
        return np.column_stack([place.contexts[state], token])
    assert order is not None
    length = place.contexts.shape[1] + 1
    digits = min(length, order)
    tail = np.indices((vocabulary,) * digits, dtype=int).reshape(digits, place.size).T
    padding = 0 if steady else length - digits
    return np.concatenate([np.zeros((place.size, padding), dtype=int), tail], axis=1)
