"""A study as one self-contained HTML page: no scripts, no links, opens from disk."""

import base64
import html
import io
import json
from pathlib import Path
from string import Template
from typing import Any

from rich.console import Console

from ..measure.record import Study
from .tables import speed_table, summary, tokens_table, verdict

_PAGE = Path(__file__).with_name("page.html")


def page(study: Study, figure: Any) -> str:
    """The HTML text of a study with its figure."""
    speed = "" if not study.plain_tokens_per_second else f"<h2>Speed</h2>{_table(speed_table(study))}"
    settings = json.dumps({"settings": study.settings, "environment": study.environment}, indent=1)
    return Template(_PAGE.read_text(encoding="utf-8")).substitute(
        pair=html.escape(study.pair),
        colour="#009E73" if study.agrees else "#D55E00",
        verdict=html.escape(verdict(study).plain),
        figure=_png(figure),
        summary=_table(summary(study)),
        tokens=_table(tokens_table(study)),
        speed=speed,
        settings=html.escape(settings),
    )


def _png(figure: Any) -> str:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return base64.b64encode(buffer.getvalue()).decode()


def _table(table: Any) -> str:
    """A rich table as an HTML table of the same cells."""
    plain = Console(width=400)
    cells = [list(column.cells) for column in table.columns]
    head = [str(column.header).replace("\n", " ") for column in table.columns]
    rows = ["".join(f"<td>{html.escape(_plain(plain, cell))}</td>" for cell in row) for row in zip(*cells)]
    header = "".join(f"<th>{html.escape(one)}</th>" for one in head) if any(head) else ""
    return f"<table><tr>{header}</tr>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>"


def _plain(console: Console, cell: Any) -> str:
    return console.render_str(cell).plain if isinstance(cell, str) else cell.plain
