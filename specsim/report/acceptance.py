"""How much of a draft is accepted: under temperature and top-p, and how that varies from prefix to prefix."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from .canvas import canvas
from .curves import Lines, Points, draw_curves

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def acceptance_figure(temperature: Points, top_p: Points) -> "Figure":
    """alpha against temperature (left) and top-p (right), one colour per label, bars of two standard errors.

    temperature, top_p: {label: (settings, estimates)}.

    >>> from specsim.simulate import Estimate
    >>> points = {"english": ([0.5, 1.0], [Estimate(0.7, 0.01), Estimate(0.6, 0.01)])}
    >>> [axis.get_xlabel() for axis in acceptance_figure(points, points).axes]
    ['temperature', 'top-p']
    """
    with canvas(2) as (figure, axes):
        for axis, points, name in zip(axes, (temperature, top_p), ("temperature", "top-p")):
            draw_curves(axis, _joined(points), points)
            axis.set_xlabel(name)
        axes[0].set_ylabel("alpha: mean overlap")
        axes[1].sharey(axes[0])
        handles, labels = axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=len(labels))
        return figure


def spread_figure(overlaps: Mapping[str, Any]) -> "Figure":
    """Shares of prefixes by their overlap: a histogram per label, a dotted line at each mean.

    overlaps: {label: (n,) overlaps}.

    >>> spread_figure({"english": [0.1, 0.7, 0.9]}).axes[0].get_xlabel()
    'overlap at a prefix'
    """
    with canvas(width=4.5) as (figure, [axis]):
        for label, values in overlaps.items():
            weights = np.full(len(values), 1 / len(values))
            _, _, [outline] = axis.hist(
                values, np.linspace(0, 1, 21), weights=weights, histtype="step", lw=1.6, label=label
            )
            axis.axvline(np.mean(values), ls=":", color=outline.get_edgecolor())
        axis.set(xlabel="overlap at a prefix", ylabel="share of prefixes")
        axis.legend(loc="upper left")
        return figure


def _joined(points: Points) -> Lines:
    return {label: (x, [one.mean for one in estimates]) for label, (x, estimates) in points.items()}
