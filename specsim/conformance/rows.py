"""What enters a sampling test: ids and laws, from NumPy, torch or lists, checked once and in float64."""

from typing import Any

import numpy as np

from specsim.core.checks import check_laws


def plain(values: Any) -> np.ndarray:
    """An array in host memory; tensors are copied there."""
    if hasattr(values, "detach"):
        values = values.detach().cpu()
        values = (values.float() if "bfloat16" in str(values.dtype) else values).numpy()
    return np.asarray(values)


def emitted(tokens: Any) -> np.ndarray:
    """Token ids (n,), the padding from the first negative one on removed. ValueError for what is none.

    >>> emitted([3, 1, -1, -1])
    array([3, 1])
    """
    ids = plain(tokens)
    if ids.size == 0:
        return np.zeros(0, np.int64)
    if ids.ndim != 1 or ids.dtype.kind not in "iu":
        raise ValueError(f"tokens must be one row of integer ids, got {ids.dtype} of shape {ids.shape}")
    ends = np.flatnonzero(ids < 0)
    return ids[: ends[0] if len(ends) else None].astype(np.int64)


def laws(values: Any, name: str, vocabulary: int | None = None) -> np.ndarray:
    """Laws (n, V) in float64 with sum 1. ValueError for what is none, or over another vocabulary.

    >>> laws([[1, 3]], "target rows")
    Traceback (most recent call last):
    ValueError: target rows at 0 sums to 4.0, expected 1; pass probabilities, not logits (softmax them first)
    """
    rows = plain(values)
    if rows.dtype.kind != "f":
        rows = rows.astype(float)
    if rows.ndim != 2:
        raise ValueError(f"{name} must have shape (n, V), one law per position, got {rows.shape}")
    if vocabulary is not None and rows.size and rows.shape[1] != vocabulary:
        raise ValueError(
            f"{name} must be laws over the target's {vocabulary} tokens, got {rows.shape[1]}; "
            "map both to one vocabulary"
        )
    if rows.size:
        check_laws(rows, name)
    rows = rows.astype(float)
    return rows / rows.sum(-1, keepdims=True) if rows.size else rows
