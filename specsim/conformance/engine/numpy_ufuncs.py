"""NumPy's elementwise functions of drawn numbers: comparisons, arithmetic, rounding."""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from . import arithmetic
from .numpy_arrays import UniformArray, bare, elementwise, wrapped
from .uniforms import Uniform
from .walk import the_walk

_COMPARE: dict[Any, Callable[[Any, Any], Any]] = {
    np.less: arithmetic.lt,
    np.less_equal: arithmetic.le,
    np.greater: arithmetic.gt,
    np.greater_equal: arithmetic.ge,
    np.equal: arithmetic.eq,
    np.not_equal: arithmetic.ne,
}
_MIRROR: dict[Any, Callable[[Any, Any], Any]] = {
    arithmetic.lt: arithmetic.gt,
    arithmetic.le: arithmetic.ge,
    arithmetic.gt: arithmetic.lt,
    arithmetic.ge: arithmetic.le,
}
_OPERATE: dict[Any, Callable[..., Any]] = {
    np.add: arithmetic.add,
    np.subtract: arithmetic.sub,
    np.multiply: arithmetic.mul,
    np.true_divide: arithmetic.truediv,
    np.power: arithmetic.power,
    np.negative: operator.neg,
    np.positive: operator.pos,
    np.absolute: operator.abs,
    np.remainder: operator.mod,
    np.floor_divide: operator.floordiv,
    np.log: lambda x: x.log(),
    np.log1p: lambda x: x.log1p(),
    np.exp: lambda x: x.exp(),
    np.minimum: lambda a, b: _clip(a, b, np.minimum),
    np.maximum: lambda a, b: _clip(a, b, np.maximum),
    np.floor: lambda x: x.asked(np.floor),
    np.ceil: lambda x: x.asked(np.ceil),
    np.trunc: lambda x: x.asked(np.trunc),
    np.rint: lambda x: x.asked(np.rint),
    np.sign: lambda x: x.asked(np.sign),
    np.isnan: lambda x: x.asked(np.isnan),
    np.isfinite: lambda x: x.asked(np.isfinite),
    np.isinf: lambda x: x.asked(np.isinf),
    np.logical_not: lambda x: not x,
    np.square: lambda x: x * x,
    **{f: (lambda x, f=f: x.rising(f)) for f in (np.sqrt, np.log2, np.log10, np.exp2, np.expm1, np.cbrt)},
}


def _clip(a: Any, b: Any, function: Callable[..., Any]) -> Any:
    drawn, bound = (a, b) if isinstance(a, Uniform) else (b, a)
    if isinstance(bound, Uniform):
        raise drawn.refuse("the smaller or larger of two drawn numbers cannot be followed")
    low, high = (bound, None) if function is np.maximum else (None, bound)
    return drawn.clipped(low, high, lambda value: function(value, bound))


def compared(left: Any, right: Any, compare: Callable[[Any, Any], Any]) -> Any:
    """Element by element; a single drawn number against many plain ones forks once."""
    if isinstance(left, Uniform) and isinstance(right, np.ndarray) and right.dtype != object:
        return np.array(left.asked(lambda value: _Row(compare(value, right))).row)
    return elementwise(compare, left, right).astype(bool)


class _Row:
    """A row of booleans that compares as one thing."""

    def __init__(self, row: np.ndarray) -> None:
        self.row, self.key = row, row.tobytes()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Row) and self.key == other.key

    __hash__ = None  # type: ignore[assignment]


def ufunc_of_drawn(ufunc: Any, method: str, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What NumPy's elementwise functions give on drawn numbers."""
    out = kwargs.pop("out", None)
    if out is not None and not kwargs and isinstance(out[0], UniformArray):
        bare(out[0])[...] = ufunc_of_drawn(ufunc, method, inputs, {})
        return out[0]
    if method != "__call__" or kwargs or out is not None:
        raise the_walk().refuse(
            f"the engine does not follow np.{ufunc.__name__}.{method} with {sorted(kwargs)} on drawn numbers"
        )
    if ufunc in _COMPARE:
        left, right = inputs
        compare = _COMPARE[ufunc]
        if isinstance(right, Uniform) and isinstance(left, np.ndarray) and left.ndim and compare in _MIRROR:
            return compared(right, left, _MIRROR[compare])
        result = compared(left, right, compare)
        return result if np.ndim(result) else np.bool_(result)
    if ufunc not in _OPERATE:
        raise the_walk().refuse(f"the engine does not follow np.{ufunc.__name__} on drawn numbers")
    with np.errstate(all="ignore"):
        result = elementwise(_on_cells(ufunc), *inputs)
    if not any(isinstance(item, Uniform) for item in result.reshape(-1)):
        result = np.array(result.tolist())
        return result if result.ndim else result[()]
    return wrapped(result, _kind(inputs)) if result.ndim else result[()]


def _on_cells(ufunc: Any) -> Callable[..., Any]:
    """The function of one cell of each operand; plain cells are NumPy's own business."""
    drawn = _OPERATE[ufunc]
    return lambda *cells: (drawn if any(isinstance(cell, Uniform) for cell in cells) else ufunc)(*cells)


def _kind(inputs: tuple[Any, ...]) -> Any:
    kinds = [x.dtype for x in inputs if isinstance(x, np.ndarray) and np.dtype(x.dtype) != object]
    return (
        np.result_type(np.float32 if np.dtype(np.float32) in kinds else np.float64, *kinds)
        if kinds
        else np.float64
    )
