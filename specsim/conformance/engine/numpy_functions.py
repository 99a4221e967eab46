"""NumPy's functions of arrays of drawn numbers: those that ask something, and those that move items about."""

from collections.abc import Callable
from typing import Any

import numpy as np

from .numpy_arrays import UniformArray, along, bare, elementwise, wrapped
from .ordering import argbest, order
from .walk import the_walk


def _searchsorted(a: Any, v: Any, side: Any = "left", sorter: Any = None) -> Any:
    a = np.asarray(a)
    if a.dtype == object or isinstance(a, UniformArray):
        raise the_walk().refuse("searching in an array of drawn numbers cannot be followed")
    found = elementwise(lambda x: x.asked(lambda value: int(np.searchsorted(a, value, side, sorter))), v)
    return found.astype(np.int64) if found.ndim else np.int64(found[()])


def _rounded(a: Any, decimals: int) -> Any:
    found = elementwise(lambda x: x.asked(lambda value: np.round(value, decimals)), a)
    return np.array(found.tolist())[()]


_FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.searchsorted: _searchsorted,
    np.digitize: lambda x, bins, right=False: _searchsorted(bins, x, "left" if right else "right"),
    np.argmax: lambda a, axis=None, **kw: along(argbest, bare(a), axis, largest=True),
    np.argmin: lambda a, axis=None, **kw: along(argbest, bare(a), axis, largest=False),
    np.argsort: lambda a, axis=-1, **kw: along(order, bare(a), axis, largest=False),
    np.round: lambda a, decimals=0, **kw: _rounded(a, decimals),
    np.clip: lambda a, a_min=None, a_max=None, **kw: wrapped(bare(a)).clip(
        kw.get("min", a_min), kw.get("max", a_max)
    ),
}
_NAMES = [
    "append",
    "array_split",
    "atleast_1d",
    "atleast_2d",
    "broadcast_to",
    "concatenate",
    "copy",
    "expand_dims",
    "flip",
    "hstack",
    "moveaxis",
    "ndim",
    "ravel",
    "repeat",
    "reshape",
    "roll",
    "shape",
    "size",
    "split",
    "squeeze",
    "stack",
    "swapaxes",
    "take",
    "take_along_axis",
    "tile",
    "transpose",
    "vstack",
    "where",
]
_MOVING = {getattr(np, name) for name in _NAMES}


def function_of_drawn(func: Any, args: Any, kwargs: Any) -> Any:
    """What NumPy's other functions give on drawn numbers: those that move items about, and a few that ask."""
    if func in _FUNCTIONS:
        return _FUNCTIONS[func](*args, **kwargs)
    if func not in _MOVING:
        raise the_walk().refuse(f"the engine does not follow np.{func.__name__} on drawn numbers")
    out = func(*_unwrapped(args), **{name: _unwrapped(value) for name, value in kwargs.items()})
    return _wrapped(out)


def _wrapped(out: Any) -> Any:
    """A result with drawn numbers as an array of them; of `split` there are several."""
    if isinstance(out, list | tuple):
        return type(out)(map(_wrapped, out))
    return wrapped(out) if isinstance(out, np.ndarray) and out.dtype == object else out


def _unwrapped(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return type(value)(_unwrapped(item) for item in value)
    return bare(value) if isinstance(value, UniformArray) else value
