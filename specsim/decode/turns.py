"""Texts that are written side by side: all that go on take their rounds together, those that ended leave."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from .generation import Round
from .text import Text

OnTokens = Callable[[int, list[int], Round], object]
"""Called with the number of a text, the ids that have joined it, and what the round did."""


def take_turns(
    texts: Sequence[Text],
    uniforms: Sequence[Iterator[np.ndarray]],
    play: Callable[[list[int], np.ndarray], object],
    select: Callable[[list[int]], object],
    on_tokens: OnTokens = lambda row, ids, done: None,
) -> None:
    """Rounds for all texts until each has ended.

    play: lets the texts of these numbers take one round, on one row of uniforms each. select: some texts have
    ended, so go on with these rows of the last round only.

    >>> texts = [Text((7,), limit, "length", ()) for limit in (2, 4)]
    >>> def play(active, rows):
    ...     print(active)
    ...     for i in active:
    ...         texts[i].append([0])
    ...         texts[i].rounds.append(Round(0, 0, 1, 0, 0, 0))
    >>> take_turns(texts, [iter(np.zeros((3, 1))) for _ in texts], play, print)
    [0, 1]
    [1]
    [1]
    [1]
    """
    active = list(range(len(texts)))
    while active:
        begun = [texts[i].length for i in active]
        play(active, np.stack([next(uniforms[i]) for i in active]))
        for i, length in zip(active, begun):
            on_tokens(i, texts[i].ids[length:], texts[i].rounds[-1])
        unfinished = [row for row, i in enumerate(active) if texts[i].stopped is None]
        if 0 < len(unfinished) < len(active):
            select(unfinished)
        active = [active[row] for row in unfinished]
