"""Races: the largest of several noisy numbers is a categorical draw.

Let E be exponential with mean 1, as -log(u) is. Then argmin E_i / w_i is i with chance w_i / sum(w), and so
is any common monotone function of it: argmax w_i / E_i, argmax u_i^(1 / w_i), and the Gumbel form argmax
log(w_i) + G_i with G = -log(E). A noise term keeps the form that the program's arithmetic gave it:

    power    u^a = exp(-a E)
    linear   a E
    inverse  a / E
    log      a + b log(E)

>>> gumbel = [Noise("log", np.log(w), -1.0) for w in (1.0, 3.0)]
>>> race(gumbel, largest=True)
array([0.25, 0.75])

Taken as real numbers, not on the generator's lattice: a float32 race loses tokens lighter than about 2^-24.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

TINY = 1e-6  # offsets such as log(u + 1e-10) may be this large; they are bounded, not ignored


class Noise(NamedTuple):
    """One term of a race. slack: total variation distance of its law to the form named, at most."""

    kind: str
    a: float
    b: float = 0.0
    slack: float = 0.0

    def times(self, c: float) -> "Noise | None":
        """This times c."""
        if self.kind in ("linear", "inverse"):
            return self._replace(a=self.a * c)
        if self.kind == "log":
            return self._replace(a=self.a * c, b=self.b * c)
        if c == -1 and self.kind == "power" and self.a == 1:
            return self._replace(kind="minus")
        if abs(1 - c) <= TINY and self.kind == "power" and self.a == 1:
            return self._replace(slack=self.slack + abs(1 - c))
        return None

    def plus(self, c: float) -> "Noise | None":
        """This plus c. A tiny offset of u or of E changes its law by at most that much."""
        if self.kind == "log":
            return self._replace(a=self.a + c)
        if self.kind == "minus" and c == 1:
            return self._replace(kind="power")
        if self.kind == "power" and self.a == 1 and abs(c) <= TINY:
            return self._replace(slack=self.slack + abs(c))
        if self.kind == "linear" and abs(c) <= TINY * abs(self.a):
            return self._replace(slack=self.slack + abs(c / self.a))
        return None

    def kept_between(self, low: float, high: float) -> "Noise | None":
        """This clipped to [low, high]."""
        if self.kind == "power" and self.a == 1 and low <= TINY and high >= 1 - TINY:
            return self._replace(slack=self.slack + max(low, 0.0) + max(1 - high, 0.0))
        if self.kind == "linear" and self.a > 0 and low <= TINY * self.a and high >= 40 * self.a:
            return self._replace(slack=self.slack + max(low / self.a, 0.0) + math.exp(-high / self.a))
        return None

    def log(self) -> "Noise | None":
        """The logarithm of this."""
        if self.kind == "power":
            return Noise("linear", -self.a, slack=self.slack)
        if self.kind in ("linear", "inverse") and self.a > 0:
            return Noise("log", math.log(self.a), 1.0 if self.kind == "linear" else -1.0, self.slack)
        return None

    def log1p(self) -> "Noise | None":
        """log(1 + this): log1p(-u) is as good as log(u)."""
        return Noise("linear", -1.0, slack=self.slack) if self.kind == "minus" else None

    def exp(self) -> "Noise | None":
        """The exponential of this."""
        if self.kind == "linear" and self.a < 0:
            return Noise("power", -self.a, slack=self.slack)
        if self.kind == "log" and abs(self.b) == 1:
            return Noise("linear" if self.b > 0 else "inverse", math.exp(self.a), slack=self.slack)
        return None

    def to_the(self, c: float) -> "Noise | None":
        """This to the power of c."""
        if self.kind == "power" and c > 0:
            return self._replace(a=self.a * c)
        return None

    def under(self, c: float) -> "Noise | None":
        """c divided by this."""
        if self.kind in ("linear", "inverse") and self.a != 0:
            return self._replace(kind="inverse" if self.kind == "linear" else "linear", a=c / self.a)
        return None


def race(terms: Sequence[Noise | float], largest: bool) -> np.ndarray | None:
    """The chance of each term to be the largest (or smallest); None where the terms are not one race.

    Plain numbers may be among the terms where they cannot win: -inf, or 0 among positive terms.
    """
    kinds = {(term.kind, term.b) for term in terms if isinstance(term, Noise)}
    if len(kinds) != 1:
        return None
    kind, b = kinds.pop()
    if kind == "log" and (b < 0) != largest:
        return None
    weights = np.array([_weight(term, kind, largest) for term in terms])
    if np.isnan(weights).any() or weights.max() == -math.inf:
        return None
    if kind == "log":
        weights = np.exp((weights - weights.max()) / abs(b))
    if (weights < 0).any() or not 0 < weights.sum() < math.inf:
        return None
    return weights / math.fsum(weights)


def _weight(term: Noise | float, kind: str, largest: bool) -> float:
    """The weight of a term, for the log form its logarithm; NaN where this is no race."""
    way = 1.0 if largest else -1.0
    if not isinstance(term, Noise):
        never = -math.inf if kind == "log" else 0.0
        loses = term == -way * math.inf or (term == 0 and largest and kind in ("inverse", "power"))
        return never if loses else math.nan
    if kind in ("inverse", "log"):
        return way * term.a
    if kind == "power":  # argmax of u^a: the smallest a E
        return 1 / term.a if largest and term.a else math.nan
    return -way / term.a if kind == "linear" and term.a else math.nan
