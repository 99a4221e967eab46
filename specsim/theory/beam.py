"""Speculation for beam search: keep a step while the target's beam lies within the draft's wider beam.

Beam search extends the `width` best strings by every token and keeps the `width` most likely. To speculate,
the draft runs gamma steps with a beam at least as wide, and the target scores all its strings in one pass.
As long as each string in the target's own beam is among them, the target's next beam is known as well. So
the search takes the steps before the first failure and one more, and its result is the target's own:

>>> from specsim.models import load_pair
>>> pair = load_pair("toy")
>>> [(beam_steps_kept(pair, 2, wide, gamma=2), beam_budget(2, wide, gamma=2)) for wide in (2, 3, 9)]
[(0, 6), (1, 8), (2, 20)]

Leviathan et al. 2023 (2211.17192), Appendix A.4, which states the rule and its budget but no speed.
"""

from collections.abc import Sequence
from heapq import nsmallest
from itertools import takewhile
from typing import Any

from .strings import Law, extended


def beam_search(model: Any, width: int, steps: int, context: Sequence[int] = ()) -> list[Law]:
    """The beam after 0, 1, ..., `steps` tokens: the `width` most likely extensions of the beam before.

    Returns {string: probability} per step, the most likely first; of equally likely strings the smaller.
    Raises ValueError unless width and steps are at least 1.

    >>> from specsim.models import markov
    >>> chain = markov([0.6, 0.4], [[0.5, 0.5], [0.1, 0.9]])
    >>> [list(beam) for beam in beam_search(chain, 1, 2)], list(beam_search(chain, 2, 2)[2])
    ([[()], [(0,)], [(0, 0)]], [(1, 1), (0, 0)])
    """
    _at_least_one(width=width, steps=steps)
    beams: list[Law] = [{(): 1}]
    for _ in range(steps):
        beams.append(dict(nsmallest(width, extended(beams[-1], model, context), key=_rank)))
    return beams


def beam_steps_kept(
    pair: Any, width: int, draft_width: int, *, gamma: int, context: Sequence[int] = ()
) -> int:
    """How many of gamma drafted steps are kept: up to the first whose target beam leaves the draft's beam.

    width: of the target's beam; draft_width: of the draft's, at least that. A pass of the target yields one
    step more than this. Raises ValueError for other widths or gamma.

    >>> from specsim.models import Pair, iid
    >>> pair = Pair(iid([0.5, 0.3, 0.2]), iid([0.4, 0.35, 0.25]))
    >>> beam_steps_kept(pair, 1, 2, gamma=3)
    3
    """
    _check_widths(width, draft_width)
    target = beam_search(pair.target, width, gamma, context)
    draft = beam_search(pair.draft, draft_width, gamma, context)
    within = (own.keys() <= drafted.keys() for own, drafted in zip(target[1:], draft[1:]))
    return sum(takewhile(bool, within))


def beam_budget(width: int, draft_width: int, *, gamma: int) -> int:
    """Strings that the target scores in one pass: width + draft_width * gamma.

    Raises ValueError as `beam_steps_kept` does.

    >>> beam_budget(4, 8, gamma=3)
    28
    """
    _check_widths(width, draft_width)
    _at_least_one(gamma=gamma)
    return width + draft_width * gamma


def _rank(scored: tuple[tuple[int, ...], Any]) -> tuple[Any, tuple[int, ...]]:
    string, p = scored
    return -p, string


def _check_widths(width: int, draft_width: int) -> None:
    _at_least_one(width=width)
    if draft_width < width:
        raise ValueError(
            f"the draft's beam must be at least as wide as the target's, {width}, got {draft_width}; "
            "otherwise it cannot hold the target's beam"
        )


def _at_least_one(**counts: int) -> None:
    for name, count in counts.items():
        if count < 1:
            raise ValueError(f"{name} must be at least 1, got {count!r}")
