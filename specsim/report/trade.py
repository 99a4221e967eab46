"""Rejections against bias: a front, and where decoders lie above it."""

from collections.abc import Mapping
from itertools import cycle
from typing import TYPE_CHECKING

from .canvas import canvas
from .curves import Lines
from .style import COLOURS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..theory.pareto import Front


def trade_figure(
    front: "Front", lines: Lines | None = None, points: Mapping[str, tuple[float, float]] | None = None
) -> "Figure":
    """The front with what no token-wise rule can reach shaded below it; families as lines, rules as points.

    front: corners, each (K,). lines: {label: (rejections, biases)}. points: {label: (rejections, bias)}.

    >>> from specsim.theory.pareto import Front
    >>> figure = trade_figure(Front([0, 0.3], [0.3, 0]), points={"exact": (0.3, 0)})
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['exact']

    Yin et al. 2024 (2411.00841), Theorem 5.
    """
    with canvas(width=4.5, height=3.2) as (figure, [axis]):
        axis.plot(front.rejected, front.bias, color="black", lw=2.2, label="front")
        axis.fill_between(front.rejected, front.bias, color="0.9", lw=0)
        for (label, (rejected, bias)), colour in zip((lines or {}).items(), cycle(COLOURS)):
            axis.plot(rejected, bias, ".-", color=colour, lw=1, label=label)
        for (label, place), marker in zip((points or {}).items(), cycle("sD^v")):
            axis.plot(*place, marker, color="black", ms=5, clip_on=False)
            axis.annotate(label, place, (6, 5), textcoords="offset points")
        axis.set(
            xlabel="expected rejections", ylabel="bias (total variation)", xlim=(0, None), ylim=(0, None)
        )
        axis.legend()
        return figure
