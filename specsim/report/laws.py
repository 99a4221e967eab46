"""Laws as bars: the proof of exactness as a picture, and laws that are not the target's.

The picture of the proof needs no formula. Colour each draft bar up to the target's height: this part is
kept. What sticks out above the target is rejected, and what the target has above the draft is owed. Both laws
sum to 1 and share the kept part, so the two hatched areas are equal: whatever is rejected can pay what is
owed, and then the bars are the target's.
"""

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np

from .canvas import canvas
from .style import COLOURS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KEPT, REJECTED, OWED = COLOURS[0], COLOURS[1], COLOURS[2]


def proof_figure(target: Any, draft: Any, tokens: Sequence[str] | None = None) -> "Figure":
    """The two laws (V,), their overlap coloured, rejected and owed mass hatched: two equal areas.

    tokens: their names, by default 0, 1, ...

    >>> figure = proof_figure([0.5, 0.3, 0.2], [0.2, 0.5, 0.3])
    >>> [axis.get_title() for axis in figure.axes]
    ['draft: what is proposed', 'target: what comes out']
    """
    target, draft = np.asarray(target, dtype=float), np.asarray(draft, dtype=float)
    shared = np.minimum(target, draft)
    with canvas(2) as (figure, (left, right)):
        _stack(left, shared, draft - shared, REJECTED, f"rejected, {(draft - shared).sum():.3g}", tokens)
        _stack(right, shared, target - shared, OWED, f"residual, {(target - shared).sum():.3g}", tokens)
        _outline(left, target, "target")
        _outline(right, draft, "draft")
        left.set(title="draft: what is proposed", ylabel="probability")
        right.set(title="target: what comes out")
        for axis in (left, right):
            axis.set(xlabel="token", ylim=(0, 1.45 * max(target.max(), draft.max())))
            axis.legend(ncols=2, loc="upper center")
        return figure


def laws_figure(target: Any, emitted: Mapping[str, Any], tokens: Sequence[str] | None = None) -> "Figure":
    """Emitted laws (V,) side by side with the target's (V,), their total variation from it in the legend.

    >>> figure = laws_figure([0.5, 0.3, 0.2], {"no residual": [0.35, 0.39, 0.26]})
    >>> figure.axes[0].get_legend_handles_labels()[1]
    ['target', 'no residual, TV 0.15']
    """
    target = np.asarray(target, dtype=float)
    size = 0.8 / (1 + len(emitted))
    with canvas(width=5.0) as (figure, [axis]):
        place = np.arange(len(target)) - 0.4 + size / 2
        axis.bar(place, target, size, color="0.75", edgecolor="0.3", label="target")
        for i, (name, law, colour) in enumerate(zip(emitted, emitted.values(), cycle(COLOURS)), 1):
            law = np.asarray(law, dtype=float)
            bias = np.maximum(law - target, 0).sum()
            axis.bar(place + i * size, law, size, color=colour, label=f"{name}, TV {bias:.3g}")
        axis.set(xlabel="token", ylabel="probability")
        _name(axis, len(target), tokens)
        axis.legend()
        return figure


def _stack(axis: Any, shared: np.ndarray, rest: np.ndarray, colour: str, label: str, tokens: Any) -> None:
    place = np.arange(len(shared))
    axis.bar(place, shared, 0.7, color=KEPT, label=f"kept, {shared.sum():.3g}")
    some = rest > 0
    bars = place[some], rest[some], 0.7, shared[some]
    axis.bar(*bars, facecolor="white", edgecolor=colour, hatch="////", label=label)
    _name(axis, len(shared), tokens)


def _outline(axis: Any, law: np.ndarray, label: str) -> None:
    place = np.arange(len(law))
    axis.hlines(law, place - 0.42, place + 0.42, color="black", lw=1.4, label=label)


def _name(axis: Any, count: int, tokens: Sequence[str] | None) -> None:
    axis.set_xticks(range(count), tokens or range(count))
    axis.grid(False, axis="x")
