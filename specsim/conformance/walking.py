"""The exact law of what a foreign verifier emits on a case, draft by draft.

All drafts of a case are listed with their chances; for each the engine walks the verifier's own random
decisions. What came back is kept as it is, because how to read it may not be known yet (see `readings`).
"""

import inspect
import random
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass, replace
from io import StringIO
from operator import index
from typing import Any

import numpy as np

from . import engine
from .binding import Binding
from .cases import Case, Drafted
from .readings import Reading, Tokens, Unreadable, parts_of
from .renewing import Renewed
from .supply import Style, Supply

LEAVES = 100_000


@dataclass(frozen=True)
class Bound:
    """A verifier with the way to call it. fresh: makes an instance of it as it was before any call."""

    fresh: Renewed
    binding: Binding
    style: Style

    def remembers(self, batch: Sequence[Drafted]) -> bool:
        """Whether it is an object that a call changes."""
        if not self.fresh.has_memory:
            return False
        verify = self.fresh()
        before = self.fresh.state(verify)
        self.play(verify, batch)
        return self.fresh.state(verify) != before

    def after(self, calls: int, batch: Sequence[Drafted]) -> "Bound":
        """The same after so many calls with this draft, its random numbers drawn and not decided."""
        verify = self.fresh()
        for _ in range(calls):
            self.play(verify, batch)
        return replace(self, fresh=Renewed(verify))

    def __call__(self, batch: Sequence[Drafted], context: Tokens = ()) -> Any:
        """What a first call returns, as plain data."""
        return self.play(self.fresh(), batch, context)

    def play(self, verify: Callable[..., Any], batch: Sequence[Drafted], context: Tokens = ()) -> Any:
        """What one call of this instance returns, as plain data."""
        supply = Supply(batch, self.style, context)
        with quiet():
            found = plain(self.binding.call(verify, supply))
        return plain(supply.made["out"]) if found is None and "out" in supply.made else found

    def rehearse(self, batch: Sequence[Drafted]) -> None:
        """Call it once with ordinary random numbers: what it imports is then loaded before the walk."""
        with untouched_randomness(), suppress(Exception):
            self(batch)

    def changes(self, batch: Sequence[Drafted]) -> list[str]:
        """The laws and tokens among its arguments that a call writes into, by role."""
        supply = Supply(batch, self.style)
        with quiet(), untouched_randomness(), suppress(Exception):
            plain(self.binding.call(self.fresh(), supply))
        return [role for role in supply.made if supply.is_changed(role)]

    def __str__(self) -> str:
        return f"{self.binding}; {self.style}"


@contextmanager
def untouched_randomness() -> Iterator[None]:
    """The global generators are afterwards as they were before."""
    torch = sys.modules.get("torch")
    states = random.getstate(), np.random.get_state(), torch and torch.get_rng_state()  # noqa: NPY002
    try:
        yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])  # noqa: NPY002
        if torch:
            torch.set_rng_state(states[2])


@contextmanager
def quiet() -> Iterator[None]:
    """What a foreign function prints and warns of is not shown a thousand times."""
    with redirect_stdout(StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _awaited(coroutine: Any) -> Any:
    """What a coroutine returns that has nothing to wait for."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    coroutine.close()
    raise TypeError("the coroutine waits for something; wrap it in a function that runs it to its end")


def plain(found: Any) -> Any:
    """Coroutines and generators are run to their end, named tuples are tuples."""
    if inspect.iscoroutine(found):
        return plain(_awaited(found))
    if inspect.isgenerator(found) or (hasattr(found, "__next__") and hasattr(found, "__iter__")):
        return tuple(map(plain, found))
    if isinstance(found, tuple):
        return tuple(map(plain, found))
    return found


Emitted = tuple[Tokens, ...]
"""What each request of a batch emitted."""


@dataclass(frozen=True)
class Outcome:
    """What came back for one draft of every request: the draft's chance, and the law given the draft."""

    chance: float
    batch: tuple[Drafted, ...]
    law: dict[Any, float]


@dataclass(frozen=True)
class Walked:
    """All drafts of a case. unexplored: the probability that was not looked at. notes: of the engine."""

    outcomes: tuple[Outcome, ...]
    unexplored: float
    notes: tuple[str, ...]


def walk(bound: Bound, case: Case, seconds: float, lattice: str = "native") -> Walked:
    """The law of what comes back, for each draft of a case; drafting is one more random choice."""
    drafts = list(case.draws())
    weights = [chance for chance, _ in drafts]
    words: dict[str, str] = {}

    def play() -> Any:
        which = index(engine.numpy_rng().choice(len(drafts), p=weights))
        try:
            return which, bound(drafts[which][1], case.context), None
        except engine.Unsupported:
            raise
        except Exception as error:
            words.setdefault(type(error).__name__, str(error))
            return which, None, type(error).__name__

    law = engine.exact_law(play, leaves=LEAVES, seconds=seconds, lattice=lattice)
    found: list[dict[Any, float]] = [{} for _ in drafts]
    outcome: Any
    for outcome, chance in law.chances.items():
        which, raw, crash = outcome
        found[which][engine.Crash(crash, words[crash]) if crash else raw] = chance / weights[which]
    outcomes = (Outcome(chance, batch, one) for (chance, batch), one in zip(drafts, found))
    return Walked(tuple(outcomes), law.unexplored, law.notes)


def emitted_law(reading: Reading, outcome: Outcome, batched: bool) -> dict[Emitted | engine.Crash, float]:
    """The law of the tokens emitted for one draft. Raises Unreadable where the reading does not fit."""
    found: dict[Emitted | engine.Crash, float] = {}
    for raw, chance in outcome.law.items():
        key = raw if isinstance(raw, engine.Crash) else read_batch(reading, raw, outcome.batch, batched)
        found[key] = found.get(key, 0.0) + chance
    return found


def read_batch(reading: Reading, raw: Any, batch: Sequence[Drafted], batched: bool) -> Emitted:
    """The tokens that each request emitted."""
    if not batched:
        return (reading(raw, batch[0].tokens),)
    return tuple(reading(_request(reading, raw, b, len(batch)), one.tokens) for b, one in enumerate(batch))


def _request(reading: Reading, raw: Any, b: int, size: int) -> Any:
    """What was returned for one request: its row of the whole, or of each part."""
    if not isinstance(raw, tuple):
        raise Unreadable
    if reading.parts is None:
        return _entry(raw, b, size)
    parts = parts_of(raw)
    return tuple(_entry(part, b, size) if i in reading.parts else None for i, part in enumerate(parts))


def _entry(rows: Any, b: int, size: int) -> Any:
    if not isinstance(rows, tuple) or len(rows) != size:
        raise Unreadable
    return rows[b]
