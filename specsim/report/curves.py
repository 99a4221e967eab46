"""Lines and points: what theory says as lines, what was simulated or measured as points with error bars.

A line and points under the same label share a colour, so that a reader sees at once whether they meet.
"""

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import TYPE_CHECKING, Any

from ..simulate.estimates import Estimate
from .canvas import HEIGHT, WIDTH, canvas
from .style import COLOURS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Lines = Mapping[str, tuple[Any, Any]]
"""From labels to x and y, each (n,)."""

Points = Mapping[str, tuple[Any, Sequence[Estimate]]]
"""From labels to x (n,) and an estimate for each."""


def curves_figure(
    lines: Lines,
    points: Points | None = None,
    *,
    x: str,
    y: str,
    width: float = WIDTH,
    height: float = HEIGHT,
) -> "Figure":
    """Lines, and points with bars of two standard errors, over one pair of axes.

    lines: {label: (x, y)}. points: {label: (x, estimates)}. x, y: what the axes say. width, height: inches.

    >>> figure = curves_figure({"theory": ([1, 2], [1.7, 2.2])}, {"theory": ([1], [Estimate(1.71, 0.01)])},
    ...                        x="gamma", y="tokens per round")
    >>> figure.axes[0].get_ylabel()
    'tokens per round'
    """
    with canvas(width=width, height=height) as (figure, [axis]):
        draw_curves(axis, lines, points or {})
        axis.set(xlabel=x, ylabel=y)
        axis.legend()
        return figure


def draw_curves(axis: Any, lines: Lines, points: Points) -> None:
    """Draw both on an axis; a label that has a line and points stands in the legend once."""
    colour = dict(zip(dict.fromkeys([*lines, *points]), cycle(COLOURS)))
    for label, (x, y) in lines.items():
        axis.plot(x, y, color=colour[label], label=label)
    for label, (x, estimates) in points.items():
        means, bars = [one.mean for one in estimates], [2 * one.standard_error for one in estimates]
        shown = None if label in lines else label
        axis.errorbar(x, means, bars, fmt="o", ms=3.5, color=colour[label], label=shown)
