"""Several rounds with one instance: what a verifier remembers must not change the law of the text.

A decoder calls its verifier again and again. The text that comes out of several rounds has the target's law
if each round is exact whatever came before, so the walk goes through whole texts, drafts included.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from operator import index
from typing import Any

from specsim.core import Shape, chain
from specsim.core.draft import is_chain

from . import engine
from .budget import Budget
from .cases import Case, Drafted, Pair, drafts_of, table_pair
from .comparing import compare
from .conventions import Convention
from .readings import Tokens
from .trials import Trial, attempt, completed_laws
from .walking import read_batch

PLAYS: dict[str, tuple[tuple[Shape, int, int], ...]] = {
    "chain": ((Shape(chain(1)), 1, 3), (Shape(chain(2)), 1, 2)),
    "batch": ((Shape(chain(1)), 2, 2),),
}
"""By contract: the shape of the drafts, how many requests, and how many rounds."""

CALLS = (*range(1, 33), 49, 63, 64, 99, 127, 199, 255, 499, 511, 999)
"""After so many calls an object that remembers them is tried again."""


def further_rounds(found: Convention, budget: Budget, seconds: float, shapes: Sequence[Shape]) -> list[Trial]:
    """Trials of several rounds, of trees in the smallest of these shapes; after many calls if remembered."""
    trials = [
        _play(found, budget, seconds, Case("several rounds", _pairs(requests), shape), rounds)
        for shape, requests, rounds in _plays(found.contract, shapes)
    ]
    case = Case("", _pairs(2 if found.contract == "batch" else 1), _plays(found.contract, shapes)[0][0])
    batch = next(case.draws())[1]
    if found.bound.remembers(batch):
        trials += [_later(found, budget, seconds, case, batch, calls) for calls in CALLS]
    return trials


def _plays(contract: str, shapes: Sequence[Shape]) -> Sequence[tuple[Shape, int, int]]:
    """The plays of a contract; of trees in the smallest shape that branches."""
    if contract != "tree":
        return PLAYS[contract]
    return ((min(shapes, key=lambda shape: (is_chain(shape.parent), len(shape.parent))), 1, 2),)


def _pairs(requests: int) -> tuple[Pair, ...]:
    return tuple(table_pair(2, 600 + b) for b in range(requests))


def _play(found: Convention, budget: Budget, seconds: float, case: Case, rounds: int) -> Trial:
    drafts = _drafts(case, (rounds - 1) * case.horizon)

    def drafted(b: int, text: Tokens) -> Drafted:
        every = drafts[b][text]
        return every[index(engine.numpy_rng().choice(len(every), p=[one.chance for one in every]))]

    def texts() -> Any:
        verify, made = found.bound.fresh(), [()] * len(case.pairs)  # type: Any, list[Tokens]
        for _ in range(rounds):
            batch = [drafted(b, text) for b, text in enumerate(made)]
            raw = engine.freeze(found.bound.play(verify, batch), _decided)
            emitted = read_batch(found.reading, raw, batch, found.bound.style.batched)
            made = [text + new for text, new in zip(made, emitted)]
        return tuple(made)

    law = engine.exact_law(texts, seconds=seconds)
    came, due = completed_laws(case, law.chances, rounds)
    return Trial(case, (), compare(came, due, law.unexplored, budget), notes=law.notes)


def _drafts(case: Case, longest: int) -> list[dict[Tokens, list[Drafted]]]:
    """Every draft of every request after every text, listed before the engine decides what is drawn."""
    known = [text for size in range(longest + 1) for text in product(range(case.pairs[0].vocab), repeat=size)]
    return [{text: list(drafts_of(pair, case.shape, text)) for text in known} for pair in case.pairs]


def _decided(value: Any) -> Any:
    """A token that the engine carries along undecided, decided."""
    return index(value) if type(value).__module__.startswith(engine.__name__) else value


def _later(
    found: Convention, budget: Budget, seconds: float, case: Case, batch: tuple[Drafted, ...], calls: int
) -> Trial:
    """A small case once more, after so many calls."""
    later = replace(case, name=f"after {calls} calls")
    return attempt(found.bound.after(calls, batch), found.reading, later, budget, seconds)
