"""Drafts whose own tokens decide how long they are.

A text drafts up to a depth that is known beforehand; after each token its pace may say that this was the last
one. Texts side by side stop where each wants to. A drafter that draws token by token is stopped in time; of
others' drafts, the rest is cut off, which costs no more than drafting it. Either way what was drawn up to the
stop is verified, so the output stays exact (see `lengths`).
"""

from collections.abc import Sequence

import numpy as np

from ..core.arrays import Array, namespace
from ..core.draft import Draft, Shape, chain
from .drafter import Drafter, Stoppable
from .lengths import Pace
from .text import Text


class Watch:
    """Asks the pace of each text, after each of its tokens, whether there will be another.

    depths: how deep each text drafts, as far as is known. chances: what the draft's own law gave each of its
    tokens.
    """

    def __init__(self, paces: Sequence[Pace], depths: Sequence[int]) -> None:
        self._paces, self.depths = paces, list(depths)
        self.chances: list[list[float]] = [[] for _ in depths]

    def draft(
        self,
        drafter: Drafter,
        texts: Sequence[Text],
        shape: Shape,
        there: np.ndarray | None,
        uniforms: Array,
    ) -> Draft:
        """A chain behind each text, as `Drafter.propose`, as deep as the deepest of `depths` then is."""
        if isinstance(drafter, Stoppable):
            return drafter.propose_while(texts, shape, there, uniforms, self.see)
        whole = drafter.propose(texts, shape, there, uniforms)
        for j in range(len(shape.parent)):
            if not any(self.see(whole.tokens[:, j], whole.laws[:, j])):
                break
        return first(whole, max(self.depths))

    def see(self, tokens: Array, laws: Array) -> list[bool]:
        """Which texts draft another token, after these (B,), which were drawn from laws (B, V)."""
        found = namespace(laws).take_along_axis(laws, tokens[:, None], axis=-1)[:, 0].tolist()
        return [self._another(row, chance) for row, chance in enumerate(found)]

    def _another(self, row: int, chance: float) -> bool:
        seen = self.chances[row]
        if len(seen) == self.depths[row]:
            return False
        seen.append(chance)
        if len(seen) < self.depths[row] and not self._paces[row].another(seen):
            self.depths[row] = len(seen)
        return len(seen) < self.depths[row]


def first(draft: Draft, count: int) -> Draft:
    """The first tokens of a chain."""
    if count == len(draft.parent):
        return draft
    return Draft(draft.tokens[:, :count], draft.laws[:, :count], chain(count) if count else ())
