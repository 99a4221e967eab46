"""Figures of a study."""

from typing import Any

from ..measure.record import Row, Study
from .style import COLOURS, style


def study_figure(study: Study) -> Any:
    """Tokens per round (left) and, where it was timed, speed-up (right) against gamma, rule by rule.

    Dashed: the i.i.d. formula at the on-policy acceptance. Lines: the exact expectation, or the predicted
    speed-up. Points with bars of two standard errors: measured. A shape that is no chain stands for itself.
    """
    timed = study.plain_tokens_per_second is not None
    with style() as plt:
        names = list(dict.fromkeys(_series(row) for row in study.rows))
        beside, step = any(", " in name for name in names), min(0.06, 0.5 / len(names))
        size = (3.6 + 3.4 * timed + 2.6 * beside, 3.2)
        figure, axes = plt.subplots(1, 1 + timed, figsize=size, squeeze=False)
        for i, name in enumerate(names):
            rows = [row for row in study.rows if _series(row) == name]
            _tokens(axes[0, 0], rows, name, COLOURS[i % len(COLOURS)], shift=step * (i - 1))
            if timed:
                _speed(axes[0, 1], rows, COLOURS[i % len(COLOURS)], shift=step * (i - 1))
        axes[0, 0].set(xlabel="drafted tokens per round, gamma", ylabel="tokens per round")
        axes[0, 0].plot([], [], "k--", lw=1, label="i.i.d. formula")
        axes[0, 0].plot([], [], "k-", label="exact expectation")
        axes[0, 0].errorbar([], [], [], fmt="ko", ms=3.5, label="measured, 2 s.e.")
        if beside:
            figure.legend(loc="outside right upper", fontsize=7)
        else:
            figure.legend(loc="outside lower center", ncols=6 if timed else 3)
        for axis in axes[0]:
            axis.set_xticks(sorted({row.gamma for row in study.rows}))
        if timed:
            axes[0, 1].axhline(1, color="0.5", lw=0.8)
            axes[0, 1].set(xlabel="drafted tokens per round, gamma", ylabel="speed-up over plain decoding")
            axes[0, 1].set_title("lines: predicted before the run", fontsize=8, loc="right")
        axes[0, 0].set_title(f"pair: {study.pair}", fontsize=8, loc="left")
        return figure


def _series(row: Row) -> str:
    """Which line a row belongs to: its rule, and its shape unless that is a chain."""
    return row.rule if row.draft.isdigit() else f"{row.rule}, {row.shape}"


def _tokens(axis: Any, rows: list[Row], name: str, colour: str, shift: float) -> None:
    gammas = [row.gamma for row in rows]
    axis.plot(gammas, [row.iid_on_policy for row in rows], "--", lw=1, color=colour)
    axis.plot(gammas, [row.exact for row in rows], _line(rows), color=colour, label=name)
    bars = [2 * row.measured.standard_error for row in rows]
    axis.errorbar(
        [g + shift for g in gammas], [row.measured.mean for row in rows], bars, fmt="o", ms=3.5, color=colour
    )


def _line(rows: list[Row]) -> str:
    """How a line is drawn: as a dash where it would have but one point."""
    return "-" if len(rows) > 1 else "_"


def _speed(axis: Any, rows: list[Row], colour: str, shift: float) -> None:
    rows = [row for row in rows if row.measured_speedup is not None]
    gammas = [row.gamma for row in rows]
    axis.plot(gammas, [row.predicted_speedup for row in rows], _line(rows), color=colour)
    measured = [row.measured_speedup for row in rows]
    means = [one.mean for one in measured if one is not None]
    bars = [2 * one.standard_error for one in measured if one is not None]
    axis.errorbar([g + shift for g in gammas], means, bars, fmt="o", ms=3.5, color=colour)
