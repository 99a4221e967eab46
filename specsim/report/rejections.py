"""Rejections along a text, what parallel drafts save of them, and what over-acceptance costs.

Theory as lines, simulation as points with bars of two standard errors.

Yin, Chen, Huang and Wang 2024 (2411.00841), Figures 2 to 4.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .canvas import canvas
from .curves import Lines, Points, draw_curves

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def rejections_figure(
    along: Lines, along_points: Points, drafts: Lines, drafts_points: Points, limit: float
) -> "Figure":
    """Expected rejections among the first n tokens (left), and in all against the number of drafts (right).

    along, drafts: {label: (x, y)}; *_points: {label: (x, estimates)}; limit: for infinitely many drafts.

    >>> lines = {"theory": ([1, 2], [0.3, 0.6])}
    >>> [axis.get_xlabel() for axis in rejections_figure(lines, {}, lines, {}, 0.2).axes]
    ['tokens written', 'drafts in parallel, M']

    Yin et al. 2024 (2411.00841), Figure 2.
    """
    with canvas(2) as (figure, (left, right)):
        draw_curves(left, along, along_points)
        draw_curves(right, drafts, drafts_points)
        right.axhline(limit, ls=":", color="black", label="limit of many drafts")
        left.set(xlabel="tokens written", ylabel="expected rejections")
        right.set(xlabel="drafts in parallel, M", ylabel="expected rejections")
        left.legend()
        right.legend()
        return figure


def gains_figure(panels: Mapping[str, tuple[Lines, Points]]) -> "Figure":
    """What M drafts save at a root, one panel per family of laws.

    panels: {title: (lines, points)} against M.

    >>> gains_figure({"coins": ({"u = 0.6": ([1, 2], [0, 0.04])}, {})}).axes[0].get_title()
    'coins'

    Yin et al. 2024 (2411.00841), Figure 3.
    """
    with canvas(len(panels)) as (figure, axes):
        for axis, (title, (lines, points)) in zip(axes, panels.items()):
            draw_curves(axis, lines, points)
            axis.set(title=title, xlabel="drafts in parallel, M")
            axis.legend()
        axes[0].set_ylabel("rejections saved at a root")
        return figure


def bias_figure(bias: Lines, bias_points: Points, rejected: Lines, rejected_points: Points) -> "Figure":
    """Bias per token (left) and rejections per token (right) against epsilon, one colour per decoder.

    Arguments as for `curves_figure`, against epsilon.

    >>> lines = {"OPT": ([0, 0.1], [0, 0.05])}
    >>> [axis.get_ylabel() for axis in bias_figure(lines, {}, lines, {}).axes]
    ['bias per token', 'rejections per token']

    Yin et al. 2024 (2411.00841), Figure 4.
    """
    with canvas(2) as (figure, (left, right)):
        draw_curves(left, bias, bias_points)
        draw_curves(right, rejected, rejected_points)
        left.set(xlabel="epsilon", ylabel="bias per token")
        right.set(xlabel="epsilon", ylabel="rejections per token")
        left.legend()
        return figure
