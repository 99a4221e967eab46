"""The figure and the tables of a comparison: complete, true to the record, and labelled as lossy."""

import json
from io import StringIO

import pytest
from rich.console import Console

from specsim.compare import Options, compare
from specsim.models import load_pair
from specsim.report.compare import comparison_report, exact_table, lossy_table, write_comparison
from specsim.report.compare_figure import compare_figure


@pytest.fixture(scope="module")
def found():
    return compare(load_pair("toy"), Options(2, strengths=("0.05", "0.3", "1"), rounds=100))


def printed(part) -> str:
    console = Console(width=80, record=True, file=StringIO())
    console.print(part)
    return console.export_text()


def test_every_exact_rule_is_in_the_table_once_for_each_shape(found):
    cells = list(exact_table(found).columns[1].cells)
    names = [name for cell in cells for name in cell.split(", ")]
    assert len(names) == sum(entry.exact for entry in found.entries)


def test_strengths_that_change_nothing_more_are_left_out(found):
    names = list(lossy_table(found).columns[0].cells)
    assert "opt(0.3)" in names
    assert "opt(1)" not in names


def test_lossy_rules_are_called_lossy(found):
    assert "LOSSY" in lossy_table(found).title
    figure = compare_figure(found)
    assert "LOSSY" in figure.subfigs[0].legends[0].get_title().get_text()


def test_a_figure_of_exact_rules_alone_has_one_panel():
    found = compare(load_pair("toy"), Options(1, ("token", "match"), rounds=10))
    figure = compare_figure(found)
    assert len(figure.subfigs) == 1
    assert printed(comparison_report(found)).count("LOSSY") == 0


def test_points_are_the_simulation_and_lines_the_theory(found):
    axis = compare_figure(found).subfigs[0].axes[0]
    entry = next(one for one in found.entries if one.rule == "lossy:opt(0.05)")
    points = next(some for some in axis.containers if some.get_label() == "opt")
    assert entry.tokens.simulated.mean in points.lines[0].get_xdata()
    assert any(entry.bias.theory.mean in line.get_ydata() for line in axis.lines)


def test_the_record_can_be_read_back(found, tmp_path):
    write_comparison(found, tmp_path)
    record = json.loads((tmp_path / "compare.json").read_text())
    assert len(record["entries"]) == len(found.entries)
    assert record["entries"][0]["tokens"]["theory"]["mean"] == found.entries[0].tokens.theory.mean
