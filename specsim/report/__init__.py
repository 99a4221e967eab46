"""Tables and figures: what people look at. Data comes in, nothing is computed here.

    curves_figure                          any lines, and points with error bars
    proof_figure, laws_figure              why the output is exact; laws that are not
    speed_figure, draft_size_figure,
    comparison_figure                      speed-up: Leviathan et al. 2023
    acceptance_figure, spread_figure       alpha of a pair of language models
    rejections_figure, gains_figure,
    bias_figure                            rejections and bias: Yin et al. 2024
    trade_figure                           fronts of rejections against bias
    markdown_table                         rows as a table
    coloured                               a text by who wrote what: draft or target

matplotlib is loaded by the first figure. Figures come back closed: save them, or let a notebook show them.
"""

from .acceptance import acceptance_figure, spread_figure
from .coloured import coloured
from .curves import curves_figure
from .laws import laws_figure, proof_figure
from .markdown import markdown_table
from .rejections import bias_figure, gains_figure, rejections_figure
from .speed import comparison_figure, draft_size_figure, speed_figure
from .trade import trade_figure

__all__ = [
    "acceptance_figure",
    "bias_figure",
    "coloured",
    "comparison_figure",
    "curves_figure",
    "draft_size_figure",
    "gains_figure",
    "laws_figure",
    "markdown_table",
    "proof_figure",
    "rejections_figure",
    "speed_figure",
    "spread_figure",
    "trade_figure",
]
