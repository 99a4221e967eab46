"""The session of a model over the target's tokens that reads other ones.

It is given tokens of the target, hands their retelling on to a session of the model, and brings logits back
to the target's numbers. Text is told as a whole, a tree behind it token for token.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ...core.arrays import Array, namespace
from ...core.draft import Parent
from ..plain_session import Warp
from ..sessions import session
from .following import Following
from .retelling import Retell


@dataclass(frozen=True, eq=False)
class Translation:
    """Between the target's tokens and those of a model.

    vocab_size: how many tokens the target has. ids, own_ids: (K,) the common tokens, in the target's numbers
    and in the model's. retell: how the model reads a text; None: token for token.
    """

    vocab_size: int
    ids: np.ndarray
    own_ids: np.ndarray
    retell: Retell | None

    @cached_property
    def numbers(self) -> np.ndarray:
        """The model's number of each token of the target; of one that is not common, that of some other."""
        own = np.full(self.vocab_size, self.own_ids[0])
        own[self.ids] = self.own_ids
        return own

    def one_for_one(self, ids: Sequence[int]) -> list[int]:
        """The model's number of each of these tokens of the target."""
        return self.numbers[list(ids)].tolist()

    def beside(self, like: Array) -> "Tables":
        """The numbers, and both lists of common tokens, where this array is."""
        return Tables(*(_beside(like, values) for values in (self.numbers, self.ids, self.own_ids)))


@dataclass(frozen=True, eq=False)
class Tables:
    """A translation in arrays of the kind that a session reads."""

    numbers: Array
    ids: Array
    own_ids: Array

    def over_targets(self, logits: Array) -> Array:
        """Logits (..., V) over the target's tokens, of logits over the model's; -inf for those not common.

        Where the model excludes all common tokens, these are equally likely.
        """
        xp = namespace(logits)
        common = logits[..., self.own_ids]
        possible = xp.max(common, axis=-1, keepdims=True) > -np.inf
        shape = (*logits.shape[:-1], len(self.numbers))
        found = xp.full(shape, -np.inf, dtype=logits.dtype, device=logits.device)
        found[..., self.ids] = xp.where(possible, common, xp.zeros_like(common))
        return found


class TokenLevelSession:
    """A `Session` over the target's tokens."""

    def __init__(self, model: Any, translation: Translation, warp: Warp, batch: int) -> None:
        self._translation, self._warp = translation, warp
        self._reader = session(model, _unchanged, batch)
        retell, window = translation.retell or translation.one_for_one, getattr(model, "max_length", None)
        self._following = Following(self._reader, retell, window, batch)
        self._texts: list[list[int]] = [[] for _ in range(batch)]
        self._tree: list[Array] = []
        self._tables: Tables | None = None

    @property
    def length(self) -> int:
        """How many tokens the longest text has."""
        return max(self.lengths)

    @property
    def lengths(self) -> list[int]:
        """How many tokens each row's text has."""
        return [len(text) for text in self._texts]

    def extend(
        self, tokens: Any, keep: int | None = None, parent: Parent = (), present: np.ndarray | None = None
    ) -> Any:
        """Read tokens (B, m); return the laws after the last `keep` (by default all) of them."""
        size, text = tokens.shape[1], tokens.shape[1] - len(parent)
        keep = size if keep is None else keep
        there = np.ones(tuple(tokens.shape), bool) if present is None else present
        if (before := keep - len(parent) - 1) > 0:
            return self._step_by_step(tokens, [*range(text - before, text), size], parent, there)
        told, read = self._tell(tokens[:, :text], there[:, :text])
        tables = self._tables = self._tables or self._translation.beside(tokens)
        nodes = tokens[:, text:]
        self._tree.append(nodes)
        block = namespace(tokens).concat([_beside(tokens, told), tables.numbers[nodes]], axis=1)
        if read is not None or not there[:, text:].all():
            ends = np.ones(told.shape, bool) if read is None else read
            read = np.concatenate([ends, there[:, text:]], axis=1)
        return self._warp(tables.over_targets(self._reader.extend(block, keep, parent, read)))

    def settle(self, chosen: Sequence[Sequence[int]]) -> None:
        """Let the nodes on one path of each row join its text; forget the rest of the tree."""
        self._reader.settle(chosen)
        if any(map(len, chosen)):
            nodes = namespace(self._tree[0]).concat(self._tree, axis=1).tolist()
            for text, read, row, path in zip(self._texts, self._following.read, nodes, chosen):
                kept = [row[node - 1] for node in path]
                text += kept
                read += self._translation.one_for_one(kept)
        self._tree = []

    def rewind(self, length: int | Sequence[int]) -> None:
        """Forget the tree, and every text after its first `length` tokens, or each after its own number."""
        each = [length] * len(self._texts) if isinstance(length, int) else length
        self._texts = [text[:own] for text, own in zip(self._texts, each)]
        self._reader.rewind(self._reader.lengths)
        self._tree = []

    def select(self, rows: Sequence[int]) -> None:
        """Go on with these rows only; forget the tree."""
        self._reader.select(rows)
        self._following.select(rows)
        self._texts, self._tree = [self._texts[row] for row in rows], []

    def _step_by_step(self, tokens: Any, ends: list[int], parent: Parent, there: np.ndarray) -> Any:
        """Each text is told as a whole, so laws within it come one by one: at these ends of what is read."""
        laws = [
            self.extend(
                tokens[:, start:end],
                1 + len(parent) if end == ends[-1] else 1,
                parent if end == ends[-1] else (),
                there[:, start:end],
            )
            for start, end in zip([0, *ends], ends)
        ]
        return namespace(laws[0]).concat(laws, axis=1)

    def _tell(self, tokens: Any, there: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Let tokens (B, m) join the texts; what the model is to read of them, and what of it is there."""
        if tokens.shape[1] == 0:
            return np.zeros(tuple(tokens.shape), np.int64), None
        for text, ids, here in zip(self._texts, tokens.tolist(), there):
            text += [token for token, is_here in zip(ids, here) if is_here]
        return self._following.turn(self._texts, [bool(row.any()) for row in there])


def softmax(logits: Array) -> Array:
    """The law proportional to exp(logits)."""
    xp = namespace(logits)
    weights = xp.exp(logits - xp.max(logits, axis=-1, keepdims=True))
    return weights / xp.sum(weights, axis=-1, keepdims=True)


def _beside(like: Array, values: Any) -> Array:
    """These values as an array of the same kind, on the same device."""
    return namespace(like).asarray(values, device=like.device)


def _unchanged(logits: Any) -> Any:
    return logits
