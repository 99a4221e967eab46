"""Any exhibit of the gallery through the check that it is made for, and what all of them come to."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from specsim.core.draft import siblings, tree

from ..checking import check
from ..drafter import check_drafter
from ..gallery import GALLERY, TOYS, Exhibit
from ..report import Report
from ..state import check_state
from ..state.promises import PROMISES
from .lines import Line

FLOAT64, FLOAT32 = 1e-12, 1e-6
"""Total variation up to which an exact exhibit may be off, by the array that it computes in."""
NAMED = 0.95
"""Share of faults that have to be named rightly."""
SECONDS = {"numpy": 5.0, "torch": 60.0}
"""Seconds of one core in which a check has to be done, by the array that the exhibit takes."""


@dataclass(frozen=True)
class Outcome:
    """What the kit says of an exhibit. kind: of its diagnosis. seconds: of one core."""

    id: str
    verdict: str
    kind: str | None
    tv: float
    seconds: float


def check_exhibit(exhibit: Exhibit, *, search: bool = True, seconds: float = 120.0) -> Report:
    """The report on an exhibit, of the check that fits it; a generator is asked for all that it promises.

    search: for the smallest counterexample.

    >>> check_exhibit(GALLERY["M24"]).verdict, check_exhibit(GALLERY["C2"]).verdict
    ('lossy', 'exact')
    """
    if exhibit.contract == "drafter":
        return check_drafter(exhibit.run, exhibit.declared or TOYS[exhibit.pair].draft, seconds=seconds)
    if exhibit.contract == "generator":
        promises = PROMISES if exhibit.id == "C12" else None  # it takes them all, and names few
        return check_state(exhibit.run, promises=promises, seconds=seconds)
    if exhibit.how != "independent":
        shapes = siblings(2, exhibit.how), tree(2, 1, how=exhibit.how)
        return check(exhibit.run, contract="tree", shapes=shapes, search=search, seconds=seconds)
    return check(exhibit.run, search=search, seconds=seconds)


def outcome(id: str) -> Outcome:
    """What the kit says of the exhibit with this id."""
    began = time.process_time()
    report = check_exhibit(GALLERY[id])
    spent = time.process_time() - began
    kind = report.diagnosis.kind if report.diagnosis else None
    return Outcome(id, report.verdict, kind, report.tv or 0.0, spent)


def can_run(exhibit: Exhibit) -> bool:
    """Whether the libraries that it needs are installed."""
    return exhibit.array != "torch" or find_spec("torch") is not None


def ids(exact: bool) -> list[str]:
    """The exhibits that are exact, or wrong, and can be run here."""
    return [id for id, one in GALLERY.items() if one.exact == exact and can_run(one)]


def mutant_lines(outcomes: Sequence[Outcome]) -> list[Line]:
    """Whether the wrong ones were found and named."""
    missed = [one for one in outcomes if one.verdict != "lossy"]
    misnamed = [one for one in outcomes if one.verdict == "lossy" and one.kind != GALLERY[one.id].kind]
    named = len(outcomes) - len(missed) - len(misnamed)
    return [
        Line(
            "mutants",
            "wrong exhibits found",
            f"{len(outcomes) - len(missed)} of {len(outcomes)}",
            "all",
            not missed,
            tuple(f"{one.id} {GALLERY[one.id].title}: {one.verdict}" for one in missed),
        ),
        Line(
            "mutants",
            "and named as what they are",
            f"{named} of {len(outcomes)}",
            f"{NAMED:.0%}",
            named >= NAMED * len(outcomes),
            tuple(f"{one.id} is of kind {GALLERY[one.id].kind}, named {one.kind}" for one in misnamed),
        ),
    ]


def lossless_lines(outcomes: Sequence[Outcome]) -> list[Line]:
    """Whether the exact ones passed, and how far off their laws are."""
    alarms = [one for one in outcomes if one.verdict != "exact"]
    off = [one for one in outcomes if one.tv > _allowed(one)]
    return [
        Line(
            "lossless",
            "exact exhibits that pass",
            f"{len(outcomes) - len(alarms)} of {len(outcomes)}",
            "all",
            not alarms,
            tuple(f"{one.id} {GALLERY[one.id].title}: {one.verdict}" for one in alarms),
        ),
        Line(
            "lossless",
            "total variation of their laws, float64",
            f"{max((one.tv for one in outcomes if _allowed(one) == FLOAT64), default=0.0):.2g}",
            f"{FLOAT64:.0e}",
            not off,
            tuple(f"{one.id}: {one.tv:.2g}" for one in off),
        ),
    ]


def _allowed(one: Outcome) -> float:
    return FLOAT32 if GALLERY[one.id].array == "torch" else FLOAT64


def time_lines(outcomes: Sequence[Outcome]) -> list[Line]:
    """How long the slowest check of a verifier took."""
    lines = []
    for array, allowed in SECONDS.items():
        verifiers = [one for one in outcomes if GALLERY[one.id].contract != "generator"]
        timed = [one for one in verifiers if GALLERY[one.id].array == array]
        if not timed:
            continue
        slow = [one for one in timed if one.seconds > allowed]
        words = f"seconds of one core for the slowest {array} verifier"
        came = f"{max(one.seconds for one in timed):.1f}"
        late = tuple(f"{one.id}: {one.seconds:.1f} s" for one in slow)
        lines.append(Line("time", words, came, f"{allowed:g}", not slow, late))
    return lines
