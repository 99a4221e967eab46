"""Rows as a Markdown table, for notebooks and documents."""

from collections.abc import Mapping, Sequence
from typing import Any


def markdown_table(rows: Sequence[Mapping[str, Any]], digits: int = 3) -> str:
    """The rows, which share their keys, as a table; floats with this many digits behind the point.

    >>> print(markdown_table([{"gamma": 1, "tokens": 1.7}, {"gamma": 2, "tokens": 2.19}], digits=2))
    | gamma | tokens |
    |---|---|
    | 1 | 1.70 |
    | 2 | 2.19 |
    """
    head = list(rows[0])
    body = [[_shown(row[name], digits) for name in head] for row in rows]
    return "\n".join([_line(head), "|---" * len(head) + "|", *map(_line, body)])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _shown(value: Any, digits: int) -> str:
    return f"{value:.{digits}f}" if isinstance(value, float) else str(value)
