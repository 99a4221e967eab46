"""Drafts by a model with other tokens: what it would write, told in the target's tokens.

The model goes on with the text in its own tokens, as it pleases; what it wrote is decoded and encoded with
the target's tokenizer, and these tokens are the draft. It may say things for which the two have no token in
common (`specsim.models.vocabularies.token_level` cannot); the price is that nobody knows with which chance a
token of the target came out. So the tokens count as chosen, with one-hot laws, and any exact rule keeps the
output exact: the choice looks at the text alone, never at the uniforms of the verification. As a chosen token
is kept with the target's own chance of it, the model chooses what it finds likeliest.

Only the draft is encoded. Ids that the text has stay as they are, also where the tokenizer would write the
whole text differently.

Timor et al. 2025 (2502.05202), string-level exact match.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

import numpy as np

from ..core.arrays import Array, namespace, one_hot
from ..core.draft import Draft, Shape, is_chain
from ..models.sessions import session
from ..models.vocabularies.following import Following, draft_room
from ..models.vocabularies.retelling import decoded, encoded, retelling
from ..shapes import shape_name
from .drafter import Opening
from .text import Text

TAIL = 32
"""How many of the last tokens of a text are encoded again to see how a draft behind them is written."""


@dataclass(frozen=True, eq=False)
class StringMatch:
    """A `Source`: a model with a tokenizer of its own; made by `string_match`."""

    model: Any

    def models(self, target: Any) -> tuple[()]:
        """None over the target's tokens."""
        return ()

    def drafter(self, opening: Opening) -> "StringDrafter":
        """A drafter with a session of the model; ValueError for shapes but chains, and without tokenizers."""
        shape = opening.shape
        if not is_chain(shape.parent):
            raise ValueError(f"a string-level draft is a chain such as chain:5, got {shape_name(shape)}")
        if getattr(opening.target, "tokenizer", None) is None:
            raise ValueError("a draft is matched by text, so the target needs a tokenizer, and it has none")
        return StringDrafter(self.model, opening)


def string_match(model: Any) -> StringMatch:
    """Drafting for `generate` by a model with any tokenizer: its likeliest text, in the target's tokens.

    Raises ValueError for a model without a tokenizer.

    >>> from specsim.decode import generate
    >>> from specsim.models import load_pair
    >>> pair = load_pair("builtin")
    >>> settings = {"max_new_tokens": 12, "temperature": 0}
    >>> made = generate(pair.target, string_match(pair.draft), "The function returns", gamma=3, **settings)
    >>> made.text == generate(pair.target, pair.draft, "The function returns", **settings).text
    True

    Timor et al. 2025 (2502.05202), string-level exact match.
    """
    if getattr(model, "tokenizer", None) is None:
        kind = type(model).__name__
        raise ValueError(f"a draft is matched by text, so it needs a tokenizer, and {kind} has none")
    return StringMatch(model)


class StringDrafter:
    """A `Drafter` that lets a model write in its own tokens."""

    each = 1

    def __init__(self, model: Any, opening: Opening) -> None:
        self._told, self._own = opening.target.tokenizer, model.tokenizer
        self._special = frozenset(self._own.all_special_ids)
        self._place = opening.place
        self._like = opening.place(np.zeros(opening.target.vocab_size, np.float32))
        self._reader = session(model, None, opening.batch)
        retell = retelling(self._told, self._own)
        window = getattr(model, "max_length", None)
        self._deepest = draft_room(window)
        self._following = Following(self._reader, retell, window, opening.batch)
        self._drafts: list[list[int]] = []

    def most(self, texts: Sequence[Text], wanted: Sequence[int]) -> list[int]:
        """As many tokens as what the model writes has for the target; it writes now, no more than wanted."""
        counts = [min(count, self._deepest) for count in wanted]
        told = self._write(texts, counts) if any(counts) else [([], [])] * len(texts)
        drafts = [self._retold(text.ids, *own) for text, own in zip(texts, told)]
        self._drafts = [draft[:count] for draft, count in zip(drafts, wanted)]
        return [*map(len, self._drafts)]

    def propose(
        self, texts: Sequence[Text], shape: Shape, there: np.ndarray | None, uniforms: Array
    ) -> Draft:
        """What was written, with one-hot laws."""
        size = len(shape.parent)
        tokens = self._place(np.array([[*own, *[0] * size][:size] for own in self._drafts], np.int64))
        return Draft(tokens, one_hot(tokens, like=self._like), shape.parent)

    def settle(self, chosen: Sequence[Sequence[int]]) -> None:
        """The next text says what was kept."""

    def select(self, rows: Sequence[int]) -> None:
        """Go on with these texts only."""
        self._reader.select(rows)
        self._following.select(rows)

    def rewind(self, lengths: Sequence[int]) -> None:
        """The next text says what was forgotten."""

    def _write(self, texts: Sequence[Text], wanted: Sequence[int]) -> list[tuple[list[int], list[int]]]:
        """The end of what the model has read of each text, and so many of its likeliest tokens behind it."""
        tokens, present = self._following.turn([text.ids for text in texts], [True] * len(texts))
        ends = [read[-TAIL:] for read in self._following.read]
        written = [_likeliest(self._reader.extend(self._place(tokens), keep=1, present=present))]
        while len(written) < max(wanted):
            written.append(_likeliest(self._reader.extend(written[-1], keep=1)))
        rows = namespace(written[0]).concat(written, axis=1).tolist()
        for read, row in zip(self._following.read, rows):
            read += row[:-1]
        return [
            (end, [*takewhile(self._is_text, row[:count])]) for end, row, count in zip(ends, rows, wanted)
        ]

    def _is_text(self, token: int) -> bool:
        return token not in self._special

    def _retold(self, ids: Sequence[int], end: list[int], written: list[int]) -> list[int]:
        """What was written behind this end, as tokens of the target behind these ids."""
        before, after = decoded(self._own, end), decoded(self._own, end + written)
        more = after[len(before) :] if after.startswith(before) else ""
        text = decoded(self._told, ids[-TAIL:])
        known, whole = encoded(self._told, text), encoded(self._told, text + more)
        joined = whole[: len(known)] == known
        return whole[len(known) :] if joined else encoded(self._told, more)


def _likeliest(laws: Array) -> Array:
    """The likeliest tokens (B, 1) by laws (B, 1, V)."""
    return namespace(laws).argmax(laws, axis=-1)
