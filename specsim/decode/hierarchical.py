"""A draft whose own tokens are decoded speculatively.

A draft that is worth having may still be dear. So let a cheaper one draft for it: before the target sees
anything, the draft verifies tokens of the inner draft, round after round, until it has the gamma tokens that
the target is to verify. The inner draft may again be hierarchical, a look-up, n-grams, any draft.

    target   verifies gamma tokens of
    draft    which verifies, as often as it takes, at most gamma' tokens of
    inner

What the target needs is that each drafted token x_i has the draft's law after x_1 ... x_(i-1), and to know
that law. Inner verification is exact, so a text that it writes has the draft's own law, the product of these,
however many rounds that takes; of a text with this law the first gamma tokens have it too, where gamma does
not depend on them. And the draft has looked at each of these laws when it verified. Inner rounds end with the
gamma-th token: they draft no more than the rest has room for, so nothing is left over.

>>> from specsim.decode import generate
>>> from specsim.models import iid
>>> draft = hierarchical(iid([0.3, 0.4, 0.3]), iid([0.2, 0.5, 0.3]), gamma=2)
>>> made = generate(iid([0.5, 0.3, 0.2]), draft, [0], gamma=4, max_new_tokens=12, rng=1)
>>> len(made.tokens), [one.drafted for one in made.rounds][:2]
(12, [4, 4])

Spector and Re 2023 (2308.04623), staged speculative decoding; Sun et al. 2024 (2404.11912), TriForce. What it
yields: `specsim.theory.hierarchical_improvement`.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from array_api_compat import is_torch_array

from ..core import rules
from ..core.arrays import Array, namespace
from ..core.draft import Draft, Shape, chain, is_chain
from ..models.vocabularies import fitted
from ..shapes import shape_name
from .drafter import Opening, Source
from .lengths import Lengths, Pace, constant
from .model_drafter import as_source, no_draft, shorten
from .rounds import Decoder, play_round
from .text import Text

RULES = ("token", "block")


@dataclass(frozen=True, eq=False)
class Hierarchical:
    """A `Source`: a model, and what drafts for it; made by `hierarchical`."""

    draft: Any
    inner: Source
    lengths: Lengths
    rule: rules.Rule

    def models(self, target: Any) -> tuple[Any, ...]:
        """The draft and the models of the inner draft, made to read the target's tokens."""
        return (fitted(self.draft, target), *self.inner.models(target))

    def drafter(self, opening: Opening) -> "HierarchicalDrafter":
        """A drafter with a session of the draft, and an inner drafter; ValueError for shapes but chains."""
        if not is_chain(opening.shape.parent):
            raise ValueError(
                f"a hierarchical draft is a chain such as chain:5, got {shape_name(opening.shape)}"
            )
        draft, shape = fitted(self.draft, opening.target), Shape(chain(self.lengths.most))
        inner = self.inner.drafter(replace(opening, shape=shape))
        looks, place = self.lengths.looks, opening.place
        decoder = Decoder(opening.session(draft), inner, shape, place, looks, False, False)
        verify = self.rule.kernel if hasattr(draft, "session") else self.rule
        paces = [self.lengths.pace() for _ in range(opening.batch)]
        return HierarchicalDrafter(draft, decoder, paces, verify)


def hierarchical(draft: Any, inner: Any, gamma: int | Lengths = 4, rule: str = "token") -> Hierarchical:
    """A draft for `generate`: a model whose tokens are decoded speculatively, with `inner` as its draft.

    draft: a model over the target's tokens. inner: what `generate` would take as draft for it: a model, a
        look-up, another hierarchical draft.
    gamma: tokens of the inner draft per inner round, or a policy of `specsim.decode.lengths`.
    rule: how the draft verifies them, "token" or "block".
    A round of `generate` has for each drafted token the uniforms of one inner round: gamma * each + 2, gamma
    being the most tokens of an inner round and `each` how many the inner draft uses per token (a model 1).
    The i-th inner round takes the i-th of these rows; as each yields a token, there are always enough.
    Raises ValueError for other rules, and unless gamma is at least 1 or a policy.

    >>> hierarchical(None, None, gamma=2, rule="greedy")
    Traceback (most recent call last):
    ...
    ValueError: an inner draft is verified by token or block, got 'greedy'
    """
    if rule not in RULES:
        raise ValueError(f"an inner draft is verified by {' or '.join(RULES)}, got {rule!r}")
    lengths = gamma if isinstance(gamma, Lengths) else constant(gamma)
    return Hierarchical(draft, as_source(inner), lengths, rules.get(rule))


class HierarchicalDrafter:
    """A `Drafter` that lets each text go on by inner rounds, as if the draft were the target."""

    def __init__(self, model: Any, decoder: Decoder, paces: Sequence[Pace], verify: rules.Verify) -> None:
        self._window: int = getattr(model, "max_length", None) or sys.maxsize
        self._vocabulary: int = model.vocab_size
        self._decoder, self._paces, self._verify = decoder, list(paces), verify
        self._lengths: list[int] = []

    @property
    def each(self) -> int:
        """One row for an inner round."""
        return len(self._decoder.shape.parent) * self._decoder.drafter.each + 2

    def most(self, texts: Sequence[Text], wanted: Sequence[int]) -> list[int]:
        """How deep it can draft without reading beyond the draft's window."""
        return [max(0, self._window + 1 - text.length) for text in texts]

    def propose(
        self, texts: Sequence[Text], shape: Shape, there: np.ndarray | None, uniforms: Array
    ) -> Draft:
        """The next tokens of each text as the draft would write them, with the laws that it wrote them by."""
        size = len(shape.parent)
        self._lengths = [text.length for text in texts]
        if size == 0:
            return no_draft(len(texts), self._vocabulary, self._decoder.place)
        counts = [size] * len(texts) if there is None else there.sum(axis=1).tolist()
        written = [Text(text.ids, text.length + count, "length", ()) for text, count in zip(texts, counts)]
        found = self._write(written, _on_host(uniforms)[:, : size * self.each])
        xp = namespace(found[0][0])
        tokens = np.array([text.added + [0] * (size - count) for text, count in zip(written, counts)])
        laws = xp.stack([xp.concat(rows) for rows in found])
        return Draft(self._decoder.place(tokens), laws, shape.parent)

    def _write(self, texts: Sequence[Text], uniforms: np.ndarray) -> list[list[Array]]:
        """Fill the room of these texts; return for each the laws (n, V) of its tokens, filled up behind."""
        found: list[list[Array]] = [[] for _ in texts]
        size = uniforms.shape[1] // self.each
        for block in np.split(uniforms, size, axis=1):
            begun = [text.length for text in texts]
            laws = play_round(self._decoder, texts, self._paces, block, self._verify)
            for rows, row, text, length in zip(found, laws, texts, begun):
                rows.append(row[: text.length - length])
            if not any(text.room for text in texts):
                break
        return [[*rows, *[laws[0, :1]] * (size - len(text.added))] for rows, text in zip(found, texts)]

    def settle(self, chosen: Sequence[Sequence[int]]) -> None:
        """Of what was proposed, so many tokens of each text were kept; forget the others."""
        self.rewind([length + len(path) for length, path in zip(self._lengths, chosen)])

    def select(self, rows: Sequence[int]) -> None:
        """Go on with these texts only."""
        self._decoder.select(rows)
        self._paces = [self._paces[row] for row in rows]

    def rewind(self, lengths: Sequence[int]) -> None:
        """Forget of each text what comes after its first so many tokens."""
        shorten(self._decoder.reader, lengths)
        self._decoder.drafter.rewind(lengths)


def _on_host(uniforms: Array) -> np.ndarray:
    return uniforms.cpu().numpy() if is_torch_array(uniforms) else uniforms
