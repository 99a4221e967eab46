"""Evidence that may be looked at whenever one likes: the wealth of somebody who bets against a claim.

A bet that is fair under the claim multiplies wealth by a factor of mean 1 at most. So wealth that begins at 1
reaches 1 / alpha with chance alpha at most while the claim holds, however long one plays and whenever one
stops. It is kept as a natural logarithm.

>>> wealth = Wealth(alpha=0.05)
>>> for _ in range(5):
...     wealth.now = wealth.now + log(2)
>>> round(wealth.evalue), wealth.rejected
(32, True)

Ville 1939; Ramdas et al. 2023 (2210.01948).
"""

from math import exp, inf, log


class Wealth:
    """The wealth of a bettor against a claim, at most 1 in the mean while the claim holds.

    alpha: the chance of ever rejecting where nothing is wrong. evalue, peak: now, and the largest so far.
    rejected: peak >= 1 / alpha. Raises ValueError for alpha outside (0, 1).
    """

    def __init__(self, alpha: float) -> None:
        if not 0 < alpha < 1:
            raise ValueError(f"alpha is a chance of false alarm, between 0 and 1, got {alpha!r}; try 1e-6")
        self.alpha = float(alpha)
        self._now = self._peak = 0.0

    @property
    def now(self) -> float:
        """The logarithm of the wealth."""
        return self._now

    @now.setter
    def now(self, log_wealth: float) -> None:
        self._now, self._peak = log_wealth, max(self._peak, log_wealth)

    @property
    def evalue(self) -> float:
        """Evidence against the claim now."""
        return _exp(self._now)

    @property
    def peak(self) -> float:
        """The largest e-value so far."""
        return _exp(self._peak)

    @property
    def rejected(self) -> bool:
        """Whether the e-value has ever reached 1 / alpha."""
        return self._peak >= -log(self.alpha)


def _exp(x: float) -> float:
    return exp(x) if x < 709 else inf
