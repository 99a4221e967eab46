"""How much faster is speculative decoding, and how many tokens should be drafted?

Time is counted in steps of the target alone. A round drafts gamma tokens at c each, verifies them
in one target pass of cost v(gamma), and yields `expected_tokens(alpha, gamma)`, a gain of

    S = E[N] / (gamma c + v(gamma) + overhead),

with v = 1 and no overhead in the founding paper. One more token pays as long as the chance that it
is reached and kept exceeds its cost at the rate already gained: the best gamma is the largest g
with alpha^g > c S(g - 1).

>>> round(walltime_improvement(0.8, 5, 0.04), 4), optimal_gamma(0.8, 0.04)
(3.0744, 9)

Arguments and answers are of any kind, as in `specsim.theory.tokens`. Bad arguments raise ValueError.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from .chances import Chance, admit, geometric, power
from .inverse import alpha_from_ratio
from .scalars import (
    Scalar,
    elementwise,
    integer,
    is_array,
    is_exact,
    is_symbolic,
    reciprocal,
    require,
    within,
)

Cost = Scalar | Callable[[Scalar], Scalar]


def walltime_improvement(
    alpha: Scalar = None,
    gamma: Scalar = None,
    c: Scalar = None,
    *,
    verify_cost: Cost = 1,
    overhead: Scalar = 0,
    rejection: Scalar = None,
) -> Scalar:
    """Factor by which speculative decoding is faster than the target alone.

        S = E[N] / (gamma c + v(gamma) + overhead)

    c: time of one draft step. verify_cost: v, the time of a target pass over the gamma drafted tokens and
    the position behind them; a number, or a function of gamma. overhead: anything else in a round. All three
    in steps of the target alone.

    >>> round(walltime_improvement(0.8, 5, 0.02, verify_cost=lambda gamma: 1 + gamma / 100), 4)
    3.2081

    Leviathan et al. 2023 (arXiv 2211.17192), Theorem 3.8, is the case of v = 1 and overhead = 0.
    """
    verified = _verify_cost(verify_cost, gamma)
    costs = {"c": c, "verify_cost": verified, "overhead": overhead}
    pair, gamma, c, verified, overhead = admit(alpha, rejection, gamma, **costs)
    return geometric(pair, gamma + 1) / (gamma * c + verified + overhead)


def operations_factor(
    alpha: Scalar = None, gamma: Scalar = None, c_hat: Scalar = None, *, rejection: Scalar = None
) -> Scalar:
    """Factor by which the number of arithmetic operations per token grows; never below 1.

        (gamma c_hat + gamma + 1) / E[N]

    c_hat: operations of the draft per token over those of the target.

    >>> round(operations_factor(0.8, 5, 0), 4)
    1.6263

    Leviathan et al. 2023 (arXiv 2211.17192), Theorem 3.11.
    """
    pair, gamma, c_hat = admit(alpha, rejection, gamma, c_hat=c_hat)
    return (gamma * c_hat + gamma + 1) / geometric(pair, gamma + 1)


def optimal_gamma(
    alpha: Scalar = None,
    c: Scalar = None,
    *,
    verify_cost: Cost = 1,
    overhead: Scalar = 0,
    max_gamma: int | None = None,
    rejection: Scalar = None,
) -> Scalar:
    """Draft length of the greatest `walltime_improvement`, the shortest one where several share it.

    Where v is a number, it is the largest g >= 1 with alpha^g > c S(g - 1), that is with

        sum over k < g of (alpha^k - alpha^g)  <  (1 / c - 1) alpha^g       (c in units of v + overhead),

    and math.inf where each longer draft is better still (c = 0, or alpha = 1 > c). max_gamma
    bounds the choice, and is needed where v is a function: then every length is tried. Arrays go
    element by element; symbols need numbers.

    >>> optimal_gamma(0.8, 0.02), optimal_gamma(0.8, 0), optimal_gamma(0.8, 0, max_gamma=16)
    (11, inf, 16)

    Leviathan et al. 2023 (arXiv 2211.17192), Section 3.5, searches numerically.
    """
    options = {"verify_cost": verify_cost, "overhead": overhead}
    if any(map(is_array, (alpha, rejection, c))):
        options["max_gamma"] = max_gamma
        return elementwise(
            lambda a, r, price: optimal_gamma(a, price, rejection=r, **options), alpha, rejection, c
        )
    if _is_function(verify_cost):
        return max(
            range(1, integer("max_gamma", max_gamma) + 1),
            key=lambda g: walltime_improvement(alpha, g, c, rejection=rejection, **options),
        )
    pair, _, c, verified, overhead = admit(
        alpha, rejection, c=c, verify_cost=_verify_cost(verify_cost, 1), overhead=overhead
    )
    most = math.inf if max_gamma is None else integer("max_gamma", max_gamma)
    return _last_worthwhile(pair, c / (verified + overhead), most)


def break_even_alpha(gamma: Scalar, c: Scalar) -> Scalar:
    """Smallest alpha at which drafting gamma tokens does not slow decoding down, for c <= 1.

    There the time for drafting equals the time saved, alpha + ... + alpha^gamma = gamma c, that is
    `acceptance_ratio` equals c. Answers in the kinds of `alpha_from_ratio`.

    >>> round(break_even_alpha(5, 0.2), 6), break_even_alpha(1, 0.2)
    (0.50866, 0.2)
    """
    require(within(c, 0, 1), "c", "in [0, 1]", c, "above 1 no alpha makes up for the draft")
    return alpha_from_ratio(c, gamma)


def speedup_possible(alpha: Scalar = None, c: Scalar = None, *, rejection: Scalar = None) -> Scalar:
    """Whether any draft length is faster than the target alone: if and only if alpha > c.

    S > 1 says that the mean of alpha, alpha^2, ..., alpha^gamma exceeds c; that mean falls with
    gamma and is alpha for gamma = 1. For symbols it is the relation itself.

    >>> speedup_possible(0.3, 0.3), speedup_possible(0.31, 0.3)
    (False, True)

    Leviathan et al. 2023 (arXiv 2211.17192), Corollary 3.9, states one direction.
    """
    pair, _, c = admit(alpha, rejection, c=c)
    return pair.keep > c - pair.keep * pair.slip


def oracle_improvement(alpha: Scalar = None, c: Scalar = None, *, rejection: Scalar = None) -> Scalar:
    """Improvement if each round drafted just as many tokens as will be kept.

        1 / (1 - alpha + c alpha)

    >>> round(oracle_improvement(0.9, 0.1), 4)
    5.2632
    """
    pair, _, c = admit(alpha, rejection, c=c)
    return reciprocal(pair.miss + c * pair.keep)


def _is_function(cost: Cost) -> bool:
    return callable(cost) and not is_symbolic(cost)


def _verify_cost(cost: Cost, gamma: Scalar) -> Scalar:
    gamma = integer("gamma", gamma)
    value = cost(gamma) if _is_function(cost) else cost
    positive = within(value, math.ulp(0.0))
    require(positive, "verify_cost", "greater than 0", value, "a plain target step is 1")
    return value


def _last_worthwhile(pair: Chance, c: Scalar, most: float) -> Scalar:
    """The largest g in 1..most with alpha^g > c S(g - 1), by doubling and bisection; 1 if there is none."""
    symbols = [value for value in (pair.keep, c) if getattr(value, "free_symbols", None)]
    require(not symbols, "alpha and c", "numbers", symbols, "substitute numbers for the symbols")
    if c < 1 and pair.keep > 0 and (c == 0 or pair.miss == 0):
        return most

    def pays(g: int) -> bool:
        return c * _excess(pair, g) < (1 - c) * power(pair, g)

    low, high = 1, 2
    while high <= most and pays(high):
        low, high = high, 2 * high
    high = high if high <= most else int(most) + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if pays(middle) else (low, middle)
    return low


def _excess(pair: Chance, g: int) -> Scalar:
    """Sum over k < g of (alpha^k - alpha^g), for small g (1 - alpha) by its series in 1 - alpha."""
    if is_exact(pair.keep) or g * pair.miss > 0.5:
        return geometric(pair, g) - g * power(pair, g)
    term, total = g * pair.miss * (g + 1) / 2, 0.0
    for i in range(20):
        total += (i + 1) * term
        term *= -(g - 1 - i) * pair.miss / (i + 3)
    return total
