"""Figures of a study."""

from typing import Any

from ..measure.record import Row, Study
from .style import COLOURS, style


def study_figure(study: Study) -> Any:
    """Tokens per round (left) and, where it was timed, speed-up (right) against gamma, rule by rule.

    Dashed: the i.i.d. formula at the on-policy acceptance. Lines: the exact expectation, or the predicted
    speed-up. Points with bars of two standard errors: measured.
    """
    timed = study.plain_tokens_per_second is not None
    with style() as plt:
        figure, axes = plt.subplots(1, 1 + timed, figsize=(3.6 + 3.4 * timed, 3.2), squeeze=False)
        for i, rule in enumerate(dict.fromkeys(row.rule for row in study.rows)):
            rows = [row for row in study.rows if row.rule == rule]
            _tokens(axes[0, 0], rows, rule, COLOURS[i % len(COLOURS)], shift=0.06 * (i - 1))
            if timed:
                _speed(axes[0, 1], rows, COLOURS[i % len(COLOURS)], shift=0.06 * (i - 1))
        axes[0, 0].set(xlabel="drafted tokens per round, gamma", ylabel="tokens per round")
        axes[0, 0].plot([], [], "k--", lw=1, label="i.i.d. formula")
        axes[0, 0].plot([], [], "k-", label="exact expectation")
        axes[0, 0].errorbar([], [], [], fmt="ko", ms=3.5, label="measured, 2 s.e.")
        figure.legend(loc="outside lower center", ncols=6 if timed else 3)
        for axis in axes[0]:
            axis.set_xticks(sorted({row.gamma for row in study.rows}))
        if timed:
            axes[0, 1].axhline(1, color="0.5", lw=0.8)
            axes[0, 1].set(xlabel="drafted tokens per round, gamma", ylabel="speed-up over plain decoding")
            axes[0, 1].set_title("lines: predicted before the run", fontsize=8, loc="right")
        axes[0, 0].set_title(f"pair: {study.pair}", fontsize=8, loc="left")
        return figure


def _tokens(axis: Any, rows: list[Row], rule: str, colour: str, shift: float) -> None:
    gammas = [row.gamma for row in rows]
    axis.plot(gammas, [row.iid_on_policy for row in rows], "--", lw=1, color=colour)
    axis.plot(gammas, [row.exact for row in rows], color=colour, label=rule)
    bars = [2 * row.measured.standard_error for row in rows]
    axis.errorbar(
        [g + shift for g in gammas], [row.measured.mean for row in rows], bars, fmt="o", ms=3.5, color=colour
    )


def _speed(axis: Any, rows: list[Row], colour: str, shift: float) -> None:
    rows = [row for row in rows if row.measured_speedup is not None]
    gammas = [row.gamma for row in rows]
    axis.plot(gammas, [row.predicted_speedup for row in rows], color=colour)
    measured = [row.measured_speedup for row in rows]
    means = [one.mean for one in measured if one is not None]
    bars = [2 * one.standard_error for one in measured if one is not None]
    axis.errorbar([g + shift for g in gammas], means, bars, fmt="o", ms=3.5, color=colour)
