"""Draft as long as another token is worth its time.

Let a text gain S tokens per unit of time in the long run. Then a unit of time is worth S tokens, and a round
that drafts g tokens is worth 1 + survival_1 + ... + survival_g - S time(g), survival_k being the chance that
drafted token k is reached and kept. Having drafted n, go on if and only if some longer draft is worth more:

    survival_(n+1) + ... + survival_g > S (time(g) - time(n))   for some g > n.

Where each token costs the same, c in steps of the target, this is survival_(n+1) > c S. What the rule needs
is estimated as the text goes: survivals from how often tokens were kept that the draft gave such chances
(`keeping`); those to come are taken to be kept with the text's mean chance alpha each; S from what the rounds
so far gained, in their times; times from what rounds took (`clock`), unless they are given.

>>> from specsim.decode import generate
>>> from specsim.models import load_pair
>>> pair, policy = load_pair("regimes"), optimal(12, lambda gamma: 1 + 0.1 * gamma)
>>> made = generate(pair.target, pair.draft, [0], gamma=policy, max_new_tokens=300, rng=1)
>>> f"{made.tokens_per_round:.2f} tokens per round, of {made.acceptance:.0%} of the drafted ones"
'4.41 tokens per round, of 50% of the drafted ones'

The renewal-reward argument: `specsim.theory.stopping_rule`; Huang et al. 2024 (2405.19715) stop where the
chance that all were kept falls below a threshold.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import inf, prod
from typing import ClassVar

from ..door import whole
from ..generation import Round
from .clock import Clock
from .keeping import FADE, Keeping
from .policy import Pace, Times

UNKNOWN = 0.1
"""The time of a draft step, in verifications, before anything was measured."""

PLAIN = 24
"""Of so many rounds one drafts nothing where times are measured, the second of a text to begin with."""

ROUNDS = 8.0
"""How many rounds count as if they had gained what alpha promises."""


@dataclass(frozen=True)
class Optimal:
    """A policy; made by `optimal`.

    times: of rounds that draft 0, 1, ..., most tokens; None if they are to be measured.
    """

    most: int
    times: tuple[float, ...] | None
    looks: ClassVar[bool] = True

    def pace(self) -> "OptimalPace":
        """For a text that begins."""
        return OptimalPace(self.most, self.times)


class OptimalPace(Pace):
    """What is known about one text, and about the time of its rounds."""

    def __init__(self, most: int, times: Sequence[float] | None) -> None:
        self._most, self._given, self._keeping, self._clock = most, times, Keeping(), Clock()
        self._gained, self._drafted = 0.0, [0.0] * (most + 1)
        self._prepare()

    def longest(self) -> int:
        """All, or nothing where not even the first token is worth its time.

        Where times are measured, nothing in some rounds either: what a plain step takes must be known.
        """
        plain = self._given is None and self._clock.rounds % PLAIN == 1
        return self._most if self.another(()) and not plain else 0

    def another(self, chances: Sequence[float]) -> bool:
        """Whether some longer draft is worth its time."""
        survival = prod(map(self._keeping.chance, chances))
        return worth_more(survival, self._alpha, self._times[len(chances) :], self._rate)

    def learn(self, round: Round, chances: Sequence[float], deepest: int) -> None:
        """Which tokens were kept, how much was gained, what it took."""
        self._keeping.learn(chances, round.kept)
        self._clock.learn(round, deepest)
        self._gained = FADE * self._gained + round.kept + 1
        self._drafted = [FADE * count for count in self._drafted]
        self._drafted[round.drafted] += 1
        self._prepare()

    def _prepare(self) -> None:
        """What stays the same during a round: times, alpha, and the rate S."""
        measured = self._given or self._clock.times(self._most)
        self._times = measured or [1 + UNKNOWN * g for g in range(self._most + 1)]
        self._alpha = self._keeping.alpha
        tokens, time = best_round(self._alpha, self._times)
        spent = sum(count * one for count, one in zip(self._drafted, self._times))
        self._rate = (self._gained + ROUNDS * tokens) / (spent + ROUNDS * time)


def worth_more(survival: float, alpha: float, times: Sequence[float], rate: float) -> bool:
    """Whether a longer draft than the present one is worth its time.

    survival: the chance that all drafted tokens are kept; each further one is kept with chance alpha. times:
    of rounds with the present draft, with one token more, and so on. rate: what a unit of time is worth.

    >>> [worth_more(0.8**g, 0.8, [0, 0.1], 3.0) for g in range(7)]        # as long as 0.8^(g + 1) > 0.1 * 3
    [True, True, True, True, True, False, False]
    """
    steps = (alpha ** (k + 1) * survival - rate * (b - a) for k, (a, b) in enumerate(pairwise(times)))
    return any(gain > 0 for gain in accumulate(steps))


def best_round(alpha: float, times: Sequence[float]) -> tuple[float, float]:
    """Tokens and time of a round of the best fixed length, each token being kept with chance alpha.

    >>> best_round(0.5, [1, 1.1, 1.2, 1.3])
    (1.75, 1.2)
    """
    tokens = accumulate(alpha**k for k in range(len(times)))
    return max(zip(tokens, times), key=lambda round: round[0] / round[1])


def optimal(most: int = 16, costs: Times | None = None) -> Optimal:
    """Draft another token if and only if some longer draft is worth its time.

    most: draft no more than so many. costs: the time of a round that drafts so many tokens, in any unit, such
        as lambda gamma: 1 + 0.05 * gamma. Without it, times are measured: then the rounds, and with them what
        the same random numbers give, depend on the clock. The law of the output does not.
        Of texts side by side each decides as if it were alone.
    Raises ValueError unless most is a whole number of at least 1, and for costs that are not above 0.
    """
    if costs is None:
        return Optimal(whole(most, "most"), None)
    times = tuple(float(costs(gamma)) for gamma in range(whole(most, "most") + 1))
    if not all(0 < time < inf for time in times):
        raise ValueError(f"costs must be times above 0 of rounds that draft 0..{most} tokens, got {times}")
    return Optimal(most, times)
