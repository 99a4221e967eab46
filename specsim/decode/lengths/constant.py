"""The same length in every round."""

from dataclasses import dataclass
from typing import ClassVar

from ..door import whole
from .policy import Pace


@dataclass(frozen=True)
class Constant(Pace):
    """A policy that is its own pace, as there is nothing to remember; made by `constant`."""

    most: int
    looks: ClassVar[bool] = False

    def pace(self) -> "Constant":
        """For a text that begins."""
        return self

    def longest(self) -> int:
        """The constant."""
        return self.most


def constant(gamma: int) -> Constant:
    """Draft gamma tokens in every round, which is what a number means as `gamma`.

    Raises ValueError unless gamma is a whole number of at least 1.

    >>> constant(3).longest()
    3
    """
    return Constant(whole(gamma, "gamma"))
