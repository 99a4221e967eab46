"""Finding out how a verifier is called and how its result is read, by trying on a small case.

Names settle most (see `signature`). What they leave open is tried: orders, kinds of arrays, shapes of noise,
readings of the result. The first way that gives the target's law is taken, since under it the verifier is
exact; if there is none, the one that comes closest. The report says which it was.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Any

from specsim.core import Shape, chain

from .budget import DOUBLE, Budget
from .cases import Case, table_pair
from .engine import Crash, Unsupported
from .readings import EMITTED, Reading, Unreadable, readings
from .renewing import Renewed
from .signature import CONTRACT, bindings, names_say
from .styles import styles
from .supply import Style
from .trials import Trial, judged
from .walking import Bound, Walked, read_batch, walk

PROBE_SECONDS = 5.0


@dataclass(frozen=True)
class Convention:
    """A verifier with the way to call it and to read it. distance: how far it was from exact on the probe."""

    contract: str
    bound: Bound
    reading: Reading
    distance: tuple[Any, ...] = ()

    def __str__(self) -> str:
        return f"called with {self.bound}; what it returns is read as {self.reading.words}"


def agree(
    verify: Callable[..., Any],
    contract: str | None,
    arguments: Mapping[str, Any] | None = None,
    array: str | None = None,
    budget: Budget = DOUBLE,
) -> Convention:
    """The convention under which a verifier is to be checked.

    contract: "chain", "batch" or "tree"; the one that comes closest to exact unless given.
    Raises ValueError where nothing can be called or read, Unsupported where the engine cannot follow.
    """
    found: list[Convention] = []
    errors: list[Exception] = []
    for one in [contract] if contract else _contracts(verify, arguments):
        try:
            found.append(_agree(verify, one, arguments, array, budget))
        except (ValueError, Unsupported) as error:
            errors.append(error)
            continue
        if found[-1].distance == EXACT:
            break
    if not found:
        raise errors[0]
    return min(found, key=lambda one: one.distance)


EXACT = (False, False, False, 0.0)


def _contracts(verify: Callable[..., Any], arguments: Mapping[str, Any] | None) -> list[str]:
    """The contracts to try: that of trees alone where a parameter takes the parents of nodes."""
    if "parent" in names_say(verify, arguments):
        return ["tree"]
    return (
        ["chain", "batch"]
        if names_say(verify, arguments) & {"target", "tokens"}
        else ["chain", "batch", "tree"]
    )


def _agree(
    verify: Callable[..., Any],
    contract: str,
    arguments: Mapping[str, Any] | None,
    array: str | None,
    budget: Budget,
) -> Convention:
    probe = PROBES[contract]()
    tried = _Tried()
    for bound in _ways(verify, contract, arguments, array):
        if tried.settled(bound):
            continue
        bound.rehearse(next(probe.draws())[1])
        try:
            seen = walk(bound, probe, PROBE_SECONDS)
        except Unsupported as refused:
            tried.failures.append(refused)
            continue
        if crash := _always_crashes(seen):
            tried.failures.append(crash)
            continue
        tried.ran |= {bound.style.array} if not _may_crash(seen) else set()
        for reading in _fitting(seen, bound.style.batched):
            trial = judged(probe, reading, seen, bound.style.batched, budget)
            tried.found.append(Convention(contract, bound, reading, _distance(trial, bound)))
            if trial.comparison.verdict == "exact" and trial.tokens > 0:
                return replace(tried.found[-1], distance=EXACT)
    return tried.best(contract)


@dataclass
class _Tried:
    """What was found so far. ran: kinds of arrays with which no errors were raised."""

    found: list[Convention] = field(default_factory=list)
    failures: list[Any] = field(default_factory=list)
    ran: set[str] = field(default_factory=set)

    def settled(self, bound: Bound) -> bool:
        """Whether something else than this worked: another kind of arrays, or another source of
        randomness."""
        mine = bound.style
        if self.ran and mine.array not in self.ran:
            return True
        return any(_is_rival(mine, other, bound) for other in self.found if not any(other.distance[:2]))

    def best(self, contract: str) -> Convention:
        """The way that comes closest. Raises what was met where there is none."""
        if any(not one.distance[0] for one in self.found):
            return min(self.found, key=lambda one: one.distance)
        if self.failures and isinstance(self.failures[0], Unsupported):
            raise self.failures[0]
        met = f"it raised {_words(self.failures[0])}" if self.failures else "what it returned are no tokens"
        raise ValueError(f"a verifier is called as {CONTRACT[contract]}; {met}; {HOW}")


HOW = (
    'say what each parameter is given, as in arguments={"name": "target"}, choose array="numpy", "torch" or '
    '"list", or wrap it in a lambda of that form'
)


def _words(crash: Crash) -> str:
    return f"{crash.kind}: {crash.message}"


def _distance(trial: Trial, bound: Bound) -> tuple[Any, ...]:
    return trial.tokens == 0, trial.comparison.crashed > 1e-6, bound.binding.swapped, trial.tv


def _ways(
    verify: Callable[..., Any], contract: str, arguments: Mapping[str, Any] | None, array: str | None
) -> Iterator[Bound]:
    fresh = Renewed(verify)
    for binding in bindings(verify, contract, arguments):
        for style in styles(verify, binding, array, contract == "batch"):
            if style.array.startswith("torch"):
                import_module("torch")  # here, and not where the engine watches
            yield Bound(fresh, binding, style)


def _is_rival(mine: Style, other: Convention, bound: Bound) -> bool:
    """Whether another source of randomness has worked in an otherwise equal way."""
    its = other.bound.style
    same = other.bound.binding == bound.binding and replace(its, rng=mine.rng) == mine
    return same and its.rng != mine.rng


def _may_crash(seen: Walked) -> bool:
    return any(isinstance(key, Crash) for one in seen.outcomes for key in one.law)


def _always_crashes(seen: Walked) -> Crash | None:
    keys = [key for one in seen.outcomes for key in one.law]
    crashes = [key for key in keys if isinstance(key, Crash)]
    return crashes[0] if crashes and len(crashes) == len(keys) else None


def _fitting(seen: Walked, batched: bool) -> list[Reading]:
    """The readings that fit everything that came back; only the plain one where all looks like it."""
    pairs = [(raw, one.batch) for one in seen.outcomes for raw in one.law if not isinstance(raw, Crash)]
    found = [one for one in readings([raw for raw, _ in pairs]) if _fits(one, pairs, batched)]
    return found[:1] if EMITTED in found and _is_usual(pairs, batched) else found


def _is_usual(pairs: Sequence[tuple[Any, Any]], batched: bool) -> bool:
    """Whether each text begins with drafted tokens and has at most one more."""
    return all(
        text[:-1] == drafted.tokens[: max(len(text) - 1, 0)]
        for raw, batch in pairs
        for text, drafted in zip(read_batch(EMITTED, raw, batch, batched), batch)
    )


def _fits(reading: Reading, pairs: Sequence[tuple[Any, Any]], batched: bool) -> bool:
    try:
        for raw, batch in pairs:
            read_batch(reading, raw, batch, batched)
    except Unreadable:
        return False
    return True


PROBES = {
    "chain": lambda: Case("probe", (table_pair(3, 11),), Shape(chain(2))),
    "batch": lambda: Case("probe", (table_pair(2, 11), table_pair(2, 12)), Shape(chain(1))),
    "tree": lambda: Case("probe", (table_pair(3, 11),), Shape((0, 0, 1))),
}
"""The case on which conventions are tried."""
