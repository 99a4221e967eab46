"""The law of an exhibit as a picture: what comes out beside what should.

A panel shows one token of the text, the one whose law is furthest off: grey what the target writes there, in
colour what comes out. Behind the end of a text stands "end". For batches it is the pair of first tokens.

>>> from specsim.conformance.gallery import GALLERY
>>> panel(GALLERY["M18"], length=2).title
'token 1'
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..conformance.gallery.exhibit import Exhibit
from ..conformance.gallery.laws import Law, distance, due, emitted, grouped

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NOTHING = 1e-12
"""What double precision leaves of a total variation that is 0."""


@dataclass(frozen=True)
class Panel:
    """What one picture shows: law due and law emitted over the same outcomes, and of which token."""

    title: str
    due: Mapping[Any, float]
    emitted: Mapping[Any, float]
    control: bool = False

    @property
    def bias(self) -> float:
        """Total variation between both."""
        return distance(self.due, self.emitted)

    @property
    def outcomes(self) -> list[Any]:
        """What is on the axis: tokens in order, then "end" and "crash"."""
        return sorted({*self.due, *self.emitted}, key=lambda one: (isinstance(one, str), one))


def number(bias: float) -> str:
    """A total variation for tables and titles: 0 where only rounding is left of it."""
    return "0" if bias < NOTHING else f"{bias:.3f}" if bias >= 1e-3 else f"{bias:.0e}"


def panel(exhibit: Exhibit, length: int = 5, law: Law | None = None) -> Panel:
    """The token of the text whose law is furthest off. law: of the exhibit, if it is known already."""
    law = emitted(exhibit, length) if law is None else law
    wanted = due(exhibit, length)
    if exhibit.contract == "batch":
        return Panel("first tokens", _first_pair(wanted), _first_pair(law), exhibit.exact)
    places = range(max(map(len, filter(_is_text, {*wanted, *law})), default=1))
    panels = [Panel(f"token {i + 1}", _token(wanted, i), _token(law, i), exhibit.exact) for i in places]
    return max(panels, key=lambda one: round(one.bias, 9))


def picture(exhibit: Exhibit, length: int = 5) -> "Figure":
    """The figure of one exhibit."""
    from .canvas import canvas

    with canvas() as (figure, [axis]):
        _draw(axis, panel(exhibit, length))
        axis.set(title=f"{exhibit.id}: {exhibit.run.__name__.replace('_', ' ')}", ylabel="probability")
        axis.legend()
        return figure


def contact_sheet(panels: Mapping[str, Panel], columns: int = 10) -> "Figure":
    """All panels on one sheet, by the id of the exhibit, in their order."""
    from .style import style

    rows = -(-len(panels) // columns)
    with style() as plt:
        figure, axes = plt.subplots(rows, columns, figsize=(1.45 * columns, 1.3 * rows), squeeze=False)
        for axis in axes.flat[len(panels) :]:
            axis.set_axis_off()
        for axis, (id, one) in zip(axes.flat, panels.items()):
            _draw(axis, one)
            axis.set_title(f"{id}  {one.title}: {number(one.bias)}", fontsize=7, pad=2)
            axis.tick_params(labelsize=6, length=1.5)
            axis.set_xlabel("")
        plt.close(figure)
        return figure


def _draw(axis: Any, one: Panel) -> None:
    from .style import COLOURS

    colour = COLOURS[2] if one.control or one.bias < NOTHING else COLOURS[1]
    outcomes = one.outcomes
    place = range(len(outcomes))
    axis.bar(place, [one.due.get(key, 0) for key in outcomes], 0.8, color="0.8", label="target")
    axis.bar(
        place,
        [one.emitted.get(key, 0) for key in outcomes],
        0.4,
        color=colour,
        label=f"TV {number(one.bias)}",
    )
    axis.set_xticks(place, [_name(key) for key in outcomes])
    axis.set(xlabel=one.title, ylim=(0, 1.05 * max([*one.due.values(), *one.emitted.values()])))
    axis.grid(False, axis="x")
    axis.set_axisbelow(True)


def _token(law: Law, place: int) -> Law:
    def at(text: Any) -> Any:
        return "crash" if not _is_text(text) else text[place] if place < len(text) else "end"

    return grouped(law, at)


def _first_pair(law: Law) -> Law:
    return grouped(law, lambda texts: tuple(text[0] for text in texts))


def _is_text(outcome: Any) -> bool:
    return isinstance(outcome, tuple)


def _name(outcome: Any) -> str:
    return "".join(map(str, outcome)) if isinstance(outcome, tuple) else str(outcome)
