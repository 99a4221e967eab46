"""A drawn token that is carried to the end of the run, not chosen: one run then stands for all tokens.

It is an integer (or an item of a list) picked by the part of the lattice that a symbol lies in. Whoever
looks at it, an index, a comparison, int(), forces the choice, which is a fork like any other. What nobody
looks at comes out of the run with its whole law.
"""

import operator
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from .symbols import Symbol
from .walk import UNSTEADY

MOST_ITEMS = 200_000


class Pick:
    """items[j] where the symbol's point lies in [cuts[j], cuts[j + 1]), as a `kind`."""

    __slots__ = ("cuts", "items", "kind", "symbol")

    def __init__(
        self,
        symbol: Symbol,
        cuts: Sequence[int],
        items: Sequence[Any],
        kind: Callable[[Any], Any] | None = None,
    ) -> None:
        self.symbol, self.cuts, self.items, self.kind = symbol, cuts, items, kind

    def parts(self) -> tuple[list[int], tuple[int, ...]]:
        """Which items the interval still allows, and the inner points between them."""
        self.symbol.check()
        first = bisect_right(self.cuts, self.symbol.low) - 1
        last = bisect_right(self.cuts, self.symbol.high - 1) - 1
        if last - first > MOST_ITEMS:
            raise self.symbol.walk.refuse(
                f"a drawn integer has {last - first + 1} possible values here, more than {MOST_ITEMS}; "
                "it can be the seed of random or numpy.random, but not looked at"
            )
        cuts = self.cuts
        kept = [j for j in range(first, last + 1) if cuts[j] < cuts[j + 1]]
        return kept, tuple([cuts[j] for j in kept[1:]])

    def weights(self) -> tuple[list[Any], list[float]]:
        """The items that are possible now, with their chances."""
        kept, inner = self.parts()
        ends = (self.symbol.low, *inner, self.symbol.high)
        width = self.symbol.high - self.symbol.low
        return [self.items[j] for j in kept], [(b - a) / width for a, b in pairwise(ends)]

    def force(self) -> Any:
        """Choose: the item itself."""
        symbol = self.symbol
        symbol.check()
        place = bisect_right(self.cuts, symbol.low) - 1
        if symbol.high > self.cuts[place + 1]:
            cuts = symbol.walk.peek(symbol.name)
            symbol.split(self.parts()[1] if cuts is None else cuts)
            place = bisect_right(self.cuts, symbol.low) - 1
            if symbol.high > self.cuts[place + 1]:
                raise symbol.walk.refuse(UNSTEADY)
        item = self.items[place]
        return item if self.kind is None else self.kind(item)

    def __repr__(self) -> str:
        return "<a drawn token>"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.force(), name)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self.force(), dtype=dtype)

    def __hash__(self) -> int:
        return hash(self.force())

    def __bool__(self) -> bool:
        return bool(self.force())

    __class__ = property(lambda self: self.kind if isinstance(self.kind, type) else object)


def _forcing(function: Callable[..., Any], swapped: bool = False) -> Callable[..., Any]:
    def method(self: Pick, *others: Any) -> Any:
        plain = [other.force() if type(other) is Pick else other for other in others]
        return function(*plain, self.force()) if swapped else function(self.force(), *plain)

    return method


_BINARY = ["add", "sub", "mul", "truediv", "floordiv", "mod", "divmod", "pow"]
_BINARY += ["and", "or", "xor", "lshift", "rshift"]
_COMPARING = ["lt", "le", "gt", "ge", "eq", "ne"]
_UNARY = ["neg", "pos", "abs", "invert", "index"]
for _name in [*_BINARY, *_COMPARING, *_UNARY]:
    _plain = divmod if _name == "divmod" else getattr(operator, f"__{_name}__")
    setattr(Pick, f"__{_name}__", _forcing(_plain))
    if _name in _BINARY:
        setattr(Pick, f"__r{_name}__", _forcing(_plain, swapped=True))
for _name in ("getitem", "contains"):
    setattr(Pick, f"__{_name}__", _forcing(getattr(operator, f"__{_name}__")))
for _builtin in (int, float, round, str, format, len, iter):
    setattr(Pick, f"__{_builtin.__name__}__", _forcing(_builtin))


def plain(value: Any) -> Any:
    """The value with a lazy pick forced."""
    return value.force() if type(value) is Pick else value
