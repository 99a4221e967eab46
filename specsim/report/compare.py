"""A comparison as tables that fit a terminal of 80 columns, and in a folder: record and figure."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from ..compare.record import Comparison, Entry, Twice
from ..core.rules.lossy import PREFIX
from ..simulate import Estimate
from .compare_figure import compare_figure
from .tables import empty_table, plus_minus


def write_comparison(found: Comparison, folder: Path) -> Group:
    """Write compare.json and compare.png; return the report for the terminal."""
    folder.mkdir(parents=True, exist_ok=True)
    found.save(folder / "compare.json")
    compare_figure(found).savefig(folder / "compare.png")
    files = ", ".join(str(folder / f"compare.{kind}") for kind in ("json", "png"))
    return Group(comparison_report(found), f"Written: {files}")


def comparison_report(found: Comparison) -> Group:
    """Everything about a comparison, for the terminal."""
    title = f"Rules on the pair {found.pair}, {found.settings['drafted']} drafted tokens per round"
    parts: list[Any] = [Text(title, "bold"), f"Rounds begin after {found.contexts}.", exact_table(found)]
    if not all(entry.exact for entry in found.entries):
        parts += [lossy_table(found), f"Bias: {found.bias}."]
    return Group(*parts, _verdict(found))


def exact_table(found: Comparison) -> Table:
    """Rules that emit the target's law, the best first on each shape; equal numbers share a row."""
    table = empty_table("Exact rules: the target's own law comes out", "drafts", "rules", "tokens")
    for name in ("simulated", "z", "of the\nmost"):
        table.add_column(name, justify="right", no_wrap=True)
    table.columns[1].justify, table.columns[1].no_wrap = "left", False
    exact = [entry for entry in found.entries if entry.exact]
    for shape, some in groupby(exact, key=lambda entry: entry.shape):
        rows = alike(list(some))
        for i, row in enumerate(rows):
            tokens = row[0].tokens
            table.add_row(
                "" if i else shape,
                ", ".join(entry.rule for entry in row),
                _theory(tokens.theory),
                plus_minus(tokens.simulated),
                _z(row),
                f"{tokens.theory.mean / found.most[shape]:.1%}" if shape in found.most else "",
                end_section=i + 1 == len(rows),
            )
    return table


def lossy_table(found: Comparison) -> Table:
    """Rules that change the law, family by family; strengths that change nothing more are left out.

    Those on one drafted token are left to the figure and the record where there are longer drafts.
    """
    lossy = [entry for entry in found.entries if not entry.exact]
    first, *others = dict.fromkeys(entry.shape for entry in lossy if entry.shape != "chain:1") or ["chain:1"]
    title = f'LOSSY rules on {first}: another law comes out; their names begin with "{PREFIX}"'
    table = empty_table(title, "rule", "tokens", "simulated", "z", "bias", "simulated", "z")
    for entry in _changing(entry for entry in lossy if entry.shape in (first, *others)):
        name = entry.rule.removeprefix(PREFIX) + (f" on {entry.shape}" if entry.shape != first else "")
        table.add_row(name, *_twice(entry.tokens), *_twice(entry.bias))
    return table


def alike(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Entries in groups of equal theory, the most tokens first."""

    def numbers(entry: Entry) -> tuple[float, float]:
        return -round(entry.tokens.theory.mean, 5), round(entry.bias.theory.mean, 5)

    return [list(some) for _, some in groupby(sorted(entries, key=numbers), key=numbers)]


def _changing(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Entries that differ from the one before them."""
    last: tuple[Any, ...] = ()
    for entry in entries:
        numbers = (entry.tokens.theory.mean, entry.bias.theory.mean)
        now = (entry.rule.split("(")[0], entry.shape, *(round(number, 9) for number in numbers))
        if now != last:
            yield entry
        last = now


def _twice(number: Twice) -> tuple[str, str, str]:
    return f"{number.theory.mean:.3f}", plus_minus(number.simulated), f"{number.z:+.1f}"


def _theory(estimate: Estimate) -> str:
    return plus_minus(estimate) if estimate.standard_error else f"{estimate.mean:.3f}"


def _z(entries: Sequence[Entry]) -> str:
    """The farthest from 0 of all."""
    return f"{max((entry.tokens.z for entry in entries), key=abs):+.1f}"


def _verdict(found: Comparison) -> Text:
    bad = [f"{entry.rule} on {entry.shape}" for entry in found.entries if not entry.agrees]
    if bad:
        return Text(f"Theory and simulation DIFFER for {', '.join(bad)}.", "bold red")
    return Text(f"Theory and simulation agree in all {len(found.entries)} entries (all |z| <= 5).", "green")
