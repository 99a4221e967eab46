"""Studies as tables that fit a terminal of 80 columns."""

from math import isnan
from typing import Any

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from ..measure.record import Row, Study
from ..simulate import Estimate


def tokens_table(study: Study) -> Table:
    """Tokens per round: the textbook formula, the exact expectation, a simulation, the measurement."""
    table = empty_table("Tokens per round", "rule", "γ", "i.i.d.", "held-\nout", "exact", "i.i.d.\nmisses")
    for name in ("simulated", "measured", "z"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("ok", justify="right", no_wrap=True)
    for row in study.rows:
        held_out = "–" if row.iid_teacher_forced is None else f"{row.iid_teacher_forced:.3f}"
        table.add_row(
            _named(row),
            str(row.gamma),
            f"{row.iid_on_policy:.3f}",
            held_out,
            f"{row.exact:.3f}",
            f"{row.iid_on_policy / row.exact - 1:+.1%}",
            plus_minus(row.simulated),
            plus_minus(row.measured),
            f"{row.z_measured:+.1f}",
            Text("yes", "green") if row.agrees else Text("NO", "bold red"),
            end_section=_last_of_rule(study, row),
        )
    return table


def speed_table(study: Study) -> Table:
    """Speed-up over plain decoding: predicted before the run, and measured."""
    title = "Speed against plain decoding of the same target"
    table = empty_table(title, "rule", "γ", "tokens/s", "predicted", "measured", "missed by")
    for row in study.rows:
        if row.measured_speedup is None or row.predicted_speedup is None:
            continue
        missed = row.predicted_speedup / row.measured_speedup.mean - 1
        table.add_row(
            _named(row),
            str(row.gamma),
            f"{row.tokens_per_second:.0f}",
            f"{row.predicted_speedup:.2f}x",
            plus_minus(row.measured_speedup, 2) + "x",
            f"{missed:+.0%}",
            end_section=_last_of_rule(study, row),
        )
    return table


def empty_table(title: str, *columns: str) -> Table:
    """An empty table: the first column to the left, the others, of numbers, to the right."""
    table = Table(
        title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False
    )
    for i, name in enumerate(columns):
        table.add_column(name, justify="right" if i else "left", no_wrap=i > 0, overflow="fold")
    return table


def summary(study: Study) -> Table:
    """Acceptance, costs and quality of the pair."""
    table = Table.grid(padding=(0, 2))
    for name, estimate in study.alpha.items():
        table.add_row(f"alpha, {name}", plus_minus(estimate))
    for name, (target, draft) in study.bits_per_token.items():
        table.add_row(f"bits per token, {name}", f"target {target:.2f}, draft {draft:.2f}")
    if study.costs is not None:
        costs = study.costs
        table.add_row("target step", f"{1e3 * costs.target_step:.2f} ms")
        steps = ", ".join(f"{gamma}: {costs.c(gamma):.2f}" for gamma in costs.draft)
        table.add_row("c(gamma), in target steps", steps)
        verify = ", ".join(f"{gamma}: {costs.v(gamma):.2f}" for gamma in costs.draft)
        table.add_row("v(gamma), in target steps", verify)
    if study.plain_tokens_per_second:
        table.add_row("plain decoding", f"{study.plain_tokens_per_second:.0f} tokens/s")
    return table


def plus_minus(estimate: Estimate, digits: int = 3) -> str:
    """A mean with its standard error, if that is known: of a single text it is not.

    >>> plus_minus(Estimate(2.5, 0.012)), plus_minus(Estimate(2.5, float("nan")))
    ('2.500±0.012', '2.500')
    """
    error = "" if isnan(estimate.standard_error) else f"±{estimate.standard_error:.{digits}f}"
    return f"{estimate.mean:.{digits}f}{error}"


def _named(row: Row) -> str:
    """The rule, and below it the shape unless that is a chain."""
    return row.rule if row.draft.isdigit() else f"{row.rule}\n{row.shape}"


def _last_of_rule(study: Study, row: object) -> bool:
    rows = study.rows
    i = next(i for i, one in enumerate(rows) if one is row)
    return i + 1 == len(rows) or rows[i + 1].rule != rows[i].rule


def study_report(study: Study) -> Group:
    """Everything about a study, for the terminal."""
    parts: list[Any] = [Text(f"Study of the pair {study.pair}", "bold"), summary(study), tokens_table(study)]
    if study.plain_tokens_per_second:
        parts.append(speed_table(study))
    return Group(*parts, verdict(study))


def verdict(study: Study) -> Text:
    """One sentence: do theory, simulation and measurement agree?"""
    bad = [f"{row.rule}/{row.draft}" for row in study.rows if not row.agrees]
    if bad:
        return Text(f"Theory, simulation and measurement DIFFER for {', '.join(bad)}.", "bold red")
    return Text(
        "Theory, simulation and measurement agree in every row (all |z| <= 4). "
        "Where the i.i.d. columns differ from them, it is their assumption that fails.",
        "green",
    )
