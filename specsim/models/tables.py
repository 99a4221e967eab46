"""Laws that are written down: independent tokens, Markov chains, and tables of laws per context.

These are the models of theory and of counterexamples. Lists, float arrays and fractions are accepted, and
fractions stay exact:

>>> from fractions import Fraction as F
>>> chain = markov(initial=[F(1, 2), F(1, 2)], transitions=[[F(2, 3), F(1, 3)], [0, 1]])
>>> chain(np.array([[0], [1]]))
array([[Fraction(2, 3), Fraction(1, 3)],
       [Fraction(0, 1), Fraction(1, 1)]], dtype=object)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .checks import as_laws, check_context, check_ids


@dataclass(frozen=True, eq=False)
class Iid:
    """Every token has the same law, whatever came before. law: (V,). Made by `iid`."""

    law: np.ndarray
    order: int = 0
    homogeneous: bool = True

    @property
    def vocab_size(self) -> int:
        """Number of tokens V."""
        return len(self.law)

    def __call__(self, tokens: npt.ArrayLike) -> np.ndarray:
        """Laws (B, V) after tokens (B, t)."""
        context = check_context(tokens, self.vocab_size)
        return np.tile(self.law, (len(context), 1))


@dataclass(frozen=True, eq=False)
class Markov:
    """The law depends on the last token, and on the position if there is one matrix per position.

    initial: (V,); transitions: (V, V), or (T, V, V) for sequences of up to T + 1 tokens. Made by `markov`.
    """

    initial: np.ndarray
    transitions: np.ndarray
    order: int = 1

    @property
    def vocab_size(self) -> int:
        """Number of tokens V."""
        return len(self.initial)

    @property
    def homogeneous(self) -> bool:
        """Whether one matrix serves every position."""
        return self.transitions.ndim == 2

    def __call__(self, tokens: npt.ArrayLike) -> np.ndarray:
        """Laws (B, V) after tokens (B, t)."""
        context = check_context(tokens, self.vocab_size)
        length = context.shape[1]
        if length == 0:
            return np.tile(self.initial, (len(context), 1))
        return self._matrix(length - 1)[context[:, -1]]

    def _matrix(self, position: int) -> np.ndarray:
        if self.homogeneous:
            return self.transitions
        if position >= len(self.transitions):
            raise ValueError(
                f"this chain has matrices for sequences of up to {len(self.transitions) + 1} tokens, got a "
                f"context of {position + 1}; pass more matrices, or a single one for every position"
            )
        return self.transitions[position]


@dataclass(frozen=True, eq=False)
class Table:
    """A law for each listed context, and `default` for all others. Made by `table`."""

    laws: dict[tuple[int, ...], np.ndarray]
    default: np.ndarray | None
    order: None = None
    homogeneous: bool = False

    @property
    def vocab_size(self) -> int:
        """Number of tokens V."""
        return len(next(iter(self.laws.values())))

    def __call__(self, tokens: npt.ArrayLike) -> np.ndarray:
        """Laws (B, V) after tokens (B, t)."""
        context = check_context(tokens, self.vocab_size)
        return np.stack([self._law(tuple(row)) for row in context.tolist()])

    def _law(self, context: tuple[int, ...]) -> np.ndarray:
        law = self.laws.get(context, self.default)
        if law is None:
            raise ValueError(f"the table has no law for context {context}; list it or pass default=")
        return law


def iid(law: npt.ArrayLike) -> Iid:
    """The model in which every token has this law: law(x | context) = law(x).

    law: (V,). Raises ValueError unless it is finite, non-negative and sums to 1.

    >>> iid([0.5, 0.3, 0.2])(np.zeros((2, 0), int))
    array([[0.5, 0.3, 0.2],
           [0.5, 0.3, 0.2]])
    """
    return Iid(as_laws(law, 1, "law"))


def markov(initial: npt.ArrayLike, transitions: npt.ArrayLike) -> Markov:
    """The Markov chain law(x | ..., w) = transitions[w, x], begun with `initial`.

    initial: (V,) the law at the empty context. transitions: (V, V), or (T, V, V) with one matrix per
    position: transitions[i] leads from the token at index i to the one at index i + 1.
    Raises ValueError for rows that are no laws or for sizes that do not fit.

    >>> markov([1, 0], [[0.9, 0.1], [0.2, 0.8]])(np.array([[0, 1]]))
    array([[0.2, 0.8]])
    """
    first = as_laws(initial, 1, "initial law")
    matrices = as_laws(transitions, 3 if np.ndim(transitions) == 3 else 2, "transitions")
    if matrices.shape[-2:] != (len(first), len(first)):
        raise ValueError(
            f"an initial law over {len(first)} tokens needs transitions of shape "
            f"({len(first)}, {len(first)}) per position, got {matrices.shape}"
        )
    return Markov(first, matrices)


def table(laws: Mapping[tuple[int, ...], Any], default: npt.ArrayLike | None = None) -> Table:
    """A law for each listed context (a tuple of tokens), and `default`, if given, for all others.

    Raises ValueError for rows that are no laws or differ in length, and later for a context without a law.

    >>> model = table({(): [0.5, 0.5], (0,): [0.1, 0.9]}, default=[1, 0])
    >>> model(np.array([[0], [1]]))
    array([[0.1, 0.9],
           [1. , 0. ]])
    """
    if not laws:
        raise ValueError("a table needs a law for at least one context, got none; pass {(): law}")
    listed = {_context(key): as_laws(law, 1, f"law at {key}") for key, law in laws.items()}
    others = None if default is None else as_laws(default, 1, "default law")
    sizes = {len(law) for law in [*listed.values(), *([] if others is None else [others])]}
    if len(sizes) > 1:
        raise ValueError(f"all laws of a table must have one length, got {sorted(sizes)}")
    for context in listed:
        check_ids(context, sizes.copy().pop())
    return Table(listed, others)


def _context(key: Any) -> tuple[int, ...]:
    if not isinstance(key, tuple):
        raise ValueError(f"contexts are tuples of tokens such as () or (0, 1), got {key!r}")
    return key
