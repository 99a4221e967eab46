"""What does a draft length that changes from round to round yield?

Three questions. (1) The schedule of `transformers` adds 2 to gamma after a round that kept every
drafted token and takes 1 off otherwise, never below 1. For constant alpha, gamma is then a Markov
chain; `schedule_law` is its long-run law. (2) When to stop drafting? A round of g tokens yields
1 + survival_1 + ... + survival_g tokens in time 1 + g c, survival_k being the chance that drafted
token k is reached and kept. At the best attainable rate S*, one more token pays as long as its
survival is at least c S*: `stopping_rule`. (3) May a drafted token be dropped because of what it
is? No: `discard_law` is the law that comes out.

>>> round(schedule_tokens(0.8, 64), 4), round(schedule_improvement(0.8, 0.05, 64), 4)
(3.6732, 2.8868)
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from ..core.arrays import Array, like_indices, minimum, total
from .chances import Chance, admit, geometric, power, tail
from .laws import as_laws
from .overlap import residual
from .scalars import Scalar, integer, is_exact, require, row, within


def schedule_law(alpha: Scalar = None, max_gamma: Scalar = None, *, rejection: Scalar = None) -> Scalar:
    """Long-run shares of the rounds that draft 1, 2, ..., max_gamma tokens under the +2 / -1 schedule.

        gamma -> min(gamma + 2, max_gamma)  if all are kept (chance alpha^gamma),  else max(1, gamma - 1)

    The cut between g and g + 1 is crossed as often upwards, from g or g - 1, as downwards, from g + 1:

        law(g + 1) (1 - alpha^(g + 1)) = law(g) alpha^g + law(g - 1) alpha^(g - 1)

    holds below any bound, so that a bound only cuts the law off. transformers has none: choose one
    where alpha^max_gamma is negligible.
    Returns a tuple of max_gamma scalars; for an array alpha (...), an array (..., max_gamma).

    >>> from fractions import Fraction
    >>> schedule_law(Fraction(1, 2), 3)
    (Fraction(7, 17), Fraction(14, 51), Fraction(16, 51))
    """
    pair, _ = admit(alpha, rejection)
    return row(_shares(pair, integer("max_gamma", max_gamma)))


def schedule_tokens(alpha: Scalar = None, max_gamma: Scalar = None, *, rejection: Scalar = None) -> Scalar:
    """Long-run mean number of tokens per target pass under the +2 / -1 schedule.

        sum over g of law(g) (1 - alpha^(g + 1)) / (1 - alpha)

    >>> round(schedule_tokens(0.8, 64), 4)
    3.6732
    """
    pair, _ = admit(alpha, rejection)
    return _tokens(pair, _shares(pair, integer("max_gamma", max_gamma)))


def schedule_improvement(
    alpha: Scalar = None, c: Scalar = None, max_gamma: Scalar = None, *, rejection: Scalar = None
) -> Scalar:
    """Long-run factor by which the +2 / -1 schedule is faster than the target alone.

        tokens per round / (1 + c * drafted tokens per round)

    c: time of one draft step in steps of the target. The schedule does not look at it, and drafts
    too little where c is small:

    >>> from specsim.theory.speedup import optimal_gamma, walltime_improvement
    >>> fixed = walltime_improvement(0.8, optimal_gamma(0.8, 0.01), 0.01)
    >>> round(schedule_improvement(0.8, 0.01, 64), 3), round(fixed, 3)
    (3.483, 4.232)
    """
    pair, _, c = admit(alpha, rejection, c=c)
    shares = _shares(pair, integer("max_gamma", max_gamma))
    return _tokens(pair, shares) / (1 + c * sum(g * share for g, share in enumerate(shares, 1)))


def stopping_rule(
    survivals: Sequence[Sequence[Scalar]], weights: Sequence[Scalar], c: Scalar
) -> tuple[Scalar, tuple[int, ...]]:
    """Best rate S* in tokens per target step, and the draft length of each kind of round that attains it.

    survivals[i][k]: chance that drafted token k + 1 of a round of kind i is reached and kept, not increasing
    in k; weights[i]: how often such a round comes; c: time of a draft step in steps of the target. Solves

        sum over i of weights[i] * max over g of (1 + survivals[i][:g] summed - S (1 + g c)) = 0

    by policy iteration: draft while survival >= c S, update S, until it stands still. The decision
    takes the survival of the next token only, so that a rule that learns each one just in time loses
    nothing against one that sees the whole round. A length may be 0. Raises ValueError where the
    survivals increase.

    >>> from fractions import Fraction as F
    >>> stopping_rule([[F(9, 10), F(8, 10)], [F(1, 5), F(1, 10)]], [F(1, 2), F(1, 2)], F(1, 4))
    (Fraction(37, 25), (2, 0))
    """
    for chances in survivals:
        falling = all(a >= b for a, b in zip([1, *chances], [*chances, 0]))
        require(falling, "survivals", "non-increasing in [0, 1]", chances, "multiply the chances up")
    fits = len(weights) == len(survivals) > 0 and all(weight > 0 for weight in weights)
    require(fits, "weights", "positive, one per row", weights, "list how often each kind of round comes")
    require(within(c, 0), "c", "finite and >= 0", c, "count it in steps of the target")
    rate, lengths = None, tuple(0 for _ in survivals)
    while True:
        rounds = list(zip(weights, survivals, lengths))
        tokens = sum(weight * (1 + sum(chances[:g])) for weight, chances, g in rounds)
        reached = tokens / sum(weight * (1 + g * c) for weight, _, g in rounds)
        if rate is not None and reached <= rate:
            return rate, lengths
        rate = reached
        lengths = tuple(sum(chance >= c * rate for chance in chances) for chances in survivals)


def discard_law(target: Any, draft: Any, discard: Collection[int]) -> Array:
    """Law of a token if drafted tokens in `discard` are dropped and the target is sampled instead.

        1[x not in discard] min(target, draft) + P(rejected) norm((target - draft)_+)
        + draft(discard) target

    This is what a decoder emits that stops drafting because of the token just drawn, without
    verifying it, and it is not the target's law. To decide before the token is drawn, or to verify
    it, is exact. target, draft: (..., V) laws; returns (..., V). Raises ValueError where they are
    no laws over the same tokens.

    >>> from fractions import Fraction as F
    >>> discard_law([F(1, 2), F(1, 2)], [F(1, 2), F(1, 2)], {1})
    array([Fraction(3, 4), Fraction(1, 4)], dtype=object)
    """
    target, draft = as_laws(target, "target law"), as_laws(draft, "draft law")
    owed = residual(target, draft)
    size = draft.shape[-1]
    require(set(discard) <= set(range(size)), "discard", f"tokens in 0..{size - 1}", discard, "drop the rest")
    kept = draft * like_indices([x not in discard for x in range(size)], draft)
    verified = minimum(target, kept)
    return verified + (total(kept) - total(verified)) * owed + (1 - total(kept)) * target


def _tokens(pair: Chance, shares: list[Scalar]) -> Scalar:
    return sum(share * geometric(pair, g + 1) for g, share in enumerate(shares, 1))


def _shares(pair: Chance, top: int) -> list[Scalar]:
    """The stationary law, from bound g to bound g + 1 by the cut between them:

    new : old = law(g) alpha^g + law(g - 1) alpha^(g - 1) : 1 - alpha^(g + 1),

    where floats are normalised at each step, lest long products underflow.
    """
    weights = [power(pair, 0)]
    for g in range(1, top):
        new = weights[-1] * power(pair, g)
        if g > 1:
            new = new + weights[-2] * power(pair, g - 1)
        old = tail(pair, g + 1)
        weights = [weight * old for weight in weights] + [new]
        if not is_exact(pair.keep):
            weights = _normalised(weights)
    return _normalised(weights)


def _normalised(weights: list[Scalar]) -> list[Scalar]:
    mass = sum(weights)
    return [weight / mass for weight in weights]
