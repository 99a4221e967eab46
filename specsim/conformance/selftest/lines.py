"""A line of the scorecard."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """part: of PARTS. words: what was counted or measured. came, goal: as text. passed: is it reached?

    details: what fell short, one sentence each.
    """

    part: str
    words: str
    came: str
    goal: str
    passed: bool
    details: tuple[str, ...] = ()
