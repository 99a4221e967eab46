"""Means with standard errors from clustered observations.

Tokens of one text resemble each other, so a standard error that treats them as independent is too small.
Here whole texts (clusters) are the independent units.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Estimate:
    """A mean, its standard error, and the number of clusters that it rests on."""

    mean: float
    standard_error: float
    clusters: int


def ratio_estimate(totals: Sequence[float], counts: Sequence[float]) -> Estimate:
    """sum(totals) / sum(counts) over independent clusters, with the standard error of that ratio.

    The error is sqrt(n / (n - 1) * sum_i (total_i - mean * count_i)^2) / sum(counts); nan for one cluster.
    Raises ValueError where nothing was counted.

    >>> ratio_estimate([2, 4], [2, 2])
    Estimate(mean=1.5, standard_error=0.5, clusters=2)

    Cochran, Sampling Techniques, 3rd edition, equation (6.13), without the finite population correction.
    """
    total, count = np.asarray(totals, float), np.asarray(counts, float)
    if not count.sum() > 0:
        raise ValueError("an estimate needs at least one observation, got none; ask for more tokens")
    mean, n = total.sum() / count.sum(), len(count)
    spread = ((total - mean * count) ** 2).sum()
    error = np.sqrt(n / (n - 1) * spread) / count.sum() if n > 1 else np.nan
    return Estimate(float(mean), float(error), n)
