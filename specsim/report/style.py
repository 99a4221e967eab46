"""One look for all figures: colours that colour-blind readers can tell apart, type for a column's width."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito's palette, strongest contrasts first."""


@contextmanager
def style(**more: Any) -> Iterator[Any]:
    """matplotlib.pyplot, imported here and set to this look while the block runs."""
    import matplotlib.pyplot as plt
    from cycler import cycler

    look: Any = {
        "axes.prop_cycle": cycler(color=COLOURS),
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.alpha": 0.25,
        "font.size": 9,
        "legend.frameon": False,
        "legend.fontsize": 8,
        "lines.linewidth": 1.6,
        "figure.constrained_layout.use": True,
        "savefig.dpi": 160,
        "svg.hashsalt": "specsim",
    }
    with plt.rc_context(look | more):
        yield plt
