"""The module random with its draws decided by the engine."""

import functools
import itertools
import math
import random
import types
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from .lattice import Lattice, integers, lattice_for
from .lazy import plain
from .streams import Stream
from .walk import the_walk

REAL_RANDOM = random.Random


class FakeRandom(REAL_RANDOM):
    """A random.Random whose numbers the engine decides."""

    def __new__(cls, stream: Stream) -> "FakeRandom":
        return REAL_RANDOM.__new__(cls)

    def __init__(self, stream: Stream) -> None:
        self.stream = stream

    def random(self) -> Any:
        return self.stream.uniform("python")

    def getrandbits(self, k: int) -> Any:
        lattice = Lattice(f"bits({k})", 2**k, lambda point: point, 1.0)
        return self.stream.pick(lattice, range(2**k + 1), range(2**k), int)

    def _below(self, n: int, items: Sequence[Any] | None = None) -> Any:
        items = range(n) if items is None else items
        return self.stream.pick(integers(n), range(n + 1), items, int if isinstance(items, range) else None)

    _randbelow = _below

    def randrange(self, start: Any, stop: Any = None, step: Any = 1) -> Any:
        items = range(plain(start)) if stop is None else range(plain(start), plain(stop), plain(step))
        if not items:
            raise ValueError(f"empty range in randrange({start}, {stop}, {step})")
        return self._below(len(items), items)

    def randint(self, a: Any, b: Any) -> Any:
        return self.randrange(a, plain(b) + 1)

    def choice(self, seq: Any) -> Any:
        if not len(seq):
            raise IndexError("Cannot choose from an empty sequence")
        return self._below(len(seq), seq)

    def choices(
        self, population: Any, weights: Any = None, *, cum_weights: Any = None, k: int = 1
    ) -> list[Any]:
        running = _running(population, weights, cum_weights)
        return [self._choose(population, running) for _ in range(k)]

    def _choose(self, population: Any, running: list[float]) -> Any:
        total = running[-1] + 0.0
        lattice = lattice_for("python", the_walk().lattice)
        cuts = [
            0,
            *(min(lattice.points, _cut(lattice, value, total)) for value in running[:-1]),
            lattice.points,
        ]
        return self.stream.pick(lattice, cuts, population, int if isinstance(population, range) else None)

    def shuffle(self, x: Any) -> None:
        for i in reversed(range(1, len(x))):
            j = int(plain(self._below(i + 1)))
            x[i], x[j] = x[j], x[i]

    def sample(self, population: Any, k: int, *, counts: Any = None) -> list[Any]:
        if counts is not None:
            raise the_walk().refuse("the engine does not follow random.sample with counts")
        REAL_RANDOM(0).sample(population, k)
        left = list(population)
        return [left.pop(int(plain(self._below(len(left))))) for _ in range(k)]

    def uniform(self, a: Any, b: Any) -> Any:
        return a + (b - a) * self.random()

    def expovariate(self, lambd: float = 1.0) -> Any:
        return self.stream.exponential() / lambd

    def seed(self, a: Any = None, version: int = 2) -> None:
        from .numpy_module import seeded

        self.stream.state = (seeded("random", a), 0)

    def getstate(self) -> Any:
        return ("engine", self.stream.state)

    def setstate(self, state: Any) -> None:
        self.stream.state = state[1]


def _cut(lattice: Lattice, value: float, total: float) -> int:
    """How many points of the lattice have point * total < value, in floating point as bisect sees it."""
    if lattice.points != 2**53:
        return math.ceil(Fraction(value) / Fraction(total) * lattice.points)
    guess = int(value / total * lattice.points)
    while guess > 0 and lattice.value(guess - 1) * total >= value:
        guess -= 1
    while guess < lattice.points and lattice.value(guess) * total < value:
        guess += 1
    return guess


def _running(population: Any, weights: Any, cum_weights: Any) -> list[float]:
    """Cumulative weights, with the errors of random.choices."""
    REAL_RANDOM(0).choices(range(len(population)), weights, cum_weights=cum_weights)
    if cum_weights is not None:
        return list(cum_weights)
    return list(itertools.accumulate(weights if weights is not None else [1] * len(population)))


def _forbid() -> None:
    for name in dir(REAL_RANDOM):
        if not name.startswith("_") and name not in vars(FakeRandom) and callable(getattr(REAL_RANDOM, name)):

            def method(self: Any, *args: Any, name: str = name, **kwargs: Any) -> Any:
                raise the_walk().refuse(f"the engine does not follow random.{name}")

            setattr(FakeRandom, name, method)


_forbid()


class _Instances(type):
    def __call__(cls, seed: Any = None) -> Any:
        from .numpy_module import seeded

        return FakeRandom(Stream(seeded("random", seed)))

    def __instancecheck__(cls, item: Any) -> bool:
        return isinstance(item, REAL_RANDOM)


class RandomClass(metaclass=_Instances):
    """Stands in for random.Random."""


def stand_in(real: Any) -> FakeRandom:
    """The engine's generator in place of a real one that was found."""
    return FakeRandom(Stream(("random", hash(real.getstate()))))


@functools.cache
def replacements() -> list[tuple[types.ModuleType, dict[str, Any]]]:
    """Names of the module random, and what they are during a walk."""
    hidden = random._inst
    fake = FakeRandom(Stream("random"))
    names = [name for name in dir(random) if getattr(getattr(random, name), "__self__", None) is hidden]
    return [(random, {**{name: getattr(fake, name) for name in names}, "Random": RandomClass})]
