"""Two greedy texts differ: was it the forward pass, or the verifier?

A pass over gamma + 1 tokens at once adds up its sums in another order than a pass over one token, and moves
the logits a little. Where the two likeliest tokens are closer than that, greedy texts part, and no rule of
verification is to blame. The target reads the text up to the first difference again, at both widths:

    gap      between the logits of the two tokens that were chosen, at width 1
    moved    how far that gap moves, at most, with the width and the place in the pass

>>> import numpy as np
>>> def logits(context, width):                  # a model whose logits move by 1e-3 in wide passes
...     row = np.array([1.0, 1.0005, 0.0]) + (width > 1) * np.array([1e-3, 0, 0])
...     return np.tile(row, (width, 1))
>>> print(divergence((0,), [1, 1, 2], [1, 0, 2], logits, gamma=2))
forward pass: at token 1 the gap between 1 and 0 is 0.0005, and a pass over more tokens moves it by 0.001.
>>> divergence((0,), [1, 1, 2], [1, 2, 2], logits, gamma=2).cause
'verifier'
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..rows import plain

Logits = Callable[[tuple[int, ...], int], Any]
"""From a context and a width to the logits (width, V) after each of its last `width` tokens, of one pass."""


@dataclass(frozen=True)
class Divergence:
    """Where and why two greedy texts part.

    at: index of the first token that differs. plain, speculative: the two tokens there.
    gap, moved: see the module. cause: "forward pass" or "verifier".
    """

    at: int
    plain: int
    speculative: int
    gap: float
    moved: float
    cause: str

    def __str__(self) -> str:
        end = f"and a pass over more tokens moves it by {self.moved:.3g}."
        gap = f"the gap between {self.plain} and {self.speculative} is {self.gap:.3g}"
        return f"{self.cause}: at token {self.at} {gap}, {end}"


def divergence(
    prompt: Sequence[int], plain: Sequence[int], speculative: Sequence[int], logits: Logits, gamma: int
) -> Divergence | None:
    """Why two greedy texts part; None where neither differs from the other.

    plain, speculative: new tokens after the prompt, decoded greedily without and with speculation, of which
    the shorter may be a beginning of the other. logits: of the target, see Logits. gamma: drafted tokens.
    The verifier is to blame unless what passes over at most gamma + 1 tokens move is as large as the gap.
    """
    at = next((i for i, (a, b) in enumerate(zip(plain, speculative)) if a != b), None)
    if at is None:
        return None
    text = (*prompt, *plain[:at])
    one, other = plain[at], speculative[at]
    narrow = _row(logits(text, 1), 0)
    moved = 0.0
    for row in _wide(text, (*speculative[at:],), logits, gamma):
        moved = max(moved, abs((row[one] - row[other]) - (narrow[one] - narrow[other])))
    gap = float(narrow[one] - narrow[other])
    likeliest = float(narrow.max() - narrow[other])
    cause = "forward pass" if max(gap, likeliest) <= moved else "verifier"
    return Divergence(at, one, other, gap, float(moved), cause)


def _wide(text: tuple[int, ...], after: tuple[int, ...], logits: Logits, gamma: int) -> Iterator[np.ndarray]:
    """The logits after a text, from passes of every width, with the text's end at every place in them."""
    for width in range(2, gamma + 2):
        for place in range(width):
            ahead = after[: width - 1 - place]
            if place < len(text) and len(ahead) == width - 1 - place:
                yield _row(logits((*text, *ahead), width), place)


def _row(rows: Any, place: int) -> np.ndarray:
    return np.asarray(plain(rows), dtype=np.float64)[place]
