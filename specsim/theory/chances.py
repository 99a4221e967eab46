"""Probabilities that stay exact next to 1, and the sums of their powers that the formulas are made of.

    power(n) = alpha^n,   tail(n) = 1 - alpha^n,   geometric(n) = 1 + alpha + ... + alpha^(n - 1)

A float cannot hold an alpha closer to 1 than 1e-16, yet the chance of a rejection, 1 - alpha, may be
smaller. A `Chance` carries both, each to full precision, and comes from whichever is known:

>>> geometric(chance(None, 1e-300), 6)
6.0
>>> tail(chance(None, 1e-300), 6)
6e-300

Exact numbers stay exact, and symbols give polynomials, so that nothing is divided by zero at alpha = 1.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .scalars import (
    Scalar,
    alike,
    integer,
    is_exact,
    is_symbolic,
    nonzero,
    number,
    require,
    within,
    words,
)


@dataclass(frozen=True)
class Chance:
    """A probability and its complement; keep * (1 + slip) is alpha to twice the precision of keep."""

    keep: Scalar  # alpha
    miss: Scalar  # 1 - alpha
    slip: Scalar = 0


def admit(alpha: Scalar, rejection: Scalar, gamma: Scalar = 1, **costs: Scalar) -> tuple[Any, ...]:
    """Checked arguments of a formula in one kind: (Chance, gamma, *costs)."""
    given = number("alpha", alpha) if rejection is None else number("rejection", rejection)
    gamma = integer("gamma", gamma)
    prices = [number(name, cost) for name, cost in costs.items()]
    given, gamma, *prices = alike(given, gamma, *prices)
    for name, price in zip(costs, prices):
        require(within(price, 0), name, "finite and >= 0", price, "count it in steps of the target")
    pair = chance(given, None) if rejection is None else chance(alpha, given)
    return pair, gamma, *prices


def chance(alpha: Scalar, rejection: Scalar) -> Chance:
    """The Chance with this alpha, or with this rejection chance 1 - alpha; the other one is None."""
    if rejection is None:
        hint = "it is the mean chance that a drafted token is kept"
        require(within(alpha, 0, 1), "alpha", "in [0, 1]", alpha, hint)
        return Chance(alpha, 1 - alpha, 0 * alpha)
    require(alpha is None, "alpha", "None where rejection is given", alpha, "leave one of them out")
    require(within(rejection, 0, 1), "rejection", "in [0, 1]", rejection, "it is 1 - alpha")
    keep = 1 - rejection
    if is_exact(keep):
        return Chance(keep, rejection)
    return Chance(keep, rejection, ((1 - keep) - rejection) / nonzero(keep))


def power(chance: Chance, count: Scalar) -> Scalar:
    """alpha^count."""
    if is_exact(chance.keep):
        return chance.keep**count
    return chance.keep**count * words(chance.keep).exp(count * chance.slip)


def tail(chance: Chance, count: Scalar) -> Scalar:
    """1 - alpha^count, without cancellation near alpha = 1."""
    if is_exact(chance.keep):
        return 1 - chance.keep**count
    xp = words(chance.keep)
    near = xp.where(chance.miss < 0.5, chance.miss, 0.5)
    return xp.where(chance.miss < 0.5, -xp.expm1(count * xp.log1p(-near)), 1 - power(chance, count))


def geometric(chance: Chance, count: Scalar) -> Scalar:
    """1 + alpha + ... + alpha^(count - 1) = (1 - alpha^count) / (1 - alpha)."""
    if is_polynomial(chance.keep, count):
        return sum(chance.keep**k for k in range(count))
    if is_exact(chance.keep):
        return unless_one(chance.keep, lambda: tail(chance, count) / chance.miss, count)
    ratio = tail(chance, count) / nonzero(chance.miss)
    return words(ratio).where(chance.miss == 0, count + 0.0 * ratio, ratio)


def unless_one(alpha: Scalar, formula: Callable[[], Scalar], limit: Scalar) -> Scalar:
    """The formula, or its limit where alpha is 1; exact kinds only."""
    if is_symbolic(alpha) and not alpha.is_number:
        sympy = sys.modules["sympy"]
        return sympy.Piecewise((limit, sympy.Eq(alpha, 1)), (formula(), True))
    return limit * alpha if alpha == 1 else formula()  # being 1, alpha lends its kind only


def is_polynomial(alpha: Scalar, count: Scalar) -> bool:
    """Whether a sum of powers is to be written out: alpha is unknown or an object array, count known."""
    known = isinstance(alpha, Fraction) or getattr(alpha, "is_Rational", False)
    return is_exact(alpha) and not known and isinstance(count, int)
