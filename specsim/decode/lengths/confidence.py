"""Draft until the draft itself doubts.

After each drafted token, the chance that the draft's own law gave it is compared with a threshold; below it
drafting stops. The doubtful token stays in the draft and is verified like the others. That makes it exact: to
drop it because of what it is, and sample its position from the target, would emit another law
(`specsim.theory.discard_law`). Doubt is about this one token, not about whether the target will keep it: a
draft that spreads its law as the target does stops early, although all would be kept. At temperature 0 every
law is a point, and nothing stops.

The criterion `assistant_confidence_threshold` of `transformers`; there the threshold may change from round to
round, here it does not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from ..door import whole
from .policy import Pace


@dataclass(frozen=True)
class Confidence(Pace):
    """A policy that is its own pace, as there is nothing to remember; made by `confidence`."""

    threshold: float
    most: int
    looks: ClassVar[bool] = True

    def pace(self) -> "Confidence":
        """For a text that begins."""
        return self

    def longest(self) -> int:
        """The bound."""
        return self.most

    def another(self, chances: Sequence[float]) -> bool:
        """Whether the last token was likely enough."""
        return chances[-1] >= self.threshold


def confidence(threshold: float = 0.4, most: int = 20) -> Confidence:
    """Draft until a token whose chance in the draft is below the threshold, that one included.

    most: draft no more than so many. Raises ValueError for a threshold outside [0, 1].

    >>> from specsim.decode import generate
    >>> from specsim.models import iid
    >>> sure = iid([0.8, 0.2])
    >>> made = generate(sure, sure, [0], gamma=confidence(0.5, 4), max_new_tokens=12, rng=1)
    >>> made.tokens, [one.drafted for one in made.rounds]        # drafts end with a 1, or have 4 tokens
    ((0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0), [2, 1, 4, 1])
    """
    if not 0 <= threshold <= 1:
        raise ValueError(f"threshold must be a chance in [0, 1], got {threshold!r}")
    return Confidence(float(threshold), whole(most, "most"))
