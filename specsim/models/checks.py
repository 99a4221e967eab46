"""What enters a model is checked once, here: contexts, ids, and laws given as lists, arrays or fractions."""

from collections.abc import Sequence
from fractions import Fraction
from numbers import Rational
from typing import Any

import numpy as np
import numpy.typing as npt

from specsim.core.checks import check_laws, check_tokens


def check_context(tokens: npt.ArrayLike, vocab_size: int) -> np.ndarray:
    """Integer tokens (B, t) as an array; ValueError for another shape, other numbers, ids out of range."""
    context = np.asarray(tokens)
    if context.ndim != 2:
        raise ValueError(
            f"a model takes tokens of shape (B, t), one row per context, got shape {context.shape}; "
            "for a single context pass [[...]], for the empty one np.zeros((1, 0), int)"
        )
    check_tokens(context, vocab_size)
    return context.astype(np.int64, copy=False)


def check_ids(sequence: Sequence[int], vocab_size: int) -> np.ndarray:
    """One sequence of ids as an int64 array; ValueError unless it is one, within the vocabulary."""
    ids = np.asarray(sequence)
    if ids.ndim != 1:
        raise ValueError(
            f"each sequence must be one row of token ids, got shape {ids.shape}; "
            "pass a list of sequences, for a single one [tokens]"
        )
    if ids.size:
        check_tokens(ids, vocab_size)
    return ids.astype(np.int64)


def as_laws(values: Any, axes: int, name: str) -> np.ndarray:
    """Laws as an array with `axes` axes: fractions kept exact, everything else in floating point.

    Raises ValueError unless the last axis holds laws: finite, non-negative, with sum 1 (within 1e-9, for
    fractions exactly).
    """
    laws = np.asarray(values)
    if laws.dtype == object:
        laws = _exact(laws, name)
    elif laws.dtype.kind != "f":
        laws = _floats(laws, name)
    if laws.ndim != axes or 0 in laws.shape:
        raise ValueError(
            f"{name} must have {axes} non-empty axes, the last over tokens, got shape {laws.shape}"
        )
    check_laws(np.atleast_2d(laws), name)
    return laws


def _floats(values: np.ndarray, name: str) -> np.ndarray:
    if values.dtype.kind not in "iu":
        raise ValueError(f"{name} must hold numbers, got {values.dtype}")
    return values.astype(float)


def _exact(values: np.ndarray, name: str) -> np.ndarray:
    wrong = [entry for entry in values.flat if not isinstance(entry, Rational)]
    if wrong:
        raise ValueError(
            f"{name} must hold fractions only or floats only, in rows of equal length, got {wrong[0]!r}"
        )
    return np.frompyfunc(Fraction, 1, 1)(values)
