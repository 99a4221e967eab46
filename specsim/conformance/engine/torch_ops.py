"""What the operations of torch give on drawn numbers: moving, comparing, arithmetic, races; all else refuses.

The real operation runs first, for its shape, type and errors and for the cells that are plain; then the drawn
cells are computed by their own arithmetic and laid over it.
"""

from typing import Any

import numpy as np
import torch

from .lazy import Pick
from .numpy_arrays import boxes, elementwise
from .torch_arithmetic import ARITHMETIC, COMPARING, compare, compute
from .torch_draws import bound
from .torch_races import RACES
from .torch_shadow import SCALARS, Shadows, values
from .uniforms import Uniform
from .walk import the_walk

Given = dict[str, Any]

# Operations that move cells about, and which of their arguments hold the cells.
MOVING = {
    "clone": ("self",),
    "contiguous": ("self",),
    "cat": ("tensors",),
    "stack": ("tensors",),
    "index": ("self",),
    "index_select": ("self",),
    "gather": ("self",),
    "masked_select": ("self",),
    "where": ("self", "other"),
    "repeat": ("self",),
    "flip": ("self",),
    "roll": ("self",),
    "_unsafe_view": ("self",),
    "_reshape_copy": ("self",),
    "take": ("self",),
    "view_copy": ("self",),
    "unsqueeze_copy": ("self",),
    "lift_fresh": ("self",),
}
METADATA = {"empty_like", "zeros_like", "ones_like", "full_like", "rand_like", "randn_like", "randint_like"}
METADATA |= {"new_empty", "new_zeros", "new_ones", "new_full", "is_same_size", "sym_size", "sym_numel"}
OVERWRITING = {"zero_", "fill_", "uniform_", "exponential_", "bernoulli_", "random_"}


def tensors(given: Any) -> list[torch.Tensor]:
    """All tensors among the arguments."""
    if isinstance(given, torch.Tensor):
        return [given]
    if isinstance(given, list | tuple):
        return [tensor for item in given for tensor in tensors(item)]
    return []


def operate(shadows: Shadows, func: Any, args: tuple[Any, ...], kwargs: Given) -> Any:
    """An operation of which at least one argument holds drawn cells."""
    name = func._schema.name.split("::")[1]
    given = bound(func, args, kwargs)
    if func.is_view or name in METADATA or name in ("detach", "alias"):
        return func(*args, **kwargs)
    if name in OVERWRITING:
        out = func(*args, **kwargs)
        return shadows.put(out, values(out).astype(object))
    if name == "copy_":
        return _copied(shadows, func, given)
    if name == "_to_copy":
        return _cast(shadows, func, args, kwargs)
    if name in MOVING and "out" not in kwargs:
        return _moved(shadows, func, name, given)
    held = [cells for tensor in tensors(list(given.values())) if (cells := shadows.cells(tensor)) is not None]
    if not any(type(cell) is Uniform for cells in held for cell in cells.flat) and name not in (
        "argmax",
        "max",
    ):
        return _forced(shadows, func, args, kwargs, given)
    return _followed(shadows, func, name, args, kwargs, given)


def _forced(shadows: Shadows, func: Any, args: Any, kwargs: Given, given: Given) -> Any:
    """Choose all lazy tokens, then run the real operation."""
    for tensor in tensors(list(given.values())):
        shadows.force(tensor)
    return func(*args, **kwargs)


def _followed(shadows: Shadows, func: Any, name: str, args: Any, kwargs: Given, given: Given) -> Any:
    """Comparisons, arithmetic and races on drawn floats."""
    in_place = name.endswith("_") and not name.endswith("__")
    base = name.rstrip("_") if in_place else name
    if base in COMPARING:
        return compare(shadows, func, base, args, kwargs, given)
    if base in ARITHMETIC:
        return compute(shadows, func, base, args, kwargs, given)
    if base in RACES:
        return RACES[base](shadows, func, args, kwargs, given)
    raise the_walk().refuse(f"the engine does not follow torch's {func._schema.name} on drawn numbers")


def _copied(shadows: Shadows, func: Any, given: Given) -> Any:
    """Assignment into a tensor."""
    target, source = given["self"], given["src"]
    items = _spread(shadows, source, target)
    func(target, source)
    return shadows.put(target, items)


def _spread(shadows: Shadows, source: torch.Tensor, target: torch.Tensor) -> np.ndarray:
    cells = shadows.cells(source)
    items = np.empty(tuple(target.shape), dtype=object)
    held = (
        values(source).astype(object)
        if cells is None
        else np.where(_drawn(cells), cells, values(source).astype(object))
    )
    items[...] = np.broadcast_to(held, items.shape)
    return items if source.dtype is target.dtype else recast(items, target.dtype)


def _drawn(cells: np.ndarray) -> np.ndarray:
    return np.array([cell is not None for cell in cells.flat], dtype=bool).reshape(cells.shape)


def _cast(shadows: Shadows, func: Any, args: Any, kwargs: Given) -> Any:
    source = args[0]
    out = func(*args, **kwargs)
    cells = shadows.cells(source)
    assert cells is not None
    return shadows.put(out, cells.copy() if out.dtype is source.dtype else recast(cells, out.dtype))


def recast(cells: np.ndarray, new: torch.dtype) -> np.ndarray:
    """Drawn cells as another type; plain cells are left to the real operation."""
    scalar = SCALARS[new]

    def one(cell: Any) -> Any:
        if type(cell) is Pick:
            return (
                Pick(cell.symbol, cell.cuts, cell.items, scalar)
                if new is not torch.bool
                else scalar(cell.force())
            )
        if type(cell) is not Uniform:
            return None
        if new is torch.bool:
            return bool(cell)
        return cell.then(scalar, 1, cell.noise) if new.is_floating_point else scalar(cell.asked(int))

    return elementwise(one, cells)


def _moved(shadows: Shadows, func: Any, name: str, given: Given) -> Any:
    """Move cells as the real operation moves their numbers: run it on the cells' numbers."""
    data = {key: value for key, value in given.items() if key in MOVING[name]}
    for key, value in given.items():
        for tensor in tensors(value) if key not in data else ():
            shadows.force(tensor)
    table: list[Any] = []
    numbered = {key: _numbered(shadows, value, table) for key, value in data.items()}
    places = _call(func, {**given, **numbered})
    out = _call(func, given)
    return shadows.put(out, boxes(table)[values(places)])


def _call(func: Any, given: Given) -> Any:
    """Run the real operation on arguments known by name."""
    schema = func._schema.arguments
    placed = [given[entry.name] for entry in schema if not entry.kwarg_only]
    return func(*placed, **{entry.name: given[entry.name] for entry in schema if entry.kwarg_only})


def _numbered(shadows: Shadows, value: Any, table: list[Any]) -> Any:
    if isinstance(value, list | tuple):
        return [_numbered(shadows, item, table) for item in value]
    cells = shadows.cells(value)
    start = len(table)
    table += [None] * value.numel() if cells is None else list(cells.flat)
    return torch.arange(start, start + value.numel()).reshape(value.shape)
