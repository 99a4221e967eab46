"""How many tokens does one target pass yield when each drafted token is kept with chance alpha?

A round drafts gamma tokens, keeps the leading ones up to the first rejection, and adds one token of
the target: N = 1 + (tokens kept) lies in 1..gamma + 1. If each token is kept with the same chance
alpha, whatever came before, N is a geometric variable cut off at gamma + 1:

    P(N = k) = alpha^(k - 1) (1 - alpha)  for k <= gamma,      P(N = gamma + 1) = alpha^gamma,
    E[N] = 1 + alpha + ... + alpha^gamma = (1 - alpha^(gamma + 1)) / (1 - alpha).

>>> expected_tokens(0.8, 5)
3.68928

Throughout, alpha is a float, an exact number, an array or a symbol, and the answer is of that kind.
Where alpha is too near 1 for a float, give the chance of a rejection instead:
``expected_tokens(gamma=5, rejection=1e-300)``. Bad arguments raise ValueError.
"""

from __future__ import annotations

import math

from .chances import Chance, admit, geometric, is_polynomial, power, tail, unless_one
from .scalars import (
    Scalar,
    is_exact,
    is_symbolic,
    nonzero,
    reciprocal,
    require,
    row,
    words,
)


def expected_tokens(alpha: Scalar = None, gamma: Scalar = None, *, rejection: Scalar = None) -> Scalar:
    """Mean number of tokens per target pass, the extra token included.

        E[N] = (1 - alpha^(gamma + 1)) / (1 - alpha),   gamma + 1 at alpha = 1

    alpha: chance that a drafted token is kept; gamma: drafted tokens per round, at least 1.

    >>> from fractions import Fraction
    >>> expected_tokens(Fraction(4, 5), 5)
    Fraction(11529, 3125)
    >>> import sympy
    >>> expected_tokens(sympy.Symbol("alpha"), 2)
    alpha**2 + alpha + 1

    Leviathan et al. 2023 (arXiv 2211.17192), Equation 1.
    """
    pair, gamma = admit(alpha, rejection, gamma)
    return geometric(pair, gamma + 1)


def accepted_per_round(alpha: Scalar = None, gamma: Scalar = None, *, rejection: Scalar = None) -> Scalar:
    """Mean number of drafted tokens kept per round: the extra token is not counted.

        E[N] - 1 = alpha (1 - alpha^gamma) / (1 - alpha)

    >>> round(accepted_per_round(0.8, 8), 3)  # its limit in gamma is alpha / (1 - alpha) = 4
    3.329
    """
    pair, gamma = admit(alpha, rejection, gamma)
    return _kept(pair, gamma)


def acceptance_ratio(alpha: Scalar = None, gamma: Scalar = None, *, rejection: Scalar = None) -> Scalar:
    """Share of the drafted tokens that are kept, the "acceptance rate" that decoders log.

        (alpha + alpha^2 + ... + alpha^gamma) / gamma

    It is smaller than alpha, since tokens behind a rejection are lost too; see `specsim.theory.inverse`.

    >>> round(acceptance_ratio(0.8, 5), 4)
    0.5379
    """
    pair, gamma = admit(alpha, rejection, gamma)
    return _kept(pair, gamma) / gamma


def oracle_tokens(alpha: Scalar = None, *, rejection: Scalar = None) -> Scalar:
    """Mean number of tokens per target pass if each round drafted just as many tokens as will be kept.

        1 / (1 - alpha), the limit of `expected_tokens` in gamma; infinite at alpha = 1

    >>> oracle_tokens(rejection=0.25)
    4.0

    Leviathan et al. 2023 (arXiv 2211.17192), Section 3.5.
    """
    pair, _ = admit(alpha, rejection)
    return reciprocal(pair.miss)


def tokens_pmf(alpha: Scalar = None, gamma: Scalar = None, *, rejection: Scalar = None) -> Scalar:
    """Chances of N = 1, ..., gamma + 1 tokens per target pass.

        P(N = k) = alpha^(k - 1) (1 - alpha)  for k <= gamma,      P(N = gamma + 1) = alpha^gamma

    Returns a tuple of gamma + 1 scalars; for an array alpha of shape (...), an array (..., gamma + 1).

    >>> from fractions import Fraction
    >>> tokens_pmf(Fraction(1, 2), 2)
    (Fraction(1, 2), Fraction(1, 4), Fraction(1, 4))
    """
    pair, gamma = admit(alpha, rejection, gamma)
    require(isinstance(gamma, int), "gamma", "one known integer", gamma, "substitute a number")
    chances = [pair.miss * power(pair, k) for k in range(gamma)] + [power(pair, gamma)]
    return row(chances)


def tokens_variance(alpha: Scalar = None, gamma: Scalar = None, *, rejection: Scalar = None) -> Scalar:
    """Variance of the number of tokens per target pass.

        Var N = (alpha (1 - alpha^m) - m (1 - alpha) alpha^(gamma + 1)) / (1 - alpha)^2,   m = 2 gamma + 1

    >>> from fractions import Fraction
    >>> tokens_variance(Fraction(1, 2), 2)
    Fraction(11, 16)
    """
    pair, gamma = admit(alpha, rejection, gamma)
    if is_polynomial(pair.keep, gamma):
        square = sum((2 * k + 1) * pair.keep**k for k in range(gamma + 1))
        variance = square - geometric(pair, gamma + 1) ** 2
        return variance.expand() if is_symbolic(variance) else variance
    if is_exact(pair.keep):
        return unless_one(pair.keep, lambda: _variance_far(pair, gamma, pair.miss), 0)
    small, where = (2 * gamma + 1) * pair.miss < 1, words(pair.miss).where
    near = _variance_near(pair, gamma, where(small, pair.miss, 0.0))
    return where(small, near, _variance_far(pair, gamma, where(small, 1.0, pair.miss)))


def _kept(pair: Chance, gamma: Scalar) -> Scalar:
    return pair.keep * geometric(pair, gamma)


def _variance_far(pair: Chance, gamma: Scalar, miss: Scalar) -> Scalar:
    """The formula as stated: good where m (1 - alpha) is not small."""
    m = 2 * gamma + 1
    return pair.keep * (tail(pair, m) / miss - m * power(pair, gamma)) / miss


def _variance_near(pair: Chance, gamma: Scalar, miss: Scalar) -> Scalar:
    """The same free of cancellation: with alpha = exp(-2 y), it equals

    alpha^(gamma + 1) / (1 - alpha) * (sinh(m y) / sinh(y) - m)
    = alpha^(gamma + 1) m y (y / (1 - alpha)) (y / sinh y) (m^2 A(m y) - A(y)),

    where A(x) = (sinh(x) / x - 1) / x^2.
    """
    m = 2 * gamma + 1
    y = -words(miss).log1p(-miss) / 2
    slope = m * m * _sinh_rest(m * y) - _sinh_rest(y)
    inner = y / nonzero(miss) / (1 + y * y * _sinh_rest(y))
    return power(pair, gamma + 1) * m * y * inner * slope


def _sinh_rest(x: Scalar) -> Scalar:
    """(sinh(x) / x - 1) / x^2 = 1 / 3! + x^2 / 5! + x^4 / 7! + ..., for |x| up to 1."""
    return sum(x ** (2 * j) / math.factorial(2 * j + 3) for j in range(8))
