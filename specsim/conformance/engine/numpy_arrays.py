"""Arrays of drawn numbers: object arrays that know which functions of NumPy can be followed."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from .lazy import plain
from .ordering import argbest, order
from .walk import the_walk


class UniformArray(np.ndarray):
    """An object array of drawn numbers that calls itself a float array."""

    kind: np.dtype = np.dtype(np.float64)

    def __array_finalize__(self, parent: Any) -> None:
        self.kind = getattr(parent, "kind", np.dtype(np.float64))

    @property
    def dtype(self) -> Any:
        return self.kind

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        from .numpy_ufuncs import ufunc_of_drawn

        return ufunc_of_drawn(ufunc, method, inputs, kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        from .numpy_functions import function_of_drawn

        return function_of_drawn(func, args, kwargs)

    def astype(self, dtype: Any, *args: Any, **kwargs: Any) -> Any:
        kind = np.dtype(dtype)
        if kind.kind in "iu":
            return elementwise(lambda x: x.asked(kind.type), self).astype(kind)
        if kind.kind != "f":
            raise the_walk().refuse(f"drawn numbers cannot be turned into {kind}")
        return wrapped(elementwise(lambda x: x if kind == self.kind else x.rising(kind.type), self), kind)

    def argmax(self, axis: Any = None, out: Any = None, **kwargs: Any) -> Any:
        return along(argbest, bare(self), axis, largest=True)

    def argmin(self, axis: Any = None, out: Any = None, **kwargs: Any) -> Any:
        return along(argbest, bare(self), axis, largest=False)

    def argsort(self, axis: Any = -1, *args: Any, **kwargs: Any) -> Any:
        return along(order, bare(self), axis, largest=False)

    def searchsorted(self, v: Any, side: Any = "left", sorter: Any = None) -> Any:
        raise the_walk().refuse("searching in an array of drawn numbers cannot be followed")

    def clip(self, min: Any = None, max: Any = None, out: Any = None, **kwargs: Any) -> Any:
        return wrapped(
            elementwise(lambda x, a, b: x.clipped(a, b, lambda v: np.clip(v, a, b)), self, min, max),
            self.kind,
        )

    def tolist(self) -> Any:
        return bare(self).tolist()


def bare(array: Any) -> np.ndarray:
    """The plain object array."""
    return array.view(np.ndarray) if isinstance(array, UniformArray) else np.asarray(array, dtype=object)


def wrapped(array: np.ndarray, kind: Any = None) -> Any:
    """An object array as a UniformArray."""
    out = array.view(UniformArray)
    out.kind = np.dtype(kind or np.float64)
    return out


def boxes(items: Iterable[Any]) -> np.ndarray:
    """An object array of the items as they are: NumPy's own assignment would read drawn tokens."""
    return np.fromiter(items, dtype=object)


def filled(shape: tuple[int, ...], one: Callable[[], Any], kind: Any = None) -> Any:
    """An array of draws, in the order in which a generator makes them."""
    count = int(np.prod(shape))
    drawn = [one() for _ in range(count)]
    if the_walk().replay is not None:
        return np.array(drawn).reshape(shape)
    return wrapped(boxes(drawn).reshape(shape), kind)


def elementwise(function: Callable[..., Any], *arrays: Any) -> np.ndarray:
    """The function of the broadcast arrays' items, as a plain object array."""
    boxes = [_boxed(array) for array in arrays]
    spread = np.broadcast(*boxes)
    out = np.empty(spread.shape, dtype=object)
    flat = out.reshape(-1)
    for j, items in enumerate(spread):
        flat[j] = function(*items)
    return flat.reshape(spread.shape)


def _boxed(array: Any) -> np.ndarray:
    """An object array whose items are NumPy scalars, so that their arithmetic is the array's own."""
    if isinstance(array, np.ndarray):
        items = bare(array) if isinstance(array, UniformArray) else array
        if items.dtype == object:
            return items
        out = np.empty(items.shape, dtype=object)
        out.reshape(-1)[:] = list(items.reshape(-1))
        return out
    if isinstance(array, list | tuple):
        return _boxed(np.array(array))
    out = np.empty((), dtype=object)
    out[()] = array
    return out


def along(function: Callable[..., Any], array: np.ndarray, axis: Any, **kwargs: Any) -> Any:
    """A function of rows, along an axis."""
    if axis is None:
        return function(list(array.reshape(-1)), **kwargs)
    moved = np.moveaxis(array, axis, -1)
    rows = moved.reshape(-1, moved.shape[-1])
    found = [function(list(row), **kwargs) for row in rows]
    if moved.ndim == 1:
        return found[0]
    return np.array([plain(item) for item in found], dtype=np.int64).reshape(
        moved.shape[:-1] + np.shape(found[0])
    )
