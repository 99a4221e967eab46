"""Is the function really what the walk took it for? Some leaves again, now with plain numbers.

The walk hands out stand-ins for numbers. A leaf is run again with the plain numbers that lead to it, of the
types that the real generator returns: where the outcome is another one, the function has state that
survives a call, draws from a generator that was not found, or treats the stand-ins unlike numbers. Then
there is no answer.
"""

from bisect import bisect_right
from collections.abc import Callable, Hashable
from itertools import pairwise
from typing import Any

from .law import Crash
from .lazy import Pick
from .uniforms import Uniform
from .walk import Walk

FROM_THE_END = 1e-9  # where in its interval the winner's noise is put


class Sample:
    """A leaf to be run again: the point of every number that it drew, and the outcome."""

    def __init__(self, points: dict[Hashable, int], seeds: dict[Any, Hashable], outcome: Hashable) -> None:
        self.points, self.seeds, self.outcome = points, seeds, outcome


def sampled(walk: Walk, outcome: Callable[[list[Any]], Hashable], lazy: list[Pick]) -> Sample | None:
    """The leaf just run as a sample; its lazy tokens get their likeliest items."""
    points = {name: _inside(symbol) for name, symbol in walk.drawn.items()}
    items = []
    for pick in lazy:
        place = _likeliest(pick)
        points[pick.symbol.name] = max(pick.cuts[place], pick.symbol.low)
        items.append(pick.items[place])
    for terms, largest, winner in reversed(walk.races):
        if not _win(points, terms, largest, winner):
            return None
    seeds = {_plain(seed, points): key for seed, key in walk.seeded}
    return Sample(points, seeds, outcome(items))


def _inside(symbol: Any) -> int:
    """A point of the symbol's interval, off the middle."""
    return symbol.low + (symbol.high - symbol.low) * 5 // 8


def _likeliest(pick: Pick) -> int:
    kept, inner = pick.parts()
    ends = (pick.symbol.low, *inner, pick.symbol.high)
    return max(zip((b - a for a, b in pairwise(ends)), kept))[1]


def _win(points: dict[Hashable, int], terms: list[Any], largest: bool, winner: Pick) -> bool:
    """Put the winner's noise near its best end; True where it then wins as plain numbers."""
    symbol = winner.symbol
    chosen = _place(winner, points.get(symbol.name, symbol.low))
    for place, term in enumerate(terms):
        if type(term) is Uniform and place == chosen:
            last = term.symbol.lattice.points - 1
            near = max(1, int(last * FROM_THE_END))
            points[term.symbol.name] = last - near if (term.sign > 0) == largest else near
    values = [_plain(term, points) for term in terms]
    best = max(values) if largest else min(values)
    return values.index(best) == chosen


def _place(pick: Pick, point: int) -> int:
    return bisect_right(pick.cuts, point) - 1


def _plain(term: Any, points: dict[Hashable, int]) -> Any:
    """A stand-in's number at its point."""
    if type(term) is Pick:
        return term.items[_place(term, points[term.symbol.name])]
    if type(term) is not Uniform:
        return float(term)
    return float(term.function(term.symbol.lattice.value(points[term.symbol.name])))


def check(walk: Walk, sample: Sample, run: Callable[[], Hashable]) -> None:
    """Run a sample again; Unsupported where it comes out otherwise."""
    walk.repeat(sample.points, sample.seeds)
    outcome = run()
    if walk.failure is not None:
        raise walk.failure
    if outcome != sample.outcome and not _same_crash(outcome, sample.outcome):
        raise walk.refuse(
            f"with plain random numbers the function returned {outcome!r}, in the walk {sample.outcome!r}; "
            "it keeps state between calls, draws from a generator that was not found, or needs plain numbers"
        )


def _same_crash(one: Any, other: Any) -> bool:
    return isinstance(one, Crash) and isinstance(other, Crash) and one.kind == other.kind
