"""A generator as the engine sees it: a key and a position. Equal states give equal numbers.

What a program draws at position n of a stream is the same symbol each time that it is drawn in a run, so
that a generator that is seeded again, copied, or restored to an earlier state repeats itself exactly, as
real ones do. Two streams with one state from which different things are drawn (a float here, an integer
there) share bits in a way that is not followed: Unsupported.
"""

from collections.abc import Callable, Hashable, Sequence
from fractions import Fraction
from itertools import accumulate
from math import frexp, ldexp
from typing import Any

import numpy as np

from .lattice import LATTICES, Lattice, lattice_for
from .lazy import Pick
from .races import Noise
from .symbols import Symbol
from .uniforms import Uniform
from .walk import the_walk

State = tuple[Hashable, int]


class Stream:
    """One generator's numbers. Its state is that of the run under way, and starts anew with each run."""

    def __init__(self, key: Hashable) -> None:
        self.key = key

    @property
    def state(self) -> State:
        return the_walk().states.get(self, (self.key, 0))

    @state.setter
    def state(self, state: State) -> None:
        the_walk().states[self] = state

    def draw(self, lattice: Lattice) -> Symbol:
        """The symbol at the present position, which moves on."""
        walk = the_walk()
        name = walk.states.get(self) or (self.key, 0)
        walk.states[self] = (name[0], name[1] + 1)
        return symbol_named(name, lattice)

    def uniform(self, kind: str) -> Any:
        """A number from [0, 1) of this type, see lattice.py."""
        return uniform_of(self.draw(lattice_for(kind, the_walk().lattice)), kind)

    def exponential(self) -> Any:
        """An exponential number of mean 1, as a real number."""
        return exponential_of(self.draw(LATTICES["exponential"]))

    def pick(
        self, lattice: Lattice, cuts: Sequence[int], items: Sequence[Any], kind: Callable[[Any], Any] | None
    ) -> Any:
        """items[j] where the draw lies in [cuts[j], cuts[j + 1]), carried until somebody looks."""
        return pick_of(self.draw(lattice), cuts, items, kind)

    def categorical(
        self, weights: Sequence[float], items: Sequence[Any], kind: Callable[[Any], Any] | None = None
    ) -> Any:
        """An item with chance in proportion to its weight, without rounding."""
        cuts = exact_cuts(weights)
        return self.pick(categorical_lattice(cuts), cuts, items, kind)


def symbol_named(name: Hashable, lattice: Lattice) -> Symbol:
    """The symbol of this name in the run under way: the same one each time."""
    walk = the_walk()
    symbol = walk.drawn.get(name)
    if symbol is None:
        symbol = walk.drawn[name] = Symbol(walk, name, lattice)
    elif _KIN.get(symbol.lattice.name, symbol.lattice.name) != _KIN.get(lattice.name, lattice.name):
        raise walk.refuse(
            "two generators in one state were asked for different things "
            f"({symbol.lattice.name} and {lattice.name}); how these share bits is not followed"
        )
    return symbol


_KIN = {"python": "float64", "ideal python": "ideal"}  # the same numbers by another type


def uniform_of(symbol: Symbol, kind: str) -> Any:
    """The number that a program sees that draws this type: a plain one when a leaf is repeated."""
    if symbol.walk.replay is not None:
        real = LATTICES[kind]
        return real.value(symbol.point * real.points // symbol.lattice.points)
    if symbol.lattice.name != kind and symbol.walk.lattice == "native":
        return Uniform(symbol, float if kind == "python" else np.float64, noise=UNIT)
    return Uniform(symbol, noise=UNIT)


def exponential_of(symbol: Symbol) -> Any:
    """An exponential number of mean 1 made of the symbol."""
    if symbol.walk.replay is not None:
        return _exponential(symbol.lattice.value(symbol.point))
    return Uniform(symbol, _exponential, noise=Noise("linear", 1.0))


def pick_of(
    symbol: Symbol, cuts: Sequence[int], items: Sequence[Any], kind: Callable[[Any], Any] | None
) -> Any:
    """The item that the symbol picks, lazily."""
    drawn = Pick(symbol, cuts, items, kind)
    return drawn if symbol.walk.replay is None else drawn.force()


def categorical_lattice(cuts: Sequence[int]) -> Lattice:
    """A lattice for the weights of which these are the running sums."""
    return Lattice(f"categorical {hash(tuple(cuts))}", cuts[-1], _same)


UNIT = Noise("power", 1.0)


def _exponential(value: Any) -> Any:
    return -np.log1p(-value)


def _same(value: Any) -> Any:
    return value


def exact_cuts(weights: Sequence[float]) -> list[int]:
    """Running sums of the weights as integers, all times one power of two.

    >>> exact_cuts([0.5, 0.0, 0.25])
    [0, 9007199254740992, 9007199254740992, 13510798882111488]
    """
    shift = 53 - min((frexp(weight)[1] for weight in weights if weight > 0), default=0)
    return [
        0,
        *accumulate(
            int(Fraction(weight) * 2**shift) if shift > 900 else int(ldexp(weight, shift))
            for weight in weights
        ),
    ]
