"""The exact law of what a function returns."""

import functools
import sys
from collections.abc import Callable, Hashable
from itertools import product
from math import fsum, prod
from time import monotonic as now
from typing import Any

from . import steadiness
from .law import Crash, Law, Unsupported, freeze
from .lazy import Pick
from .takeover import taken_over
from .uniforms import Uniform
from .walk import UNSTEADY, Abandoned, Walk, current, set_current

MOST_TOGETHER = 5_000  # outcomes that one run with several lazy tokens may stand for
REPEATS = 4  # of each sample, the first time that a function is met
Lazy = list[Pick]
Begin = Callable[[], None]


class Hole:
    """The place of a lazy token in an outcome."""

    __slots__ = ("number",)

    def __init__(self, number: int) -> None:
        self.number = number

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Hole) and other.number == self.number

    def __hash__(self) -> int:
        return hash(("hole", self.number))


def exact_law(
    fn: Callable[[], Any], *, leaves: int = 100_000, seconds: float = 60.0, lattice: str = "native"
) -> Law:
    """The law of fn(): every random number that it draws is decided, one branch after the other.

    fn takes no arguments and returns something hashable, or lists, arrays or tensors of numbers. Its
    generators (numpy_rng(), or its own: random, NumPy, torch) are taken over for the time being.

    leaves, seconds: the budget; what it does not reach is in `unexplored`. lattice: "native" for the numbers
    that the generators really return, "ideal" for real numbers.
    Raises Unsupported where randomness is used in a way that cannot be seen exactly.

    >>> import random
    >>> exact_law(lambda: random.random() < 0.25).chances
    {False: 0.75, True: 0.25}
    """
    if current() is not None:
        raise Unsupported("exact_law cannot run inside exact_law; compute the inner law first")
    if lattice not in ("native", "ideal"):
        raise ValueError(f'lattice must be "native" or "ideal", got {lattice!r}')
    return _law(fn, leaves, seconds, lattice)


def _law(fn: Callable[[], Any], leaves: int, seconds: float, lattice: str) -> Law:
    torch_known = "torch" in sys.modules
    walk = Walk(lattice, seconds)
    set_current(walk)
    try:
        with taken_over(fn, walk) as (function, begin, new):
            law = _Tally(walk, function, begin).law(leaves, repeats=REPEATS if new else 1)
    finally:
        set_current(None)
    late = "torch" in sys.modules and not torch_known  # the function imported it: only now can it be followed
    return _law(fn, leaves, seconds, lattice) if late else law


class _Tally:
    """The runs of one walk, and what they add up to."""

    def __init__(self, walk: Walk, function: Callable[[], Any], begin: Begin) -> None:
        self.walk, self.function, self.begin = walk, function, begin
        self.chances: dict[Hashable, list[float]] = {}
        self.samples: dict[str, steadiness.Sample | None] = {}

    def law(self, leaves: int, repeats: int) -> Law:
        """Visit leaves, heaviest first, until none is left or the budget is spent."""
        walk, done = self.walk, 0
        while done < leaves and now() < walk.deadline and walk.begin():
            outcome, lazy = self.run()
            done += 1
            if not walk.abandoned:
                self._add(outcome, lazy)
                self._sample(outcome, lazy, done)
        for sample in list(self.samples.values()) * repeats:
            if sample is not None:
                steadiness.check(walk, sample, lambda: self.run()[0])
        chances = {outcome: fsum(parts) for outcome, parts in self.chances.items()}
        if abs(fsum(chances.values()) + walk.unexplored - 1) > 1e-9:
            raise Unsupported(UNSTEADY)  # runs were not the branches of one tree
        return Law(chances, min(1.0, walk.unexplored + walk.slack), done, tuple(walk.notes))

    def run(self) -> tuple[Hashable, Lazy]:
        """What one run returns, with holes where lazy tokens are."""
        self.begin()
        lazy: Lazy = []
        try:
            outcome = freeze(self.function(), functools.partial(_leaf, self.walk, lazy))
        except (Abandoned, Unsupported) as error:
            if isinstance(error, Unsupported):
                self.walk.failure = self.walk.failure or error
            outcome = None
        except (Exception, SystemExit) as error:
            outcome, lazy = Crash(type(error).__name__, str(error)), []
        walk = self.walk
        if walk.failure is None and walk.replay is None and walk.depth < len(walk.forced):
            walk.refuse(UNSTEADY)
        if walk.failure is not None:
            raise walk.failure
        return outcome, lazy

    def _add(self, outcome: Hashable, lazy: Lazy) -> None:
        """Share the run's mass among the outcomes that it stands for."""
        if not lazy:
            self.chances.setdefault(outcome, []).append(self.walk.mass)
            return
        for items in product(*(list(zip(*pick.weights())) for pick in lazy)):
            mass = self.walk.mass
            for _, weight in items:
                mass *= weight
            self.chances.setdefault(_fill(outcome, [freeze(item) for item, _ in items]), []).append(mass)

    def _sample(self, outcome: Hashable, lazy: Lazy, done: int) -> None:
        """Keep the first leaf, a late one, and one of each kind of crash to run them again."""
        keys = [f"crash {outcome.kind}"] if isinstance(outcome, Crash) else []
        keys += ["first"] if done == 1 else ["late"] if done & (done - 1) == 0 else []
        for key in keys:
            if key == "late" or key not in self.samples:
                self.samples[key] = steadiness.sampled(
                    self.walk, lambda items: _fill(outcome, [freeze(item) for item in items]), lazy
                )


def _leaf(walk: Walk, lazy: Lazy, value: Any) -> Any:
    """A scalar of an outcome: a lazy token becomes a hole; a drawn number has no place there."""
    if type(value) is Uniform:
        raise walk.refuse("the outcome holds a drawn number itself; return tokens, which take few values")
    if type(value) is not Pick:
        return value
    choices = len(value.parts()[0])
    known = any(value.symbol is other.symbol for other in lazy)
    together = choices * prod(len(other.parts()[0]) for other in lazy)
    if known or choices == 1 or (lazy and together > MOST_TOGETHER):
        return value.force()
    lazy.append(value)
    return Hole(len(lazy) - 1)


def _fill(outcome: Any, items: list[Hashable]) -> Hashable:
    if isinstance(outcome, Hole):
        return items[outcome.number]
    return tuple(_fill(part, items) for part in outcome) if isinstance(outcome, tuple) else outcome


def numpy_rng() -> Any:
    """A numpy Generator whose draws the engine decides inside exact_law; outside it is an ordinary one."""
    import numpy as np

    from .numpy_random import FakeGenerator
    from .streams import Stream

    walk = current()
    return np.random.default_rng(0) if walk is None else FakeGenerator(Stream(walk.fresh("numpy_rng")))


def torch_rng() -> Any:
    """A torch Generator whose draws the engine decides inside exact_law; outside it is an ordinary one."""
    from . import torch_mode

    return torch_mode.torch_rng()
