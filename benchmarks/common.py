"""How the benchmarks measure: contenders take turns, and ratios are taken between neighbours.

On a machine that does other work as well, speed drifts by a factor of two within minutes. Contenders that
are run one after the other then compare the weather. Here every turn runs all of them in random order, each
twice with only the second run timed, and a ratio is the median over turns of the ratio within a turn. Time is
CPU time of this process, with one thread.
"""

import json
import os
import random
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")

OUT = Path(__file__).parents[1] / "out"

Contender = Callable[[], float]
"""Does its work and returns how many units it did."""


@dataclass(frozen=True)
class Timing:
    """Median CPU seconds per unit, and how many times faster than the peer: median, 10 % and 90 % points."""

    name: str
    seconds: float
    ratio: float
    low: float
    high: float


def take_turns(contenders: dict[str, Contender], peer: str, turns: int, seed: int = 1) -> list[Timing]:
    """Time all contenders in random order, `turns` times; ratios are to the contender named `peer`."""
    return against(race(contenders, turns, seed), peer)


def race(contenders: dict[str, Contender], turns: int, seed: int = 1) -> dict[str, list[float]]:
    """CPU seconds per unit of every contender in every turn, in random order."""
    order, shuffle = list(contenders), random.Random(seed).shuffle
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(turns):
        shuffle(order)
        for name in order:
            contenders[name]()
            seconds[name].append(_timed(contenders[name]))
    return seconds


def against(seconds: dict[str, list[float]], peer: str) -> list[Timing]:
    """Every contender of a race, its ratios to the one named `peer`."""
    return [_timing(name, taken, seconds[peer]) for name, taken in seconds.items()]


def settle_memory() -> None:
    """Free one large block, as every process has that ran a model: the C library then keeps freed memory.

    Before that it returns the top of the heap to the system after each call, and the next call pays for
    getting it back page by page, up to 4 ms at random.
    """
    bytearray(30 * 2**20)


def show(title: str, timings: list[Timing], columns: dict[str, Callable[[Timing], str]]) -> None:
    """Print the timings as a table with these columns."""
    from rich.console import Console
    from rich.table import Table

    table = Table("", title=title, title_justify="left")
    for heading in columns:
        table.add_column(heading, justify="right")
    for one in timings:
        table.add_row(one.name, *(column(one) for column in columns.values()))
    Console(width=100).print(table)


RATIO: dict[str, Callable[[Timing], str]] = {
    "times faster": lambda one: f"{one.ratio:.2f}",
    "10 % .. 90 %": lambda one: f"{one.low:.2f} .. {one.high:.2f}",
}


def microseconds(unit: str) -> dict[str, Callable[[Timing], str]]:
    """The column of microseconds per unit."""
    return {f"µs per {unit}": lambda one: f"{1e6 * one.seconds:,.0f}"}


def rate(unit: str) -> dict[str, Callable[[Timing], str]]:
    """The column of units per second."""
    return {f"{unit}s per second": lambda one: f"{1 / one.seconds:,.0f}"}


def save(name: str, results: dict[str, list[Timing]], claims: dict[str, bool]) -> None:
    """Write results and claims to out/NAME.json, and end with status 1 where a claim does not hold."""
    OUT.mkdir(exist_ok=True)
    record: dict[str, Any] = {title: [asdict(one) for one in rows] for title, rows in results.items()}
    (OUT / f"{name}.json").write_text(json.dumps({"results": record, "claims": claims}, indent=1))
    for claim, holds in claims.items():
        print(f"{'holds' if holds else 'FAILS'}: {claim}")
    if not all(claims.values()):
        raise SystemExit(1)


def ratio_of(timings: list[Timing], name: str) -> float:
    """How many times faster than the peer the contender of this name was."""
    return next(one.ratio for one in timings if one.name == name)


def _timed(contender: Contender) -> float:
    begun = time.process_time()
    units = contender()
    return (time.process_time() - begun) / units


def _timing(name: str, seconds: list[float], peer: list[float]) -> Timing:
    ratios = sorted(other / own for own, other in zip(seconds, peer))
    tenth = len(ratios) // 10
    return Timing(name, median(seconds), median(ratios), ratios[tenth], ratios[-1 - tenth])
