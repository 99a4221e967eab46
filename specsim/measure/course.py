"""The rounds that would write a text of the target: how many, and how many tokens they draft and keep.

For a constant draft length they follow exactly from the text (`given_text`). A policy that decides from round
to round is replayed along the text: what each round keeps is drawn, the policy learns it, with what such
rounds cost in the pilot, and goes on. Of a policy that looks at drafted tokens it is an approximation, since
of those that are not kept it is shown what the draft gives to its tokens on average.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..decode.generation import Round
from ..decode.lengths import Lengths, constant
from . import given_text
from .costs import Cost, RoundCost
from .reading import Reading

REPLAYS = 20
"""How often a policy is replayed along each text."""


@dataclass(frozen=True)
class Course:
    """Expected numbers of rounds for one text of so many tokens.

    opening: law of how many tokens the first round drafts. rounds: expected rounds after it, by the number of
    tokens that they draft. reached, kept: expected rounds that draft and reach position i, and that keep it.
    """

    tokens: int
    opening: dict[int, float]
    rounds: dict[int, float]
    reached: np.ndarray
    kept: np.ndarray

    @property
    def count(self) -> float:
        """Expected number of rounds, the first included."""
        return 1 + sum(self.rounds.values())


FREE = Cost(1.0, [RoundCost(0, 0.0, 1.0, 0.0, 0.0)])
"""The costs of a draft that costs nothing, where nothing was timed."""


def course(
    reading: Reading, rule: str, lengths: Lengths, rng: np.random.Generator, cost: Cost = FREE
) -> Course:
    """What rounds with these draft lengths would do along a text. cost: what policies learn that rounds cost.

    >>> from specsim.measure.reading import read
    >>> from specsim.models.texts import Text
    >>> from specsim.models import load_pair
    >>> reading = read(load_pair("toy"), Text("", np.array([0, 0, 1, 0])), 3, (), None, None)
    >>> found = course(reading, "token", constant(2), np.random.default_rng(0))
    >>> round(found.count, 2), found.reached.round(2), found.kept.round(2)
    (1.6, array([1.6, 0.4]), array([1. , 0.4]))
    """
    survival = reading.survival(rule, lengths.most)
    room = np.minimum(np.arange(reading.count)[::-1], reading.drafted * lengths.most)
    if lengths == constant(lengths.most):
        begins = given_text.beginnings(survival)
        reached, kept = given_text.positions(survival, room)
        return Course(reading.count, {int(room[0]): 1.0}, _summed(room[1:], begins[1:]), reached, kept)
    played = [_replay(lengths, reading, survival, room, cost, rng) for _ in range(REPLAYS)]
    return _mean(reading.count, played, lengths.most)


def courses(
    readings: Sequence[Reading], rule: str, lengths: Lengths, rng: np.random.Generator, cost: Cost = FREE
) -> list[Course]:
    """What rounds would do along each of several texts."""
    return [course(one, rule, lengths, rng, cost) for one in readings]


def _summed(drafted: np.ndarray, weights: np.ndarray) -> dict[int, float]:
    return {int(one): float(weights[drafted == one].sum()) for one in dict.fromkeys(drafted.tolist())}


def _replay(
    lengths: Lengths,
    reading: Reading,
    survival: np.ndarray,
    room: np.ndarray,
    cost: Cost,
    rng: np.random.Generator,
) -> list[Round]:
    """The rounds of one way in which the text may have been written."""
    pace, rounds, begin = lengths.pace(), list[Round](), 0
    while begin < len(room):
        drafted = min(pace.longest(), int(room[begin]))
        kept = int((survival[begin, :drafted] > rng.random()).sum())
        sure = [*reading.draft[begin : begin + kept], *reading.sure[begin + kept : begin + drafted]]
        if lengths.looks:
            drafted = next((n for n in range(1, drafted) if not pace.another(sure[:n])), drafted)
            kept = min(kept, drafted)
        drafting = cost.drafting(drafted)
        rounds.append(Round(drafted, kept, kept + 1, drafting, cost.round(drafted) - drafting, 0.0))
        pace.learn(rounds[-1], sure[:drafted] if lengths.looks else (), drafted)
        begin += kept + 1
    return rounds


def _mean(tokens: int, played: Sequence[Sequence[Round]], most: int) -> Course:
    everything = [one for rounds in played for one in rounds]
    reached, kept = asked_and_kept(everything, most)
    later = np.array([one.drafted for rounds in played for one in rounds[1:]])
    first = np.array([rounds[0].drafted for rounds in played])
    times = len(played)
    return Course(
        tokens,
        {count: often / times for count, often in _summed(first, np.ones(len(first))).items()},
        {count: often / times for count, often in _summed(later, np.ones(len(later))).items()},
        reached / times,
        kept / times,
    )


def asked_and_kept(rounds: Sequence[Round], most: int) -> tuple[np.ndarray, np.ndarray]:
    """The number of rounds that drafted and reached position 1, ..., `most`, and that kept it.

    >>> asked_and_kept([Round(3, 1, 2, 0, 0, 0), Round(2, 2, 3, 0, 0, 0)], 3)
    (array([2, 2, 0]), array([2, 1, 0]))
    """
    drafted, kept = (np.array([[getattr(one, name)] for one in rounds]) for name in ("drafted", "kept"))
    place = np.arange(most)
    return ((place < drafted) & (place <= kept)).sum(axis=0), (place < kept).sum(axis=0)
