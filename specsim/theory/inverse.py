"""Which alpha explains what a decoder logged? The way back from `specsim.theory.tokens`.

Decoders log kept over drafted tokens, or tokens per target pass. Both rise with alpha, so that one alpha
belongs to each: the root of

    alpha + alpha^2 + ... + alpha^gamma = gamma * ratio = tokens - 1.

A ratio of 0.54 at gamma = 5, for instance, is what alpha = 0.8 gives:

>>> round(alpha_from_ratio(0.537856, 5), 12)
0.8
"""

from __future__ import annotations

from .scalars import Scalar, alike, integer, is_array, is_exact, is_symbolic, number, require, within, words
from .tokens import accepted_per_round

ROUNDING = 1e-6  # how far a measured or rounded share may exceed 1 and still count as 1


def alpha_from_ratio(ratio: Scalar, gamma: Scalar) -> Scalar:
    """The alpha whose `acceptance_ratio` is this ratio of kept to drafted tokens.

    Solves alpha + alpha^2 + ... + alpha^gamma = gamma * ratio on [0, 1] by bisection. A sympy number
    gives the exact algebraic root; a Fraction stays one at gamma = 1 and at ratios 0 and 1, and
    becomes a float elsewhere.

    >>> round(alpha_from_ratio(0.537856, 5), 12)
    0.8
    """
    gamma = integer("gamma", gamma)
    ratio, gamma = alike(number("ratio", ratio), gamma)
    require(_is_share(ratio), "ratio", "in [0, 1]", ratio, "it is kept tokens / drafted tokens")
    if is_exact(ratio):
        return _exact_root(ratio, gamma)
    return _bisected_root(ratio, gamma)


def alpha_from_tokens(tokens: Scalar, gamma: Scalar) -> Scalar:
    """The alpha at which `expected_tokens` is this number of tokens per target pass, 1 to gamma + 1.

    >>> round(alpha_from_tokens(3.68928, 5), 12)
    0.8
    """
    gamma = integer("gamma", gamma)
    tokens, gamma = alike(number("tokens", tokens), gamma)
    ratio = (tokens - 1) / gamma
    require(_is_share(ratio), "tokens", "between 1 and gamma + 1", tokens, "count the extra token too")
    return alpha_from_ratio(ratio, gamma)


def _is_share(ratio: Scalar) -> bool:
    return within(ratio, 0, 1 if is_exact(ratio) else 1 + ROUNDING)


def _exact_root(ratio: Scalar, gamma: Scalar) -> Scalar:
    if not is_array(ratio) and (gamma == 1 or ratio in (0, 1)):
        return ratio
    if not is_symbolic(ratio):
        return _bisected_root(ratio.astype(float) if is_array(ratio) else float(ratio), gamma)
    import sympy

    hint = "for gamma > 1 substitute numbers for the symbols"
    require(ratio.is_number and isinstance(gamma, int), "ratio", "a number", ratio, hint)
    x = sympy.Dummy("alpha")
    return sympy.real_roots(sum(x**k for k in range(1, gamma + 1)) - gamma * ratio)[-1]


def _bisected_root(ratio: Scalar, gamma: Scalar) -> Scalar:
    where = words(ratio).where
    low = where(ratio < 1, ratio, 1.0)  # powers fall: ratio <= alpha <= gamma ratio
    high = where(ratio * gamma < 1, ratio * gamma, 1.0)
    for _ in range(80):
        middle = low + (high - low) / 2
        below = accepted_per_round(middle, gamma) < gamma * ratio
        low, high = where(below, middle, low), where(below, high, middle)
    return high
