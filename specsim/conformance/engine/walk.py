"""Every run of a random program, one at a time, each with its exact chance.

A program that draws random numbers is a tree: a draw, or a comparison with a drawn number, is a fork with
known weights, and a run from the root to a leaf is an outcome. The walk runs the program with a list of
choices to repeat, takes the heaviest branch at the first new fork, and keeps the others for later, heaviest
first. A Python program cannot be copied in mid-run, so that each leaf costs one run.

A number drawn from [0, 1) is not chosen but carried as an interval of its lattice points; a comparison that
the interval does not settle is a fork whose weights are the two parts' lengths. What is compared again is
compared with the shortened interval, so that a number used twice is used exactly.
"""

import heapq
import math
from collections.abc import Callable, Hashable, Sequence
from time import monotonic as now
from typing import Any

from .law import Unsupported

# A path lighter than this is given up, and its mass counted as unexplored: a loop may reject for ever.
LIGHTEST = 1e-20


UNSTEADY = (
    "the function must ask for the same random numbers when the same ones are handed to it again, but it "
    "asked for others; is there state that survives a call, a seed from the clock, or a hidden generator?"
)


class Abandoned(BaseException):
    """Ends a run that is not worth finishing; not an Exception, so that the program does not swallow it."""


class Fork:
    """A decision: its label, which must be the same when the run is repeated, and its weights."""

    __slots__ = ("label", "weights")

    def __init__(self, label: Hashable, weights: Sequence[float]) -> None:
        self.label, self.weights = label, weights


Link = tuple[Any, Fork, int]  # (the link before, or None; fork; branch taken)


class Walk:
    """The state of one walk: the branches still to visit, and what is known in the present run."""

    def __init__(self, lattice: str = "native", seconds: float = math.inf) -> None:
        self.lattice = lattice
        self.deadline = now() + seconds
        self.pending: list[tuple[float, int, Link | None]] = [(-1.0, 0, None)]
        self.pushed = 0
        self.runs = 0
        self.lost: list[float] = []
        self.notes: dict[str, None] = {}
        self.slack = 0.0  # bound on what noise terms are off, see races.py
        self.replay: dict[Hashable, int] | None = (
            None  # points to hand out as plain numbers, see steadiness.py
        )
        self.seeds: dict[Any, Hashable] = {}  # their plain numbers, when a leaf is repeated
        self.failure: Unsupported | None = None
        self._start(None)

    def begin(self) -> bool:
        """Start the heaviest run not yet done; False where none is left."""
        if not self.pending or -self.pending[0][0] < LIGHTEST:
            return False
        self._start(heapq.heappop(self.pending)[2])
        return True

    def repeat(self, points: dict[Hashable, int], seeds: dict[Any, Hashable]) -> None:
        """Start a run with plain numbers at these points, and these streams for drawn seeds."""
        self._start(None)
        self.replay, self.seeds = points, seeds

    def _start(self, link: Link | None) -> None:
        self.link: Link | None = None
        self.mass = 1.0
        self.depth = 0
        self.forced: list[tuple[Fork, int]] = []
        while link is not None:
            self.forced.append((link[1], link[2]))
            link = link[0]
        self.forced.reverse()
        self.abandoned = False
        self.drawn: dict[Hashable, Any] = {}  # (stream's key, position) -> symbol
        self.requests: dict[Hashable, Any] = {}  # torch: state of a generator -> what was drawn from it
        self.states: dict[Any, tuple[Hashable, int]] = {}  # stream -> where it is
        self.created: dict[str, int] = {}  # generators made in this run, by kind
        self.seeded: list[
            tuple[Any, Hashable]
        ] = []  # drawn numbers used as seeds, and the keys of their streams
        self.races: list[tuple[list[Any], bool, Any]] = []  # terms, largest?, the pick of the winner
        self.runs += 1

    def fresh(self, kind: str) -> tuple[str, int]:
        """A key for a generator that nothing else equals: the n-th of its kind in this run."""
        self.created[kind] = self.created.get(kind, 0) + 1
        return kind, self.created[kind]

    @property
    def unexplored(self) -> float:
        """Mass of all branches that were put off or given up."""
        return math.fsum([-item[0] for item in self.pending] + self.lost)

    def refuse(self, why: str) -> Unsupported:
        """The error to raise; remembered, should the program catch it."""
        self.failure = self.failure or Unsupported(why)
        return self.failure

    def note(self, text: str) -> None:
        """Tell the reader of the law, once."""
        self.notes[text] = None

    def peek(self, name: Hashable) -> tuple[int, ...] | None:
        """Where the next fork to be repeated cuts this number; None where it is new or about another."""
        if self.depth < len(self.forced):
            label: Any = self.forced[self.depth][0].label
            if label[1] == name:
                return label[2]
        return None

    def decide(self, label: Hashable, weights: Callable[[], Sequence[float]]) -> int:
        """The branch to take at a fork. Its weights sum to 1; branches of weight 0 do not exist."""
        if self.failure is not None:
            raise self.failure
        if self.replay is not None:
            raise self.refuse(UNSTEADY)
        if self.depth < len(self.forced):
            fork, branch = self.forced[self.depth]
            if fork.label != label:
                raise self.refuse(UNSTEADY)
        else:
            fork = Fork(label, weights())
            branch = self._branch(fork)
        self.depth += 1
        self.mass *= fork.weights[branch]
        self.link = (self.link, fork, branch)
        return branch

    def _branch(self, fork: Fork) -> int:
        """Put all branches but the heaviest off, and take that."""
        if self.abandoned:
            raise Abandoned
        weights = fork.weights
        best = max(range(len(weights)), key=weights.__getitem__)
        for branch, weight in enumerate(weights):
            if weight > 0 and branch != best:
                self.pushed += 1
                heapq.heappush(self.pending, (-self.mass * weight, self.pushed, (self.link, fork, branch)))
        if self.mass * weights[best] < LIGHTEST or now() > self.deadline:
            self.lost.append(self.mass * weights[best])
            self.abandoned = True
            raise Abandoned
        return best


_current: Walk | None = None


def current() -> Walk | None:
    """The walk under way, or None."""
    return _current


def set_current(walk: Walk | None) -> None:
    """Make this the walk under way."""
    global _current
    _current = walk


def the_walk() -> Walk:
    """The walk under way; Unsupported where a number of the engine outlived its walk."""
    if _current is None:
        raise Unsupported(
            "a random number of the engine was used after exact_law had returned; keep results, not draws"
        )
    return _current
