"""The figure of a measurement: alpha, positions in the round, v(n), and speed as predicted and measured."""

from collections.abc import Callable, Sequence
from itertools import cycle
from typing import TYPE_CHECKING, Any

from ..measure.agreement import Alpha
from ..measure.measurement import Found, Measurement
from .measure_tables import short
from .style import COLOURS, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIZE = (4.4, 3.2)
"""Of one panel, in inches."""


def measure_figure(found: Measurement) -> "Figure":
    """Up to four panels: alpha by temperature, chance of being kept by position, v(n), speed-up.

    Bars are two standard errors; of speed-ups, quartiles over prompts.
    """
    panels: list[Callable[[Any, Measurement], None]] = [_alphas, _places]
    if found.passes is not None:
        panels += [_passes, _speeds]
    rows = len(panels) // 2
    with style() as plt:
        figure, axes = plt.subplots(rows, 2, figsize=(2 * SIZE[0], rows * SIZE[1]), squeeze=False)
        for panel, axis in zip(panels, axes.flat):
            panel(axis, found)
        plt.close(figure)
        return figure


def _alphas(axis: Any, found: Measurement) -> None:
    """alpha against temperature at the top-p of decoding; filled: on-policy, hollow: held-out."""
    top_p, rule = found.options["top_p"], found.options["rules"][0]
    some = [one for one in found.alpha if (one.domain, one.top_p, one.rule) == ("", top_p, rule)]
    for draft, colour in zip(dict.fromkeys(one.draft for one in some), cycle(COLOURS)):
        for texts, face, line in (("on-policy", colour, "-"), ("held-out", "white", "--")):
            here = [one for one in some if (one.draft, one.texts) == (draft, texts)]
            _line(axis, here, f"{short(draft)}, {texts}", color=colour, mfc=face, ls=line)
    axis.set(xlabel="temperature", ylabel=f"alpha ({rule})", ylim=(0, 1))
    axis.legend(fontsize=7)


def _line(axis: Any, here: Sequence[Alpha], label: str, **how: Any) -> None:
    here = sorted(here, key=lambda one: one.temperature)
    bars = [2 * one.kept.standard_error for one in here]
    means = [one.kept.mean for one in here]
    if here:
        axis.errorbar([one.temperature for one in here], means, bars, fmt="o", ms=4, label=label, **how)


def _places(axis: Any, found: Measurement) -> None:
    """Kept, given those before: lines as predicted, a dash where there is one point; points as measured."""
    for one, colour in zip(found.found, cycle(COLOURS)):
        x = [place.position for place in one.places]
        bars = [2 * place.measured.standard_error for place in one.places]
        means = [place.measured.mean for place in one.places]
        predicted = [place.predicted for place in one.places]
        axis.plot(x, predicted, "-" if len(x) > 1 else "_", ms=9, color=colour, label=_name(one, found))
        axis.errorbar(x, means, bars, fmt="o", ms=3.5, color=colour, lw=0.8)
    most = max((len(one.places) for one in found.found), default=1)
    axis.set(xlabel="position in the round", ylabel="chance to be kept, given those before", ylim=(0, 1))
    axis.set_xticks(range(1, most + 1))
    axis.legend(fontsize=7, ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1.0))


def _passes(axis: Any, found: Measurement) -> None:
    """v(n), one line for each number of texts."""
    assert found.passes is not None
    for texts, costs in found.passes.verify.items():
        axis.plot(
            list(costs), list(costs.values()), "o-", ms=3, label="1 text" if texts == 1 else f"{texts} texts"
        )
    axis.set_xscale("log", base=2)
    ticks = [1, 2, 4, 8, 16, 32, 64]
    axis.set_xticks(ticks, map(str, ticks))
    axis.set(xlabel="tokens per text, n", ylabel="v(n), in target steps", ylim=(0, None))
    axis.legend()


def _speeds(axis: Any, found: Measurement) -> None:
    """Speed-up of each way of decoding: bars as measured, marks as predicted."""
    ways = [(one, one.speed) for one in found.found if one.speed is not None]
    places = range(len(ways))
    medians = [speed.measured.median for _, speed in ways]
    reach = [
        [speed.measured.median - speed.measured.low for _, speed in ways],
        [speed.measured.high - speed.measured.median for _, speed in ways],
    ]
    axis.barh(places, medians, color=COLOURS[5], height=0.6, label="measured")
    axis.errorbar(medians, places, xerr=reach, fmt="none", ecolor="0.3", lw=1)
    axis.plot(
        [speed.predicted for _, speed in ways], places, "D", color=COLOURS[1], ms=4.5, label="predicted"
    )
    textbook = [(speed.textbook, i) for i, (_, speed) in enumerate(ways) if speed.textbook is not None]
    if textbook:
        axis.plot(*zip(*textbook), "|", color="black", ms=10, mew=1.5, label="textbook")
    axis.axvline(1, color="0.5", lw=0.8)
    axis.set(xlabel="speed-up over plain decoding", yticks=places)
    axis.set_yticklabels([_name(one, found) for one, _ in ways])
    axis.invert_yaxis()
    axis.legend(fontsize=7, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)


def _name(one: Found, found: Measurement) -> str:
    rule = "" if len(found.options["rules"]) == 1 else f", {one.rule}"
    return f"{short(one.draft)}, γ {one.gamma}{rule}"
