"""What the engine hands back: a law over outcomes, crashes as outcomes, and what it refuses to answer."""

import dataclasses
import math
import sys
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


class Unsupported(Exception):
    """Randomness is used in a way that cannot be seen exactly: there is no answer rather than a wrong one."""


@dataclass(frozen=True)
class Crash:
    """An outcome: the function raised. kind is the exception's class name, message its text.

    >>> Crash("ValueError", "no token")
    Crash(kind='ValueError', message='no token')
    """

    kind: str
    message: str


@dataclass(frozen=True)
class Law:
    """The law of a function's outcome.

    chances: outcome -> chance.
    unexplored: mass of the branches that the budget did not reach, and what guards such as log(u + 1e-10)
        shift in races; the total variation distance to the true law is at most this much.
    leaves: runs of the function that were needed.
    notes: what a reader should know, such as seeds set inside the function.
    """

    chances: dict[Hashable, float]
    unexplored: float
    leaves: int
    notes: tuple[str, ...] = ()

    def map(self, function: Callable[[Any], Hashable]) -> "Law":
        """The law of a function of the outcome.

        >>> Law({(0, 1): 0.25, (0, 2): 0.75}, 0.0, 2).map(lambda tokens: tokens[0]).chances
        {0: 1.0}
        """
        parts: dict[Hashable, list[float]] = {}
        for outcome, chance in self.chances.items():
            parts.setdefault(function(outcome), []).append(chance)
        return dataclasses.replace(self, chances={key: math.fsum(some) for key, some in parts.items()})


def freeze(value: Any, leaf: Callable[[Any], Any] = lambda value: value) -> Hashable:
    """A hashable copy of an outcome: nested tuples for lists, arrays and tensors, Python numbers for NumPy's.

    leaf sees every scalar first and may replace it.

    >>> freeze([np.arange(2), {"n": np.int64(3)}])
    ((0, 1), (('n', 3),))
    """
    value = leaf(value)
    if isinstance(value, np.ndarray):
        return freeze(np.ndarray.tolist(value), leaf)
    if type(value) is list or isinstance(value, tuple):
        return tuple(freeze(item, leaf) for item in value)
    if isinstance(value, Mapping):
        return tuple(
            sorted(((freeze(key, leaf), freeze(item, leaf)) for key, item in value.items()), key=repr)
        )
    if isinstance(value, set | frozenset):
        return frozenset(freeze(item, leaf) for item in value)
    if isinstance(value, np.generic):
        return freeze(value.item(), leaf)
    if isinstance(value, float) and math.isnan(value):
        return math.nan
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        return freeze(value.tolist(), leaf)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return (type(value).__name__, freeze(fields, leaf))
    return _hashable(value)


def _hashable(value: Any) -> Hashable:
    try:
        hash(value)
    except TypeError:
        raise Unsupported(
            f"an outcome must be made of numbers, lists, arrays or tensors, got {type(value).__name__}; "
            "return the tokens that were emitted"
        ) from None
    return value
