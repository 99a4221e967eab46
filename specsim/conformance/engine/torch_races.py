"""Operations of torch that order drawn numbers, or look a drawn number up among plain ones."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from .numpy_arrays import boxes
from .ordering import argbest, order
from .torch_shadow import Shadows, boxed, is_drawn, values
from .uniforms import Uniform
from .walk import the_walk

Given = dict[str, Any]


def _best(largest: bool) -> Callable[..., Any]:
    def race(shadows: Shadows, func: Any, args: Any, kwargs: Given, given: Given) -> Any:
        out = func(*args, **kwargs)
        places = out[1] if isinstance(out, tuple) else out
        rows = _rows(shadows, given["self"], given.get("dim"))
        found = boxes(argbest(row, largest) for row in rows)
        shadows.put(places, found.reshape(tuple(places.shape)))
        if isinstance(out, tuple):
            _refuse_values(shadows, out[0], rows)
        return out

    return race


def _rows(shadows: Shadows, tensor: torch.Tensor, dim: int | None) -> list[list[Any]]:
    """The rows along a dimension, each a list of cells and numbers."""
    items = boxed(shadows, tensor, tensor.dtype)
    moved = items.reshape(1, -1) if dim is None else np.moveaxis(items, dim, -1)
    return [list(row) for row in moved.reshape(-1, moved.shape[-1])]


def _refuse_values(shadows: Shadows, out: torch.Tensor, rows: list[list[Any]]) -> None:
    """The winning number: its law given that it won is not followed, so the cell refuses when it is used."""
    used = next((item for row in rows for item in row if is_drawn(item)), None)
    if used is not None:
        shadows.put(out, boxes([used] * out.numel()).reshape(tuple(out.shape)))


def _top(shadows: Shadows, func: Any, args: Any, kwargs: Given, given: Given) -> Any:
    out = func(*args, **kwargs)
    dim, largest = given.get("dim", -1), given.get("largest", given.get("descending"))
    rows = _rows(shadows, given["self"], dim)
    count = out[1].shape[dim] if out[1].ndim else 1
    found = np.array([order(row, bool(largest), count) for row in rows], dtype=object)
    shape = np.moveaxis(values(out[1]), dim, -1).shape
    shadows.put(out[1], np.moveaxis(found.reshape(shape), -1, dim))
    _refuse_values(shadows, out[0], rows)
    return out


def _searched(shadows: Shadows, func: Any, args: Any, kwargs: Given, given: Given) -> Any:
    """searchsorted(edges, drawn) and bucketize(drawn, edges): how many edges lie below."""
    edges: Any = given.get("sorted_sequence", given.get("boundaries"))
    if shadows.cells(edges) is not None:
        raise the_walk().refuse("searching in a tensor of drawn numbers cannot be followed")
    drawn = given["self"]
    side = "right" if given.get("right") or given.get("side") == "right" else "left"
    out = func(*args, **kwargs)
    kind = torch.promote_types(edges.dtype, drawn.dtype)
    items = boxed(shadows, drawn, kind)
    table = values(edges.to(kind)).reshape(-1, edges.shape[-1])
    rows = items.reshape(len(table), -1) if edges.ndim > 1 else items.reshape(1, -1)
    found = [_place(row, item, side) for row, some in zip(table, rows) for item in some]
    box = np.array(found, dtype=object).reshape(tuple(out.shape))
    return shadows.put(out, box)


def _place(edges: np.ndarray, item: Any, side: Any) -> int:
    if not isinstance(item, Uniform):
        return int(np.searchsorted(edges, item, side))
    return item.asked(lambda value: int(np.searchsorted(edges, value, side)))


RACES: dict[str, Callable[..., Any]] = {
    "argmax": _best(True),
    "argmin": _best(False),
    "max": _best(True),
    "min": _best(False),
    "topk": _top,
    "sort": _top,
    "searchsorted": _searched,
    "bucketize": _searched,
}
