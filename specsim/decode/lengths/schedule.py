"""Two more tokens after a round that kept all, one less after any other.

    gamma -> gamma + 2  if all drafted tokens were kept,  else max(1, gamma - 1)

The schedule follows how well this text goes, and looks at no cost: where drafting is cheap it drafts too
little, where it is dear too much. For constant alpha its lengths are a Markov chain, whose long-run law is
`specsim.theory.schedule_law`.

The schedule "heuristic" of `transformers`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from ..door import whole
from ..generation import Round
from .policy import Pace


@dataclass(frozen=True)
class Schedule:
    """A policy; made by `schedule`."""

    start: int
    most: int
    looks: ClassVar[bool] = False

    def pace(self) -> "SchedulePace":
        """For a text that begins."""
        return SchedulePace(self.start, self.most)


class SchedulePace(Pace):
    """Where the schedule of one text stands."""

    def __init__(self, start: int, most: int) -> None:
        self._gamma, self._most = start, most

    def longest(self) -> int:
        """The present length."""
        return self._gamma

    def learn(self, round: Round, chances: Sequence[float], deepest: int) -> None:
        """Two up or one down; a round that could draft nothing says nothing."""
        if round.drafted:
            all_kept = round.kept == round.drafted
            self._gamma = min(self._gamma + 2, self._most) if all_kept else max(1, self._gamma - 1)


def schedule(start: int = 5, most: int = 64) -> Schedule:
    """Begin each text with drafts of `start` tokens; then two more where all were kept, else one less.

    most: a bound; transformers has none. Raises ValueError unless 1 <= start <= most.

    >>> from specsim.decode import generate
    >>> from specsim.models import iid
    >>> made = generate(iid([0.5, 0.5]), iid([0.5, 0.5]), [0], gamma=schedule(2), max_new_tokens=20, rng=0)
    >>> [one.drafted for one in made.rounds]                     # the last one has room for less
    [2, 4, 6, 4]
    """
    if whole(start, "start") > whole(most, "most"):
        raise ValueError(
            f"a schedule starts at 1..most, got start={start} and most={most}; pass a larger most"
        )
    return Schedule(int(start), int(most))
