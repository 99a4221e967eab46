"""One case tried: the completed law of what a verifier emits, against the target's.

Beside the law it is noted whether a token came out that the target cannot emit, kept or drawn: with a
target of zeros, `coin <= ratio` lets a drafted one pass when the coin is 0, and a residual that is clamped
above 0 draws one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import fsum, prod
from typing import Any

from .budget import Budget
from .cases import Case, Drafted
from .comparing import Comparison, compare, endings, texts
from .engine import Crash
from .readings import Reading, Tokens
from .walking import Bound, Emitted, Walked, emitted_law, walk

LONGEST = 8
"""Emitted texts are compared up to this length."""


@dataclass(frozen=True)
class Round:
    """What was emitted for one draft of every request, with its chance."""

    chance: float
    batch: tuple[Drafted, ...]
    law: dict[Emitted | Crash, float]


@dataclass(frozen=True)
class Trial:
    """What a verifier did on one case.

    rounds: the law of what it emitted, for each draft. comparison: of the completed law with the target's.
    kept, drawn: chance that a token of target probability 0 is kept, or drawn at the end. tokens: mean number
    emitted by a round. notes: of the engine.
    """

    case: Case
    rounds: tuple[Round, ...]
    comparison: Comparison
    kept: float = 0.0
    drawn: float = 0.0
    tokens: float = 0.0
    notes: tuple[str, ...] = ()

    @property
    def tv(self) -> float:
        """Total variation of the completed law, as far as it was seen."""
        return self.comparison.tv


def attempt(bound: Bound, reading: Reading, case: Case, budget: Budget, seconds: float) -> Trial:
    """Try a case. Raises Unreadable where the result cannot be read, and what the engine raises."""
    return judged(case, reading, walk(bound, case, seconds), bound.style.batched, budget)


def judged(case: Case, reading: Reading, walked: Walked, batched: bool, budget: Budget) -> Trial:
    """The trial that these outcomes make under a reading."""
    rounds = tuple(
        Round(one.chance, one.batch, emitted_law(reading, one, batched)) for one in walked.outcomes
    )
    emitted: dict[Any, float] = {}
    for one in rounds:
        for key, chance in one.law.items():
            emitted[key] = emitted.get(key, 0.0) + one.chance * chance
    comparison = compare(*completed_laws(case, emitted, case.horizon), walked.unexplored, budget)
    kept, drawn = _forbidden(case, rounds)
    return Trial(case, rounds, comparison, kept, drawn, _mean_tokens(rounds), walked.notes)


def completed_laws(
    case: Case, emitted: Mapping[Any, float], horizon: int
) -> tuple[dict[Any, float], dict[Any, float]]:
    """The completed law of what was emitted and the one that is due: of texts of all requests together.

    horizon: the length of texts; that of the longest emission, but at most LONGEST, where it is longer.
    """
    targets = [_target(pair, case.context) for pair in case.pairs]
    longest = max((len(text) for key in emitted if not isinstance(key, Crash) for text in key), default=0)
    length = max(horizon, min(longest, LONGEST))
    due = _joint([texts(target, length) for target in targets])
    return _completed(emitted, targets, length), due


def _completed(emitted: Mapping[Any, float], targets: Sequence[Any], horizon: int) -> dict[Any, float]:
    found: dict[Any, list[float]] = {}
    for key, chance in emitted.items():
        if isinstance(key, Crash):
            found.setdefault(key, []).append(chance)
            continue
        for ends in product(*(endings(text, row, horizon) for text, row in zip(key, targets))):
            whole = tuple(text for text, _ in ends)
            found.setdefault(whole, []).append(chance * prod(share for _, share in ends))
    return {key: fsum(some) for key, some in found.items()}


def _joint(laws: Sequence[Mapping[Tokens, float]]) -> dict[Any, float]:
    return {
        tuple(text for text, _ in ends): prod(chance for _, chance in ends)
        for ends in product(*(law.items() for law in laws))
    }


def _target(pair: Any, context: Tokens) -> Callable[[Tokens], Any]:
    """The target's law after an emission, as a normalised list; nothing follows a token that does not
    exist."""

    def row(text: Tokens) -> list[float]:
        if not all(0 <= token < pair.vocab for token in text):
            return []
        law = pair.laws((*context, *text))[0]
        return (law / law.sum()).tolist()

    return row


def _mean_tokens(rounds: Sequence[Round]) -> float:
    return fsum(
        one.chance * chance * len(text) / len(key)
        for one in rounds
        for key, chance in one.law.items()
        if not isinstance(key, Crash)
        for text in key
    )


def _forbidden(case: Case, rounds: Sequence[Round]) -> tuple[float, float]:
    """The chance that some request's first impossible token was kept, and that it was drawn."""
    kept, drawn = [0.0], [0.0]
    no_bonus = not any(len(text) > len(drafted.tokens) for _, text, _, drafted in _emissions(case, rounds))
    for chance, text, pair, drafted in _emissions(case, rounds):
        row = _target(pair, case.context)
        for i, token in enumerate(text):
            law = row(text[:i])
            if not 0 <= token < len(law) or law[token] > 0:
                continue
            is_kept = i < len(text) - 1 or (no_bonus and text == drafted.tokens)
            (kept if is_kept else drawn).append(chance)
            break
    return fsum(kept), fsum(drawn)


def _emissions(case: Case, rounds: Sequence[Round]) -> Iterator[tuple[float, Tokens, Any, Drafted]]:
    for one in rounds:
        for key, chance in one.law.items():
            if not isinstance(key, Crash):
                for text, pair, drafted in zip(key, case.pairs, one.batch):
                    yield one.chance * chance, text, pair, drafted
