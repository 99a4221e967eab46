"""Small models for whole generators: every context has its own two laws, however long it is.

The laws come from a hash of the context, not from random numbers, which the engine decides inside a walk.

>>> pair = model_pair(3, seed=1)
>>> [row.round(2).tolist() for row in pair.laws((0, 2))]
[[0.27, 0.36, 0.36], [0.6, 0.35, 0.05]]
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from operator import index
from typing import Any

import numpy as np

from .cases import Context, Pair
from .gallery.contracts import asked as shaped
from .gallery.contracts import text_law
from .row_kinds import Rows

SHAPING = ("processor", "temperature", "top_k", "top_p")


def model_pair(vocab: int, seed: int, kinds: int = 29) -> Pair:
    """A pair over these tokens, its laws from a hash of the context; weights of few kinds make for ties."""

    @lru_cache(None)
    def laws(context: Context) -> Rows:
        target, draft = (_law(vocab, kinds, seed, which, context) for which in (0, 1))
        return target, draft

    return Pair(vocab, laws)


def _law(vocab: int, kinds: int, *seeds: Any) -> np.ndarray:
    digest = hashlib.blake2b(repr(seeds).encode(), digest_size=vocab).digest()
    weights = np.array([2 + byte % kinds for byte in digest], dtype=float)
    return weights / weights.sum()


@dataclass(frozen=True)
class Asked:
    """One request: the models, a prompt, how many new tokens, and options."""

    pair: Pair
    prompt: Context
    length: int
    options: Mapping[str, Any]

    def due(self) -> dict[Context, float]:
        """The law that its text has to have."""
        shape = {name: self.options[name] for name in SHAPING if name in self.options}
        target = shaped(lambda context: self.pair.laws(context)[0], **shape)
        return text_law(target, self.prompt, self.length, self.options.get("eos"))

    def table(self, which: int) -> list[Any]:
        """The laws of the target (0) or the draft (1) after the prompt and up to one token more."""
        contexts = [(), *((token,) for token in range(self.pair.vocab))]
        return [
            [list(context), self.pair.laws((*self.prompt, *context))[which].tolist()] for context in contexts
        ]


class Model:
    """A model as foreign code calls it: a context in any form, one or a batch of them. It remembers what it
    was asked, and hands out fresh rows of the form that it is asked in."""

    def __init__(self, row: Callable[[Context], np.ndarray], contexts: list[Context], array: str) -> None:
        self.row, self.contexts, self.array = row, contexts, array

    def __call__(self, context: Any, *_: Any, **__: Any) -> Any:
        """The law (V,) of the next token; (B, V) for a batch of contexts."""
        if hasattr(context, "tolist"):
            context = context.tolist()
        rows = context and isinstance(context[0], list | tuple)
        asked = [tuple(map(index, one)) for one in (context if rows else [context])]
        self.contexts += asked
        laws = np.array([self.row(one) for one in asked])
        return _as(laws if rows else laws[0], self.array)


def _as(rows: np.ndarray, array: str) -> Any:
    from .supply import as_array

    return as_array(rows, array)


def all_contexts(vocab: int, longest: int) -> list[Context]:
    """All contexts up to a length."""
    return [text for size in range(longest + 1) for text in product(range(vocab), repeat=size)]
