"""A drawn uniform that is not chosen but carried as an interval of its lattice points.

Whatever a program asks of it, `u < ratio`, `-log(u) > e`, `int(u * n)`, is on which side of some points it
lies. `settle` finds these points by bisection, in the program's own arithmetic, so that the answer is the
program's to the last bit; it forks there and shortens the interval.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from .lattice import Lattice
from .walk import UNSTEADY, Walk, the_walk

MOST_PIECES = 100_000
Function = Callable[[Any], Any]


class Symbol:
    """One drawn uniform in the present run: the points [low, high) that it can still be."""

    __slots__ = ("high", "lattice", "low", "name", "raced", "run", "walk")

    def __init__(self, walk: Walk, name: Any, lattice: Lattice) -> None:
        self.walk, self.name, self.lattice = walk, name, lattice
        self.low, self.high = 0, lattice.points
        self.raced, self.run = False, walk.runs
        if walk.replay is not None:
            if name not in walk.replay:
                raise walk.refuse(UNSTEADY)
            self.low = walk.replay[name]
            self.high = self.low + 1

    def check(self) -> None:
        """Refuse a number of an earlier run."""
        if self.run != self.walk.runs or self.walk is not the_walk():
            raise self.walk.refuse(
                "a number drawn in one call was used in a later one; state survives the call"
            )

    @property
    def point(self) -> int:
        """Where the number is, in a run that repeats a leaf with real numbers."""
        return self.low

    def split(self, cuts: tuple[int, ...]) -> None:
        """Fork at these inner points, rising, and shorten the interval to one part."""
        self.check()
        if self.raced:
            raise self.walk.refuse(
                "noise that decided a race was used again; the joint law of two uses is not followed"
            )
        ends = (self.low, *cuts, self.high)
        width = self.high - self.low
        branch = self.walk.decide(
            ("uniform", self.name, cuts), lambda: [(b - a) / width for a, b in pairwise(ends)]
        )
        self.low, self.high = ends[branch], ends[branch + 1]


class Raised:
    """The function of the uniform raised an error at this point."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Raised) and type(other.error) is type(self.error)

    __hash__ = None  # type: ignore[assignment]


def settle(symbol: Symbol, function: Function) -> Any:
    """The value of a function of the symbol that is constant on few intervals: fork between them.

    function maps the uniform's value to something comparable with ==, equal at both ends of an interval only
    where it is constant there (as for a monotone function).
    """
    symbol.check()
    at = _at(symbol, function)
    with np.errstate(all="ignore"):
        first = at(symbol.low)
        if symbol.high - symbol.low > 1 and first != at(symbol.high - 1):
            cuts = symbol.walk.peek(symbol.name)
            symbol.split(tuple(_flips(symbol, at)) if cuts is None else cuts)
            first = at(symbol.low)
            if first != at(symbol.high - 1):
                raise symbol.walk.refuse(UNSTEADY)
    if isinstance(first, Raised):
        raise first.error
    return first


def _at(symbol: Symbol, function: Function) -> Function:
    def at(point: int) -> Any:
        try:
            return function(symbol.lattice.value(point))
        except ArithmeticError as error:
            return Raised(error)
        except ValueError as error:  # math.log(0)
            return Raised(error)

    return at


def _flips(symbol: Symbol, at: Function) -> list[int]:
    """All points whose value differs from the point before, by bisection."""
    flips: list[int] = []
    stack = [(symbol.low, at(symbol.low), symbol.high - 1, at(symbol.high - 1))]
    while stack:
        low, left, high, right = stack.pop()
        if left == right:
            continue
        if high - low == 1:
            flips.append(high)
            if len(flips) > MOST_PIECES:
                raise symbol.walk.refuse(
                    f"a drawn number was asked for more than {MOST_PIECES} different values"
                )
            continue
        middle = (low + high) // 2
        value = at(middle)
        stack += [(middle, value, high, right), (low, left, middle, value)]
    return sorted(flips)
