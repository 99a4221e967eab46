"""The array words of the core: one source for NumPy, torch, exact fractions and symbols.

Fractions and sympy expressions travel in NumPy arrays of dtype object. Every helper keeps the kind of
array that it is given; none of them looks at a value on the host, so that all of them can be compiled.

>>> import numpy as np
>>> from fractions import Fraction as F
>>> positive(np.array([F(1, 2), F(-1, 3)]))
array([Fraction(1, 2), Fraction(0, 1)], dtype=object)
"""

from collections.abc import Sequence
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
from array_api_compat import array_namespace, is_torch_array

Array = Any
"""A NumPy array (floats, or objects such as Fraction) or a torch tensor."""


_NAMESPACES: dict[type, ModuleType] = {}


def namespace(like: Array) -> ModuleType:
    """The array namespace of this array."""
    found = _NAMESPACES.get(type(like))
    if found is None:
        found = _NAMESPACES[type(like)] = array_namespace(like)
    return found


def describe(x: Any) -> str:
    """Shape and dtype of an array, the type of anything else: for messages."""
    return f"{tuple(x.shape)} of {x.dtype}" if hasattr(x, "dtype") else type(x).__name__


def is_exact(x: Array) -> bool:
    """Whether the entries are Python objects (Fraction, int, sympy) instead of machine numbers."""
    return isinstance(x, np.ndarray) and x.dtype == object


def _smaller(a: Any, b: Any) -> Any:
    try:
        return min(a, b)
    except TypeError:  # symbols whose order is open
        import sympy

        return sympy.Min(a, b)


def _clipped(a: Any) -> Any:
    try:
        return a if a > 0 else 0 * a
    except TypeError:
        import sympy

        return sympy.Max(a, 0)


def _quotient(a: Any, b: Any, otherwise: Any) -> Any:
    if getattr(b, "is_zero", False) is None:  # a symbol that may be 0
        import sympy

        return sympy.Piecewise((otherwise, sympy.Eq(b, 0)), (a / b, True))
    return otherwise if b == 0 else a / b


def minimum(a: Array, b: Array) -> Array:
    """Elementwise min(a, b); b may be a number."""
    if is_exact(a) or (hasattr(b, "dtype") and is_exact(b)):
        return np.frompyfunc(_smaller, 2, 1)(a, b)
    xp = namespace(a)
    return xp.minimum(a, b) if hasattr(b, "dtype") else xp.clip(a, max=b)


def positive(x: Array) -> Array:
    """Elementwise max(x, 0)."""
    if is_exact(x):
        return np.frompyfunc(_clipped, 1, 1)(x)
    return namespace(x).clip(x, min=0)


def ratio(a: Array, b: Array, otherwise: Any) -> Array:
    """Elementwise a / b, and `otherwise` where b is 0."""
    if is_exact(b):
        return np.frompyfunc(_quotient, 3, 1)(a, b, otherwise)
    xp = namespace(b)
    empty = b == 0
    return xp.where(empty, otherwise, a / xp.where(empty, 1, b))


def zeros(x: Array) -> Array:
    """1 where x is 0 and 0 elsewhere, in numbers of the kind of x."""
    if is_exact(x):
        return ratio(0 * x, x, 1)
    return namespace(x).astype(x == 0, x.dtype)


def total(x: Array) -> Array:
    """Sum over the last axis, which stays as an axis of length 1."""
    return namespace(x).sum(x, axis=-1, keepdims=True)


def normalised(weights: Array, otherwise: Array) -> Array:
    """weights / sum of weights along the last axis, and `otherwise` where that sum is 0."""
    return ratio(weights, total(weights), otherwise)


def at(x: Array, tokens: Array) -> Array:
    """x[..., tokens]: the entry of each row that its token names. x (..., V), tokens (...)."""
    if is_torch_array(x):  # take_along_axis of the array namespace looks for negative indices first
        return x.gather(-1, tokens[..., None])[..., 0]
    return namespace(x).take_along_axis(x, tokens[..., None], axis=-1)[..., 0]


def rows(x: Array, index: Array) -> Array:
    """The rows x[b, index[b, i]] of each batch entry. x (B, n, ...), index (B, m); returns (B, m, ...)."""
    return x[namespace(x).arange(x.shape[0], **_device(x))[:, None], index]


def one_hot(tokens: Array, like: Array) -> Array:
    """Rows with 1 at each token and 0 elsewhere. tokens (...); returns (..., V) of the kind of `like`."""
    xp = namespace(like)
    hot = tokens[..., None] == xp.arange(like.shape[-1], **_device(like))
    zero = 0 * like[..., :1]  # of the kind of `like`: an int among fractions would make floats on division
    return xp.where(hot, 1 + zero, zero)


def invert(weights: Array, uniforms: Array) -> Array:
    """The index that each uniform selects: the first whose cumulative weight exceeds u times the total.

    weights (..., V), not necessarily normalised; uniforms (...) in [0, 1). An index of weight 0 is never
    returned, not even for u = 0 or where rounding leaves the total short of 1. Sums are in float64.
    """
    xp = namespace(weights)
    if is_exact(weights):
        uniforms = np.asarray(np.frompyfunc(Fraction, 1, 1)(uniforms))  # of one uniform it is no array
        running = np.cumsum(weights, axis=-1)
    else:
        running = xp.cumulative_sum(weights, axis=-1, dtype=xp.float64)
    level = _below(running[..., -1:], uniforms[..., None])
    if is_torch_array(running):
        return xp.searchsorted(running, level, side="right")[..., 0]
    return np.count_nonzero(running <= level, axis=-1)


def _below(whole: Array, uniforms: Array) -> Array:
    """uniforms * whole, kept from being rounded up to the whole, where no index would be left."""
    level = uniforms * whole
    if is_exact(whole):
        return level
    xp = namespace(whole)
    return xp.minimum(level, xp.nextafter(whole, xp.zeros_like(whole)))


def _device(x: Array) -> dict[str, Any]:
    return {"device": x.device} if is_torch_array(x) else {}


def like_indices(values: Sequence[int], like: Array) -> Array:
    """These integers as an array of the kind and on the device of `like`."""
    xp = namespace(like)
    return xp.asarray(list(values), dtype=xp.int64, **_device(like))
