"""What a verifier is tried on: pairs of models in which every context has its own two laws.

A mistake in an index shows only where the rows differ, a mistake at the edge only where there is one. So each
context draws its laws by itself, and some contexts draw from the edges (see `row_kinds`): zeros, ties, equal
laws, laws one rounding apart, disjoint supports, point masses.

>>> pair = table_pair(3, seed=1)
>>> [law.round(3).tolist() for law in pair.laws((0, 2))]
[[0.485, 0.273, 0.242], [0.5, 0.385, 0.115]]
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product
from math import prod

import numpy as np

from specsim.core import Draft, Shape, grow, height, score
from specsim.core.draft import Parent, is_chain
from specsim.core.grow import every

from .row_kinds import KINDS_OF_ROWS, Rows

Context = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Pair:
    """Two models: `laws` gives the target's and the draft's law after a context."""

    vocab: int
    laws: Callable[[Context], Rows]

    def target(self, contexts: np.ndarray) -> np.ndarray:
        """Target laws (B, V) after contexts (B, t)."""
        return self._stacked(contexts, 0)

    def draft(self, contexts: np.ndarray) -> np.ndarray:
        """Draft laws (B, V) after contexts (B, t)."""
        return self._stacked(contexts, 1)

    def _stacked(self, contexts: np.ndarray, which: int) -> np.ndarray:
        return np.array([self.laws(tuple(row))[which] for row in contexts.tolist()]).reshape(-1, self.vocab)


@dataclass(frozen=True)
class Drafted:
    """One draft with its chance, as a verifier sees it. target (n + 1, V), draft (n, V), tokens (n,)."""

    chance: float
    target: np.ndarray
    draft: np.ndarray
    tokens: tuple[int, ...]
    parent: Parent


@dataclass(frozen=True, eq=False)
class Case:
    """A round to be tried: one pair per request, the shape of the draft, the context before it.

    A shape of None drafts nothing: the verifier sees one row of the target. corner: errors are noted,
    and no fault, as nobody may ever ask for this.
    """

    name: str
    pairs: tuple[Pair, ...]
    shape: Shape | None
    context: Context = ()
    corner: bool = False

    @property
    def horizon(self) -> int:
        """The most tokens that a round of this shape emits."""
        return 1 if self.shape is None else height(self.shape) + 1

    @property
    def is_tree(self) -> bool:
        """Whether drafts branch."""
        return self.shape is not None and not is_chain(self.shape.parent)

    @cached_property
    def drafts(self) -> tuple[tuple[Drafted, ...], ...]:
        """Every draft of every request, with its chance."""
        return tuple(tuple(drafts_of(pair, self.shape, self.context)) for pair in self.pairs)

    def draws(self) -> Iterator[tuple[float, tuple[Drafted, ...]]]:
        """All drafts of the whole batch, with the chance of each."""
        for found in product(*self.drafts):
            yield prod(one.chance for one in found), found


def drafts_of(pair: Pair, shape: Shape | None, context: Context) -> Iterator[Drafted]:
    """Every draft of this shape after a context, with its chance."""
    before = np.array([context], dtype=int).reshape(1, -1)
    if shape is None:
        yield Drafted(1.0, pair.target(before), np.zeros((0, pair.vocab)), (), ())
        return
    chance, draft = grow(pair.draft, before, shape, every)
    target = score(pair.target, np.repeat(before, len(chance), axis=0), draft)
    yield from _listed(chance, target, draft)


def _listed(chance: np.ndarray, target: np.ndarray, draft: Draft) -> Iterator[Drafted]:
    for weight, rows, laws, tokens in zip(chance / chance.sum(), target, draft.laws, draft.tokens.tolist()):
        yield Drafted(float(weight), rows, laws, tuple(tokens), draft.parent)


def table_pair(vocab: int, seed: int, kinds: Sequence[str] = ("generic",)) -> Pair:
    """A pair that draws the laws of each context afresh, of kinds chosen at random (see KINDS_OF_ROWS)."""

    @lru_cache(None)
    def laws(context: Context) -> Rows:
        rng = np.random.default_rng([seed, len(context), *context])
        kind = kinds[int(rng.integers(len(kinds)))]
        return KINDS_OF_ROWS[kind](rng, vocab)

    return Pair(vocab, laws)
