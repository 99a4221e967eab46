"""What the parts of a round cost, from a pilot that plays no part in the comparison.

The pilot decodes a few prompts, all contenders in turns, after one turn to warm up. Costs are taken in steps
of plain decoding in the same turn, and are medians over turns of medians over rounds. A step of plain
decoding includes its draw and its bookkeeping, as a round does: all that is really paid.

The first token drafted after a pass of the target is dearer than those behind it, since that pass has driven
the draft out of the processor's caches; so the cost of drafting is that of drafting all, not a sum of steps.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, TypeVar

import numpy as np

from ..decode import Generation, autoregressive, generate
from ..models import Pair
from .record import Costs
from .stopwatch import Timed
from .turns import interleaved

TURNS = 8
"""How often every contender runs in the pilot, a first turn not counted."""

TOKENS = 40
"""How many tokens a contender decodes in a turn, at most."""

SEEN = 4
"""How often rounds must have drafted so many tokens for their cost to be known."""

Key = TypeVar("Key", bound=Hashable)

Decode = Callable[[Any, int], Generation]
"""From a target, which is watched, and the number of a turn to a text."""


@dataclass(frozen=True)
class RoundCost:
    """The parts of a round that drafts so many tokens, in steps of plain decoding.

    draft: the draft's passes and draws. target: the pass of the target. decide: the rule and the draw. rest:
    bringing tokens into texts and caches.
    """

    drafted: int
    draft: float
    target: float
    decide: float
    rest: float

    @property
    def total(self) -> float:
        """All of it."""
        return self.draft + self.target + self.decide + self.rest


@dataclass(frozen=True)
class Cost:
    """What a way of decoding costs, in steps of plain decoding.

    opening: the first round, which reads the prompt, and all that comes before it. rounds: the others, by the
    number of tokens drafted.
    """

    opening: float
    rounds: list[RoundCost]

    def round(self, drafted: int) -> float:
        """The cost of a round that drafts so many tokens; between those that were met, on a line.

        >>> met = [RoundCost(0, 0.0, 1.0, 0.0, 0.0), RoundCost(2, 0.5, 1.25, 0.0, 0.25)]
        >>> [Cost(3.0, met).round(gamma) for gamma in (0, 1, 2, 5)]
        [1.0, 1.5, 2.0, 2.0]
        """
        return self._between(drafted, [one.total for one in self.rounds])

    def drafting(self, drafted: int) -> float:
        """The part of it that is drafting."""
        return self._between(drafted, [one.draft for one in self.rounds])

    def _between(self, drafted: int, costs: list[float]) -> float:
        return float(np.interp(drafted, [one.drafted for one in self.rounds], costs))


def measure_costs(
    target: Any,
    plain: Decode,
    contenders: Mapping[Key, Decode],
    seed: int,
    turns: int = TURNS,
    progress: str | None = None,
) -> tuple[float, float, dict[Key, Cost]]:
    """Seconds of a step of plain decoding, its opening in steps, and the costs of all contenders."""
    everyone: dict[Any, Decode] = {None: plain, **contenders}

    def watched(decode: Decode) -> Callable[[int], tuple[Generation, list[float]]]:
        def run(turn: int) -> tuple[Generation, list[float]]:
            model = Timed(target) if hasattr(target, "session") else target
            return decode(model, turn), getattr(model, "seconds", [])

        return run

    taken = interleaved({key: watched(one) for key, one in everyone.items()}, turns + 1, seed, progress)
    steps = [median(_seconds(one) for one in made.rounds[1:]) for (made, _), _ in taken[None][1:]]
    found = {key: _cost([one for one, _ in taken[key][1:]], steps) for key in everyone}
    opening = found.pop(None).opening
    return median(steps), opening, found


def pilot(
    pair: Pair,
    prompts: Sequence[Any],
    tokens: int,
    drafts: Iterable[int | str],
    seed: int,
    **sampling: Any,
) -> Costs:
    """Median seconds of a target step, and in proportion, draft steps and verifications.

    prompts: token ids, one per turn. tokens: the most that may be decoded. drafts: gammas, or names of
    shapes. sampling: as `decode.generate`.
    """
    limits: Any = {"max_new_tokens": min(TOKENS, tokens), "eos": ()} | sampling
    drafts = list(dict.fromkeys(drafts))

    def decoding(draft: int | str) -> Decode:
        how: Any = {"gamma": draft} if isinstance(draft, int) else {"shape": draft}
        return lambda target, turn: generate(
            target, pair.draft, prompts[turn % len(prompts)], rng=seed + turn, **how, **limits
        )

    def plain(target: Any, turn: int) -> Generation:
        return autoregressive(target, prompts[turn % len(prompts)], rng=seed + turn, **limits)

    own, opening, costs = measure_costs(pair.target, plain, {one: decoding(one) for one in drafts}, seed)
    whole = {one: costs[one].rounds[-1] for one in drafts}  # those that drafted all
    verify = {key: own * (one.total - one.draft) for key, one in whole.items()}
    openings = {0: own * opening} | {key: own * one.opening for key, one in costs.items()}
    return Costs(own, {key: own * one.draft for key, one in whole.items()}, verify, openings)


def _seconds(one: Any) -> float:
    return one.draft_seconds + one.verify_seconds + one.other_seconds


def _cost(turns: Sequence[tuple[Generation, list[float]]], steps: Sequence[float]) -> Cost:
    """The cost of a contender; steps: the seconds of a step of plain decoding in each turn."""
    openings, met = [], dict[int, list[list[tuple[float, ...]]]]()
    for (made, passes), step in zip(turns, steps):
        openings.append((made.seconds - sum(map(_seconds, made.rounds[1:]))) / step)
        here = dict[int, list[tuple[float, ...]]]()
        for one, reading in zip(made.rounds[1:], (passes or [0.0] * len(made.rounds))[1:]):
            parts = (one.draft_seconds, reading, one.verify_seconds - reading, one.other_seconds)
            here.setdefault(one.drafted, []).append(tuple(part / step for part in parts))
        for count, rows in here.items():
            met.setdefault(count, []).append(rows)
    return Cost(median(openings), _typical(met))


def _typical(met: dict[int, list[list[tuple[float, ...]]]]) -> list[RoundCost]:
    """Medians over turns of medians over rounds, of all numbers of drafted tokens that were met often."""
    often = {count for count, turns in met.items() if sum(map(len, turns)) >= SEEN} or set(met)
    return [
        RoundCost(count, *np.median([np.median(rows, axis=0) for rows in met[count]], axis=0).tolist())
        for count in sorted(often)
    ]
