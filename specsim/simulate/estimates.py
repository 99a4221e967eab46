"""What a simulation knows: means with standard errors, held against exact numbers.

A mean of n independent draws with sample variance s^2 has the standard error s / sqrt(n). A ratio of two
means over the same independent units (tokens and rounds of each sequence) has, to first order,

    ratio = sum N / sum T,    standard error^2 = sum (N - ratio T)^2 / (n - 1) / n / mean(T)^2

whatever the correlation inside a unit.

>>> mean_of_counts(np.array([0, 2, 2]))         # two ones, two twos
Estimate(mean=1.5, standard_error=0.28867513459481287)
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

FALSE_ALARM = 1e-6


@dataclass(frozen=True)
class Estimate:
    """An estimated number. mean: the estimate; standard_error: nan where one unit alone was simulated.

    >>> tokens = Estimate(mean=3.5, standard_error=0.25)
    >>> tokens.z(3.0), tokens.agrees(3.0), tokens.agrees(2.0)
    (2.0, True, False)
    """

    mean: float
    standard_error: float

    def z(self, exact: Any) -> float:
        """How many standard errors the estimate lies above an exact number."""
        off = self.mean - float(exact)
        if self.standard_error == 0:
            return 0.0 if abs(off) <= 1e-9 * max(1.0, abs(self.mean)) else math.copysign(math.inf, off)
        return off / self.standard_error

    def p_value(self, exact: Any) -> float:
        """The chance of a |z| at least as large if the exact number is right, by the normal law."""
        return math.erfc(abs(self.z(exact)) / math.sqrt(2))

    def agrees(self, exact: Any, false_alarm: float = FALSE_ALARM) -> bool:
        """Whether the exact number may be right: a right one is refused with chance `false_alarm`."""
        return self.p_value(exact) >= false_alarm

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """The two-sided confidence interval by the normal law."""
        reach = NormalDist().inv_cdf((1 + level) / 2) * self.standard_error
        return self.mean - reach, self.mean + reach


class HasTokensPerRound:
    """Short ways to the estimate that simulations are made for."""

    tokens_per_round: Estimate

    @property
    def mean(self) -> float:
        """The mean of `tokens_per_round`."""
        return self.tokens_per_round.mean

    @property
    def standard_error(self) -> float:
        """The standard error of `tokens_per_round`."""
        return self.tokens_per_round.standard_error

    def z(self, exact: Any) -> float:
        """How many standard errors `tokens_per_round` lies above an exact number."""
        return self.tokens_per_round.z(exact)


def mean_of(values: np.ndarray) -> Estimate:
    """The mean of independent values (n,)."""
    n = len(values)
    error = float(np.std(values, ddof=1)) / math.sqrt(n) if n > 1 else math.nan
    return Estimate(float(np.mean(values)), error)


def mean_of_counts(counts: np.ndarray) -> Estimate:
    """The mean of independent draws, of which counts[m] came out as m."""
    n, values = int(counts.sum()), np.arange(len(counts))
    mean = float(counts @ values) / n
    spread = float(counts @ (values - mean) ** 2)
    return Estimate(mean, math.sqrt(spread / (n - 1) / n) if n > 1 else math.nan)


def share(hits: int, trials: int) -> Estimate:
    """The chance of a hit; nan where nothing was tried."""
    if not trials:
        return Estimate(math.nan, math.nan)
    return mean_of_counts(np.array([trials - hits, hits]))


def ratio_of(above: np.ndarray, below: np.ndarray) -> Estimate:
    """The ratio of the means of above and below, both (n,), entry i of both from the same unit."""
    n, units = len(above), float(below.sum())
    if n < 2 or not units:
        return Estimate(float(above.sum()) / units if units else math.nan, math.nan)
    ratio = float(above.sum()) / units
    spread = float(((above - ratio * below) ** 2).sum())
    return Estimate(ratio, math.sqrt(spread / (n - 1) / n) / float(below.mean()))


def chi_square_p_value(counts: Mapping[Any, int], law: Mapping[Any, Any]) -> float:
    """The p-value of Pearson's chi-square test that outcomes were drawn from a law.

    counts: outcome to number; law: outcome to chance. Outcomes expected fewer than 5 times share one cell; an
    outcome that the law does not know gives 0.

    >>> round(chi_square_p_value({"a": 60, "b": 40}, {"a": 0.5, "b": 0.5}), 4)
    0.0455
    """
    from scipy.special import gammaincc

    if any(law.get(outcome, 0) == 0 for outcome in counts):
        return 0.0
    n = sum(counts.values())
    seen, expected = _cells(counts, {outcome: n * float(chance) for outcome, chance in law.items()})
    if len(expected) < 2:
        return 1.0
    statistic = float(((seen - expected) ** 2 / expected).sum())
    return float(gammaincc((len(expected) - 1) / 2, statistic / 2))


def _cells(counts: Mapping[Any, int], expected: Mapping[Any, float]) -> tuple[np.ndarray, np.ndarray]:
    """Seen and expected numbers per cell, all rare outcomes in the last one."""
    pairs = np.array([[counts.get(outcome, 0), often] for outcome, often in expected.items()], dtype=float)
    rare = pairs[:, 1] < 5
    cells = np.vstack([pairs[~rare], pairs[rare].sum(axis=0, keepdims=True)])
    cells = cells[cells[:, 1] > 0]
    return cells[:, 0], cells[:, 1]
