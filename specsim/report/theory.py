"""The scalar formulas as a table."""

import math
from fractions import Fraction
from typing import Any

from rich import box
from rich.table import Table

from .. import theory


def theory_rows(alpha: Any, gammas: list[int], c: float, c_hat: float) -> list[dict[str, Any]]:
    """One row per gamma: every scalar that describes a round. Exact where alpha is a Fraction.

    >>> theory_rows(Fraction(4, 5), [5], 0, 0)[0]["tokens_per_round"]
    Fraction(11529, 3125)
    """
    return [
        {
            "gamma": gamma,
            "tokens_per_round": theory.expected_tokens(alpha, gamma),
            "variance": theory.tokens_variance(alpha, gamma),
            "accepted_over_drafted": theory.acceptance_ratio(alpha, gamma),
            "speedup": theory.walltime_improvement(alpha, gamma, c),
            "operations": theory.operations_factor(alpha, gamma, c_hat),
        }
        for gamma in gammas
    ]


def theory_table(rows: list[dict[str, Any]]) -> Table:
    """The rows of `theory_rows`, with fractions beside their decimals."""
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("gamma", "tokens\nper round", "variance", "accepted\n/ drafted", "speed-up", "operations"):
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(*(_shown(value) for value in row.values()))
    return table


def theory_caption(alpha: Any, c: float) -> str:
    """What follows from alpha and c alone."""
    if not theory.speedup_possible(alpha, c):
        return f"No gamma gains anything: a speed-up needs alpha > c, here {alpha} <= {c}."
    best = theory.optimal_gamma(alpha, c)
    if best == math.inf:
        gain = float(theory.oracle_improvement(alpha, c))
        return f"At c = {c} every longer draft is better; the speed-up tends to {gain:.3f}."
    gain = float(theory.walltime_improvement(alpha, best, c))
    return f"Best gamma at c = {c}: {best}, speed-up {gain:.3f} (verification as cheap as one step)."


def _shown(value: Any) -> str:
    if isinstance(value, Fraction) and value.denominator > 1:
        exact = f"{value} = " if len(str(value)) <= 16 else ""
        return f"{exact}{float(value):.5f}"
    return f"{value:.5f}" if isinstance(value, float) else str(value)
