"""A study as one self-contained HTML page: no scripts, no links, opens from disk."""

import base64
import html
import io
import json
import re
from pathlib import Path
from string import Template
from typing import Any

from rich.console import Console

from ..measure.record import Study
from .tables import speed_table, summary, tokens_table, verdict

_PAGE = Path(__file__).with_name("page.html")
_LEGEND = Path(__file__).with_name("study_legend.html")


def page(study: Study, figure: Any) -> str:
    """The HTML text of a study with its figure."""
    tokens = f"{section('The pair', summary(study))}{section('Tokens per round', tokens_table(study))}"
    speed = section("Speed", speed_table(study)) if study.plain_tokens_per_second else ""
    return document(
        f"Study of the pair <em>{html.escape(study.pair)}</em>",
        ("#009E73" if study.agrees else "#D55E00", verdict(study).plain),
        ("Tokens per round and speed-up against gamma", figure),
        f"{tokens}<p><small>{_LEGEND.read_text(encoding='utf-8')}</small></p>{speed}",
        {"settings": study.settings, "environment": study.environment},
    )


def document(
    heading: str, verdict: tuple[str, str], figure: tuple[str, Any], body: str, settings: dict[str, Any]
) -> str:
    """A page that stands alone. verdict: a colour and a sentence. figure: what it shows, and the figure."""
    return Template(_PAGE.read_text(encoding="utf-8")).substitute(
        title=re.sub("<[^>]*>", "", heading),
        heading=heading,
        colour=verdict[0],
        verdict=html.escape(verdict[1]),
        alt=figure[0],
        figure=_png(figure[1]),
        body=body,
        settings=html.escape(json.dumps(settings, indent=1)),
    )


def section(heading: str, table: Any) -> str:
    """A heading and a table."""
    return f"<h2>{heading}</h2>{_table(table)}"


def _png(figure: Any) -> str:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return base64.b64encode(buffer.getvalue()).decode()


def _table(table: Any) -> str:
    """A rich table as an HTML table of the same cells."""
    plain = Console(width=400)
    cells = [list(column.cells) for column in table.columns]
    head = [str(column.header).replace("-\n", "-").replace("\n", " ") for column in table.columns]
    rows = ["".join(f"<td>{html.escape(_plain(plain, cell))}</td>" for cell in row) for row in zip(*cells)]
    header = "".join(f"<th>{html.escape(one)}</th>" for one in head) if any(head) else ""
    return f"<table><tr>{header}</tr>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>"


def _plain(console: Console, cell: Any) -> str:
    return console.render_str(cell).plain if isinstance(cell, str) else cell.plain
