"""What did a policy lose? Rounds that were played, priced afterwards.

Time per token is the time of all rounds over the tokens that they brought. Three marks to hold a policy
against: the best constant length, which nobody knows beforehand; `with_hindsight`, the same rounds had each
of them drafted only what it kept, which no policy can know; and, for constant alpha,
`specsim.theory.oracle_improvement`.

>>> from specsim.decode.generation import Round
>>> rounds = [Round(3, 3, 4, 0.0, 0.0, 0.0), Round(3, 0, 1, 0.0, 0.0, 0.0)]          # 3 and 0 were kept
>>> time_per_token(rounds, lambda gamma: 3 + gamma), with_hindsight(rounds, lambda gamma: 3 + gamma)
(2.4, 1.8)
"""

from collections.abc import Iterable

from ..generation import Round
from .policy import Times


def time_per_token(rounds: Iterable[Round], costs: Times) -> float:
    """The time of rounds that draft as these did, over kept tokens and one more per round.

    costs: the time of a round by the number of drafted tokens, in any unit. Where rounds have kept their
    plans, the number of kept tokens that their drafts made one expect is taken: it varies less.
    """
    played = list(rounds)
    return sum(costs(one.drafted) for one in played) / sum(_kept(one) + 1 for one in played)


def with_hindsight(rounds: Iterable[Round], costs: Times) -> float:
    """The same, had each round drafted just as many tokens as it kept.

    Of rounds that draft more than is ever kept, this is the least that any policy could take.
    """
    played = list(rounds)
    return sum(costs(one.kept) for one in played) / sum(one.kept + 1 for one in played)


def _kept(one: Round) -> float:
    return one.kept if one.stop is None else float(one.stop @ range(one.drafted + 1))
