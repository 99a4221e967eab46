"""What do stacked drafts yield: a small model drafts for a middle one, which drafts for the target?

Level 0 is a plain draft model. Level i verifies gamma_i tokens of the level below and keeps each with
chance alpha_i. A level above the lowest collects whole rounds of the level below until it has at
least gamma_i tokens, so that it overshoots: a round below yields several tokens at a time. The usual
shortcut prices the levels below by the token, as if exactly gamma_i of them were bought.

>>> levels = dict(alphas=(0.8, 0.8), gammas=(4, 8), costs=(0.01, 0.1))
>>> round(hierarchical_improvement(**levels), 4), round(substituted_improvement(**levels), 4)
(3.2224, 3.2471)

Everything in `alphas` (keeping chances, from the lowest pair up), `gammas` (drafted tokens, one per
alpha) and `costs` (time per step of each model below the target, in steps of the target) is of one
kind of scalar.
"""

from __future__ import annotations

from collections.abc import Sequence

from .scalars import Scalar, integer, require, within
from .tokens import expected_tokens, tokens_pmf

Law = dict[int, Scalar]


def hierarchical_improvement(
    alphas: Sequence[Scalar], gammas: Sequence[int], costs: Sequence[Scalar]
) -> Scalar:
    """Factor by which the stack is faster than the target alone, exactly.

    With G the tokens collected for a level and R the rounds below that this takes,

        tokens(level) = E[expected_tokens(alpha, G)],   time(level) = E[R] time(level below) + cost

    and the improvement is tokens / time of the top level, whose cost is 1. One level alone is
    `walltime_improvement`. Raises ValueError where the three sequences differ in length.

    >>> from fractions import Fraction as F
    >>> hierarchical_improvement((F(1, 2), F(1, 2)), (1, 2), (F(1, 10), F(1, 4)))
    Fraction(285, 244)
    """
    _check(alphas, gammas, costs)
    made, time = {1: 1}, costs[0]
    for alpha, gamma, cost in zip(alphas, gammas, [*costs[1:], 1]):
        collected, rounds = collect(made, gamma)
        made, time = _verified(alpha, collected), rounds * time + cost
    return _mean(made) / time


def substituted_improvement(
    alphas: Sequence[Scalar], gammas: Sequence[int], costs: Sequence[Scalar]
) -> Scalar:
    """The usual shortcut for the same: a level is a plain draft at its mean time per token.

        c_eff = c_1 / S(alpha_0, gamma_0, c_0 / c_1) = (gamma_0 c_0 + c_1) / E[N_0],

    and then S(alpha_1, gamma_1, c_eff). It is off by some per cent either way, as the overshoot
    makes drafts longer than the gamma_1 that it assumes.

    >>> from fractions import Fraction as F
    >>> substituted_improvement((F(1, 2), F(1, 2)), (1, 2), (F(1, 10), F(1, 4)))
    Fraction(105, 88)
    """
    _check(alphas, gammas, costs)
    price = costs[0]
    for alpha, gamma, cost in zip(alphas, gammas, [*costs[1:], 1]):
        price = (gamma * price + cost) / expected_tokens(alpha, gamma)
    return 1 / price


def collect(made: Law, goal: int) -> tuple[Law, Scalar]:
    """Tokens held when rounds of this law of tokens have brought at least `goal`, and the mean rounds.

    With visit(x) the chance that the running total meets x (visit(0) = 1), the rounds number
    visit(0) + ... + visit(goal - 1) on average, and P(G = g) = sum over x < goal of visit(x) made[g - x].

    >>> from fractions import Fraction as F
    >>> collect({1: F(1, 2), 2: F(1, 2)}, 2)
    ({2: Fraction(3, 4), 3: Fraction(1, 4)}, Fraction(3, 2))
    """
    visit: Law = {0: 1}
    for total in range(goal):
        for step, chance in made.items():
            visit[total + step] = visit.get(total + step, 0) + visit.get(total, 0) * chance
    law = {total: chance for total, chance in visit.items() if total >= goal}
    return law, sum(visit.get(total, 0) for total in range(goal))


def _verified(alpha: Scalar, collected: Law) -> Law:
    """Law of the tokens that come out of verifying a random number of drafted tokens."""
    law: Law = {}
    for gamma, chance in collected.items():
        for tokens, share in enumerate(tokens_pmf(alpha, gamma), 1):
            law[tokens] = law.get(tokens, 0) + chance * share
    return law


def _mean(law: Law) -> Scalar:
    return sum(tokens * chance for tokens, chance in law.items())


def _check(alphas: Sequence[Scalar], gammas: Sequence[int], costs: Sequence[Scalar]) -> None:
    sizes = len(alphas), len(gammas), len(costs)
    fits = sizes[0] == sizes[1] == sizes[2] > 0
    require(fits, "alphas, gammas and costs", "of one length", sizes, "one entry per level below the target")
    for gamma, cost in zip(gammas, costs):
        integer("gamma", gamma)
        require(within(cost, 0), "cost", "finite and >= 0", cost, "count it in steps of the target")
