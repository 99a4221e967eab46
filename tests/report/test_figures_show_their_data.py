"""Figures: drawn without warnings, labelled, true to their data, and closed again."""

import io
import math

import numpy as np
import pytest

from specsim.report import (
    acceptance_figure,
    bias_figure,
    comparison_figure,
    curves_figure,
    draft_size_figure,
    gains_figure,
    laws_figure,
    markdown_table,
    proof_figure,
    rejections_figure,
    speed_figure,
    spread_figure,
    trade_figure,
)
from specsim.simulate import Estimate
from specsim.theory import total_variation
from specsim.theory.pareto import Front

TARGET, DRAFT = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.5, 0.3])
LINES = {"a": ([1, 2, 3], [0.1, 0.2, 0.4]), "b": ([1, 2, 3], [0.2, 0.3, 0.5])}
POINTS = {"a": ([1, 3], [Estimate(0.11, 0.01), Estimate(0.38, 0.02)]), "c": ([2], [Estimate(0.3, math.nan)])}

FIGURES = {
    "curves": lambda: curves_figure(LINES, POINTS, x="gamma", y="tokens"),
    "proof": lambda: proof_figure(TARGET, DRAFT),
    "proof of equal laws": lambda: proof_figure(TARGET, TARGET, ["x", "y", "z"]),
    "laws": lambda: laws_figure(TARGET, {"one": DRAFT, "other": TARGET}),
    "speed": lambda: speed_figure(LINES, LINES),
    "draft size": lambda: draft_size_figure(LINES, {"EnDe": [("small", 0.02, 0.7), ("base", 0.04, 0.8)]}),
    "comparison": lambda: comparison_figure([("EnDe", 3.2, 3.4, 3.6), ("CNNDM", 2.4, 3.1, 2.6)]),
    "acceptance": lambda: acceptance_figure(POINTS, POINTS),
    "spread": lambda: spread_figure({"english": [0.1, 0.5, 0.9], "docs": [1.0, 0.0]}),
    "rejections": lambda: rejections_figure(LINES, POINTS, LINES, POINTS, 0.15),
    "gains": lambda: gains_figure({"coins": (LINES, POINTS), "uniform": (LINES, {})}),
    "bias": lambda: bias_figure(LINES, POINTS, LINES, {}),
    "trade": lambda: trade_figure(Front([0, 0.3], [0.3, 0]), LINES, {"exact": (0.3, 0)}),
}
every_figure = pytest.mark.parametrize("make", FIGURES.values(), ids=FIGURES)


@every_figure
def test_a_figure_is_drawn_without_warnings(make):
    make().savefig(io.BytesIO(), format="png")


@every_figure
def test_a_figure_is_labelled(make):
    figure = make()
    assert all(axis.get_xlabel() for axis in figure.axes)
    assert figure.axes[0].get_ylabel() or figure.axes[0].get_yticklabels()
    assert any(axis.get_legend() for axis in figure.axes) or figure.legends


@every_figure
def test_panels_are_as_wide_as_a_column_and_no_wider_than_a_page(make):
    width = make().get_size_inches()[0]
    assert 3.3 <= width <= 7.2


@every_figure
def test_a_figure_is_closed(make):
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    make()
    assert plt.get_fignums() == before


def test_the_proof_stacks_kept_and_rejected_to_the_draft_kept_and_owed_to_the_target():
    left, right = proof_figure(TARGET, DRAFT).axes
    assert _tops(left) == pytest.approx(DRAFT)
    assert _tops(right) == pytest.approx(TARGET)
    assert _hatched(left) == pytest.approx(_hatched(right)) == pytest.approx(total_variation(TARGET, DRAFT))


def test_laws_are_named_with_their_total_variation():
    labels = laws_figure(TARGET, {"draft": DRAFT}).axes[0].get_legend_handles_labels()[1]
    assert labels == ["target", f"draft, TV {total_variation(TARGET, DRAFT):.3g}"]


def test_a_line_and_points_of_one_label_share_a_colour_and_one_entry_in_the_legend():
    axis = curves_figure(LINES, POINTS, x="x", y="y").axes[0]
    assert axis.get_legend_handles_labels()[1] == ["a", "b", "c"]
    line, points = axis.lines[0], axis.containers[0].lines[0]
    assert line.get_color() == points.get_color()
    assert points.get_ydata() == pytest.approx([0.11, 0.38])


def test_error_bars_are_two_standard_errors():
    axis = curves_figure({}, {"a": ([1], [Estimate(0.5, 0.1)])}, x="x", y="y").axes[0]
    [segment] = axis.containers[0].lines[2][0].get_segments()
    assert segment[:, 1] == pytest.approx([0.3, 0.7])


def test_shares_of_prefixes_sum_to_one():
    axis = spread_figure({"english": [0.1, 0.12, 0.5, 1.0]}).axes[0]
    [outline] = axis.patches
    heights = outline.get_xy()[1:-1:2, 1]
    assert heights.sum() == pytest.approx(1)


def test_a_name_shared_by_several_drafts_at_one_place_is_written_once():
    row = [("small", 0.02, 0.6)]
    axis = draft_size_figure({}, {"T = 0": row, "T = 1": row}).axes[0]
    assert [text.get_text() for text in axis.texts] == ["small"]


def test_a_markdown_table_rounds_floats_only():
    table = markdown_table([{"n": 2, "alpha": 0.12345, "name": "x"}], digits=2)
    assert table.splitlines() == ["| n | alpha | name |", "|---|---|---|", "| 2 | 0.12 | x |"]


def _bars(axis):
    return [bar for group in axis.containers for bar in group]


def _tops(axis):
    """The height of the stack at each token."""
    tops = np.zeros(3)
    for bar in _bars(axis):
        token = round(bar.get_x() + bar.get_width() / 2)
        tops[token] = max(tops[token], bar.get_y() + bar.get_height())
    return tops


def _hatched(axis):
    return sum(bar.get_height() for bar in _bars(axis) if bar.get_hatch())
