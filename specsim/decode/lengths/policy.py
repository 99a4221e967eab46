"""What the loop asks of a policy of draft lengths, and nothing else.

A policy is a recipe; for each text it opens a `Pace`, which remembers how that text went. Each round:

    longest     how many tokens may this round draft?            before anything is drawn
    another     these were drafted: draft another?               asked only of policies that look
    learn       so many were drafted, and so many were kept      afterwards

Whatever the answers depend on, the output stays exact: every token that was drawn is verified, and whether to
draw another one is decided before it is drawn. The number of drafted tokens is then a stopping time of the
draft, and the plan for it is that of a chain of just this length.
"""

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from ..generation import Round

Times = Callable[[int], float]
"""The time of a round that drafts so many tokens, in any unit."""


class Pace(Protocol):
    """How long the drafts of one text are; what it inherits never stops and learns nothing."""

    def longest(self) -> int:
        """The most tokens that the next round drafts, at least 0."""

    def another(self, chances: Sequence[float]) -> bool:
        """Whether to draft another token, after those of this round.

        chances: of each drafted token, at least one, the chance that the draft's own law gave it.
        """
        return True

    def learn(self, round: Round, chances: Sequence[float], deepest: int) -> None:
        """What became of the round.

        chances: as above, of all drafted tokens; () for policies that do not look. deepest: the most tokens
        that a text beside this one drafted, for all of which the round's seconds are.
        """
        return None


@runtime_checkable
class Lengths(Protocol):
    """A policy, to be passed as `gamma` to `generate`.

    most: no round drafts more. looks: whether drafted tokens decide about further ones, for which the host
    waits for each of them.
    """

    @property
    def most(self) -> int:
        """No round drafts more tokens."""

    @property
    def looks(self) -> bool:
        """Whether `another` is to be asked."""

    def pace(self) -> Pace:
        """For a text that begins."""
