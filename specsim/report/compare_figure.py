"""The figure of a comparison: what lossy rules buy with bias above, what exact rules keep below."""

from itertools import cycle, groupby
from typing import TYPE_CHECKING, Any

from ..compare.record import Comparison, Entry
from ..core.rules.lossy import PREFIX
from .style import COLOURS, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MARKERS = "osD^vP*X"


def compare_figure(found: Comparison) -> "Figure":
    """Above, for each chain that lossy rules verify: bias against tokens per round, a line for each family.

    Lines are theory, points with bars of two standard errors simulation; what no verifier can reach is
    shaded. Below: exact rules on every shape, a bar at the most that any could keep.
    """
    lossy, exact = ([one for one in found.entries if one.exact == wanted] for wanted in (False, True))
    above = [shape for shape in dict.fromkeys(entry.shape for entry in lossy) if shape.startswith("chain:")]
    below = list(dict.fromkeys(entry.shape for entry in exact))
    heights = [3.4] * bool(above) + [0.7 + 0.42 * len(below)] * bool(below)
    with style() as plt:
        figure = plt.figure(figsize=(7, sum(heights)))
        try:
            rows = figure.subfigures(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0]
            if above:
                _draw_lossy(rows[0], found, above)
            if below:
                _draw_exact(rows[-1], found, exact, below)
            return figure
        finally:
            plt.close(figure)


def _draw_lossy(figure: Any, found: Comparison, shapes: list[str]) -> None:
    for i, (axis, shape) in enumerate(zip(figure.subplots(1, len(shapes), squeeze=False)[0], shapes)):
        for front in found.fronts:
            if front.shape == shape:
                axis.fill_between(front.tokens, front.bias, color="0.9", lw=0)
                axis.plot(front.tokens, front.bias, color="black", lw=2.2, label="none goes beyond")
        families = groupby(
            (one for one in found.entries if not one.exact and one.shape == shape),
            key=lambda entry: entry.rule.split("(")[0],
        )
        looks = zip(cycle(COLOURS[:6]), cycle(MARKERS), ["-"] * 6 + ["--"] * 6)
        for (name, some), look in zip(families, looks):
            _draw_family(axis, list(some), name.removeprefix(PREFIX), *look)
        _mark_exact(axis, [one for one in found.entries if one.exact and one.shape == shape])
        axis.set(xlabel=f"tokens per round, {shape}", ylim=(0, None))
        if i == 0:
            axis.set_ylabel("bias (total variation)")
            handles = axis.get_legend_handles_labels()
            axis.set_title(
                f"pair {found.pair}: theory as lines, simulation as points", fontsize=8, loc="left"
            )
    figure.legend(*handles, title="LOSSY rules", loc="outside right upper")


def _draw_family(axis: Any, entries: list[Entry], name: str, colour: str, marker: str, line: str) -> None:
    places = [(entry.tokens.theory.mean, entry.bias.theory.mean) for entry in entries]
    axis.plot(*zip(*sorted(places)), line, color=colour, lw=1)
    axis.errorbar(
        [entry.tokens.simulated.mean for entry in entries],
        [entry.bias.simulated.mean for entry in entries],
        [2 * entry.bias.simulated.standard_error for entry in entries],
        [2 * entry.tokens.simulated.standard_error for entry in entries],
        fmt=marker,
        ms=3.5,
        lw=0.8,
        color=colour,
        label=name,
    )


def _mark_exact(axis: Any, entries: list[Entry]) -> None:
    """Exact rules on the axis, those of equal tokens under the name of one."""
    named = {round(entry.tokens.theory.mean, 5): entry.rule for entry in reversed(entries)}
    for i, (tokens, name) in enumerate(sorted(named.items())):
        axis.plot(tokens, 0, "k|", ms=12, mew=1.6, clip_on=False, zorder=3)
        side = 1 if i + 1 == len(named) > 1 else -1
        place: Any = {"ha": "right" if side < 0 else "left", "xytext": (3 * side, 3)}
        axis.annotate(name, (tokens, 0), textcoords="offset points", fontsize=7, **place)


def _draw_exact(figure: Any, found: Comparison, entries: list[Entry], shapes: list[str]) -> None:
    """One lane for each rule within the band of each shape; theory as a tick, simulation as a point."""
    axis, names = figure.subplots(), list(dict.fromkeys(entry.rule for entry in entries))
    for lane, (name, colour, marker) in enumerate(zip(names, cycle(COLOURS), cycle(MARKERS))):
        some = [entry for entry in entries if entry.rule == name]
        places = [shapes.index(entry.shape) + 0.7 * ((lane + 0.5) / len(names) - 0.5) for entry in some]
        axis.plot([entry.tokens.theory.mean for entry in some], places, "|", ms=9, color=colour)
        axis.errorbar(
            [entry.tokens.simulated.mean for entry in some],
            places,
            xerr=[2 * entry.tokens.simulated.standard_error for entry in some],
            fmt=marker,
            ms=3.5,
            lw=0.8,
            color=colour,
            label=name,
        )
    known = [(most, shapes.index(shape)) for shape, most in found.most.items() if shape in shapes]
    for most, place in known:
        axis.vlines(most, place - 0.4, place + 0.4, color="black", lw=2)
    if known:
        axis.plot([], [], "k-", lw=2, label="most of any")
    axis.set(xlabel="tokens per round, exact rules", yticks=range(len(shapes)), yticklabels=shapes)
    axis.invert_yaxis()
    figure.legend(loc="outside right upper")
