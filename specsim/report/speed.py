"""Speed-up: what it costs in operations, what a larger draft does to it, what was expected and measured."""

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import TYPE_CHECKING

from .canvas import canvas
from .curves import Lines
from .style import COLOURS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Comparison = tuple[str, float, float, float]
"""A name, the speed-up that was expected, the one that was measured, and the most that acceptance allows."""


def speed_figure(speed: Lines, operations: Lines) -> "Figure":
    """Speed-up (solid) and growth of operations (dashed) against alpha, one colour per label.

    speed, operations: {label: (alphas, factors)}, the same labels in both.

    >>> figure = speed_figure({"gamma 1": ([0, 1], [1, 2])}, {"gamma 1": ([0, 1], [2, 1])})
    >>> figure.axes[0].get_xlabel()
    'alpha'

    Leviathan et al. 2023 (2211.17192), Figure 4.
    """
    with canvas(width=4.5, height=3.0) as (figure, [axis]):
        for label, colour in zip(speed, cycle(COLOURS)):
            axis.plot(*speed[label], color=colour, label=label)
            axis.plot(*operations[label], "--", color=colour)
        axis.plot([], [], "k-", label="speed-up")
        axis.plot([], [], "k--", label="operations")
        axis.set(xlabel="alpha", ylabel="factor")
        axis.legend(ncols=2)
        return figure


def draft_size_figure(contours: Lines, drafts: Mapping[str, Sequence[tuple[str, float, float]]]) -> "Figure":
    """Drafts as points (c, alpha) over lines of equal speed-up: a larger draft moves right and up.

    contours: {label: (c, alpha)}, one line per speed-up, named at its right end. drafts: {series: [(name, c,
    alpha), ...]}, from small to large; a name that many share at one c is written once.

    >>> figure = draft_size_figure({"2x": ([0, 0.1], [0.5, 0.6])}, {"EnDe": [("small", 0.02, 0.62)]})
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['2x', 'small']
    """
    with canvas(width=5.0, height=3.2) as (figure, [axis]):
        for label, (c, alpha) in contours.items():
            axis.plot(c, alpha, color="0.6", lw=1)
            axis.annotate(label, (c[-1], alpha[-1]), (3, -3), textcoords="offset points", color="0.4")
        written = set()
        for (series, row), colour, marker in zip(drafts.items(), cycle(COLOURS), cycle("os^D")):
            axis.plot(*list(zip(*row))[1:], f"{marker}-", color=colour, lw=0.8, label=series)
            for name, c, alpha in row:
                if (name, c) not in written:
                    axis.annotate(name, (c, alpha), (4, 4), textcoords="offset points")
                written.add((name, c))
        axis.set(xlabel="c: time of a draft step in target steps", ylabel="alpha")
        axis.legend(loc="lower right")
        return figure


def comparison_figure(rows: Sequence[Comparison]) -> "Figure":
    """Expected against measured speed-ups, one line each; a bar marks the most that acceptance allows.

    >>> figure = comparison_figure([("EnDe small", 3.2, 3.4, 3.6)])
    >>> figure.axes[0].get_xlabel()
    'speed-up'
    """
    names, expected, measured, ceiling = zip(*rows)
    with canvas(width=5.0, height=0.6 + 0.22 * len(rows)) as (figure, [axis]):
        places = range(len(rows))
        axis.hlines(places, expected, measured, color="0.7", lw=1)
        axis.plot(expected, places, "o", color=COLOURS[0], label="expected")
        axis.plot(measured, places, "D", color=COLOURS[1], ms=4.5, label="measured")
        axis.plot(ceiling, places, "|", color="black", ms=9, mew=1.6, label="free draft")
        axis.set(xlabel="speed-up", yticks=places, yticklabels=names)
        axis.invert_yaxis()
        figure.legend(loc="outside upper center", ncols=3)
        return figure
