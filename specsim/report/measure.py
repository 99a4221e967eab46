"""Writing a measurement to a folder: record, figure and page."""

import html
from pathlib import Path
from typing import Any

from rich.console import Group

from ..measure.measurement import Measurement
from .measure_figure import measure_figure
from .measure_tables import measure_report, measure_summary, measure_tables
from .page import document, section

NEAR = 0.1
"""How far off a prediction may be."""

_LEGEND = Path(__file__).with_name("measure_legend.html")


def write_measurement(found: Measurement, folder: Path) -> Group:
    """Write measure.json, measure.png and measure.html; return the report for the terminal."""
    folder.mkdir(parents=True, exist_ok=True)
    found.save(folder / "measure.json")
    figure = measure_figure(found)
    figure.savefig(folder / "measure.png", dpi=160)
    (folder / "measure.html").write_text(_page(found, figure), encoding="utf-8")
    files = ", ".join(str(folder / f"measure.{kind}") for kind in ("json", "png", "html"))
    return Group(measure_report(found), f"Written: {files}")


def _page(found: Measurement, figure: Any) -> str:
    """One page of everything; the title of each table is a heading."""
    tables = [section(html.escape(str(table.title)), table) for table in measure_tables(found)]
    notes = "".join(f"<p><small>{html.escape(note)}</small></p>" for note in found.notes)
    summary = section("The pair", measure_summary(found))
    legend = _LEGEND.read_text(encoding="utf-8")
    return document(
        f"Measurement of the pair <em>{html.escape(found.pair)}</em>",
        verdict(found),
        ("alpha, positions in the round, v(n), speed-up", figure),
        f"{summary}{''.join(tables)}<p><small>{legend}</small></p>{notes}",
        {"options": found.options, "environment": found.environment},
    )


def verdict(found: Measurement) -> tuple[str, str]:
    """A colour, and one sentence: how far predictions made before the run were off."""
    off = [abs(one.tokens.predicted.mean / one.tokens.measured.mean - 1) for one in found.found]
    said = f"Tokens per round were predicted within {max(off):.0%}"
    missed = [abs(one.speed.missed) for one in found.found if one.speed is not None]
    said += f", speed-ups within {max(missed):.0%}." if missed else "."
    return "#009E73" if max(off + missed) <= NEAR else "#E69F00", said
