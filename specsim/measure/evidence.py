"""What was read, what it cost and what took how long, put together for each way of decoding."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..decode import Generation
from ..decode.lengths import read_lengths
from ..simulate.estimates import ratio_of
from .bench import Way
from .costs import Cost
from .course import Course, asked_and_kept
from .measurement import Found, PeerSpeed, Place, Speed, Tokens
from .passes import Passes
from .predicting import drafting_share, predicted_speedup, predicted_tokens, textbook_speedup
from .reading import Reading
from .turns import Spread, spread

PLAIN, PLAIN_PEER = "plain", "transformers"
"""Plain decoding, and that of transformers, among those that took turns."""

SEEN = 10
"""How many rounds must reach a position to say how often it is kept."""


@dataclass(frozen=True)
class Prices:
    """What passes cost, what the first step of plain decoding costs, and what each way of decoding costs."""

    passes: Passes
    opening: float
    ways: Mapping[Way, Cost]


@dataclass(frozen=True)
class Evidence:
    """All of it.

    readings: of the target's own texts, by draft. expected: rounds along them. costs: None where nothing is
    timed. taken: of each that took turns, what it returned for each prompt, and its seconds. tokens: that
    transformers wrote for each prompt.
    """

    readings: Mapping[str, Sequence[Reading]]
    expected: Mapping[Way, Sequence[Course]]
    costs: Prices | None
    taken: Mapping[Any, Sequence[tuple[Any, float]]]
    tokens: int

    def found(self, way: Way) -> Found:
        """What there is to say of one way of decoding."""
        tokens = self._tokens(way)
        return Found(
            *way,
            tokens,
            places(self._made(way), self.expected[way]),
            self.costs.ways[way] if self.costs else None,
            self._speed(way, tokens.textbook, self.costs) if self.costs else None,
        )

    def pace(self, key: Any) -> float:
        """Tokens per second."""
        return sum(len(one.tokens) for one in self._made(key)) / sum(took for _, took in self.taken[key])

    def peer(self, ours: Any, theirs: Any) -> PeerSpeed | None:
        """How transformers fares beside one of ours, if it ran."""
        if theirs not in self.taken:
            return None
        passes, seconds = zip(*self.taken[theirs])
        written = self.tokens * len(passes)
        return PeerSpeed(written / sum(seconds), written / sum(passes), self._faster(ours, theirs))

    def _tokens(self, way: Way) -> Tokens:
        draft, gamma, rule = way
        made = self._made(way)
        count = np.array([len(one.tokens) for one in made])
        measured = ratio_of(count, np.array([len(one.rounds) for one in made]))
        predicted = predicted_tokens(self.readings[draft], self.expected[way], rule, read_lengths(gamma))
        return Tokens(**predicted, measured=measured)

    def _speed(self, way: Way, tokens: float | None, costs: Prices) -> Speed:
        """tokens: per round, by the textbook."""
        draft, gamma, _ = way
        textbook = None
        if tokens is not None:
            c = costs.passes.step.get(draft, costs.ways[way].drafting(int(gamma)) / int(gamma))
            drafting = drafting_share(self.readings[draft])
            textbook = textbook_speedup(tokens, drafting, int(gamma), c, costs.passes)
        return Speed(
            self.pace(way),
            textbook,
            predicted_speedup(self.expected[way], costs.ways[way], costs.opening),
            self._faster(way, PLAIN),
            self.peer(way, (PLAIN_PEER, draft, gamma)),
        )

    def _faster(self, one: Any, other: Any) -> Spread:
        """How many times faster one is than another, prompt by prompt."""
        turns = zip(self.taken[one], self.taken[other])
        return spread([theirs / ours for (_, ours), (_, theirs) in turns])

    def _made(self, key: Any) -> list[Generation]:
        return [one for one, _ in self.taken[key]]


def places(made: Sequence[Generation], expected: Sequence[Course]) -> list[Place]:
    """Position by position, as long as rounds of the run reached it often enough to tell."""
    most = len(expected[0].reached)
    reached, kept = np.array([asked_and_kept(one.rounds, most) for one in made]).swapaxes(0, 1)
    asked, held = (np.sum([getattr(one, name) for one in expected], axis=0) for name in ("reached", "kept"))
    return [
        Place(i + 1, float(held[i] / asked[i]), ratio_of(kept[:, i], reached[:, i]))
        for i in range(most)
        if reached[:, i].sum() >= SEEN and asked[i]
    ]
