"""Faults that show without taking a law apart: errors, tokens that cannot be, rounds that hang together."""

from collections.abc import Sequence

from .budget import EDGE
from .conventions import Convention
from .engine import Crash
from .fixes import FIXES
from .report import Diagnosis
from .trials import Trial


def named(kind: str, words: str) -> Diagnosis:
    """A diagnosis with the fix of its kind."""
    return Diagnosis(kind, words, FIXES[kind])


def plain_fault(found: Convention, faults: Sequence[Trial]) -> Diagnosis | None:
    """What is seen without taking anything apart."""
    if all(not fault.rounds or fault.case.name.startswith("after ") for fault in faults):
        return _of_further_rounds(found)
    worst = max(faults, key=lambda fault: fault.tv)
    crashed = worst.comparison.crashed
    if crashed > 0.5 * worst.tv and crashed > 1e-6:
        error = next(key for key, *_ in worst.comparison.rows if isinstance(key, Crash))
        return named("crash", f"It raises an error with chance {crashed:.2g}: {error.kind}: {error.message}.")
    if all(fault.comparison.verdict != "lossy" for fault in faults):
        return _of_edges(faults)
    return _of_unknown_tokens(faults)


def _of_further_rounds(found: Convention) -> Diagnosis:
    if found.bound.fresh.has_memory:
        return named("state", "A single round is right; what the object remembers changes later ones.")
    return named("randomness", "A single round is right; several rounds share their random numbers.")


def _of_edges(faults: Sequence[Trial]) -> Diagnosis:
    kept, drawn = max(fault.kept for fault in faults), max(fault.drawn for fault in faults)
    if kept > drawn:
        words = f"A drafted token of target probability 0 is kept with chance {kept:.2g}: a coin of 0 passes."
    else:
        words = (
            f"A token of target probability 0 is drawn with chance {drawn:.2g}: a residual clamped above 0."
        )
    return named("arithmetic", words)


def _of_unknown_tokens(faults: Sequence[Trial]) -> Diagnosis | None:
    """Tokens that are not in the vocabulary."""
    shares = [
        one.chance * chance
        for fault in faults
        for one in fault.rounds
        for key, chance in one.law.items()
        if isinstance(key, tuple) and max(map(max, filter(None, key)), default=0) >= fault.case.pairs[0].vocab
    ]
    if max(shares, default=0.0) <= EDGE:
        return None
    return Diagnosis(
        "correction",
        f"Tokens come out that do not exist, with a chance of up to {max(shares):.2g}.",
        "Draw from the V tokens 0..V - 1 of the rows; an index at the end of a cumulative sum may be V.",
    )
