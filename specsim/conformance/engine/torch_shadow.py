"""Tensors that hold drawn numbers: ordinary tensors with a shadow over the memory that they share.

A tensor cannot hold Python objects, so that a drawn number or token lives beside its memory: for each
storage an object array with one cell an element, None where the memory is right. Views share the storage
and hence the shadow. Under a drawn cell the memory holds NaN, or an index that no array has.
"""

from typing import Any

import numpy as np
import torch

from .lattice import bfloat16
from .lazy import Pick, plain
from .uniforms import Uniform
from .walk import the_walk

NOWHERE = -(2**40)
REAL_NUMPY, REAL_FROM_NUMPY = torch.Tensor.numpy, torch.from_numpy
SCALARS: dict[Any, Any] = {
    torch.float64: np.float64,
    torch.float32: np.float32,
    torch.float16: np.float16,
    torch.bfloat16: bfloat16,
    torch.int64: np.int64,
    torch.int32: np.int32,
    torch.int16: np.int16,
    torch.uint8: np.uint8,
    torch.int8: np.int8,
    torch.bool: np.bool_,
}


def is_drawn(item: Any) -> bool:
    """Is this a number or token that the engine still carries?"""
    return type(item) is Uniform or type(item) is Pick


class Shadows:
    """The shadows of one run."""

    def __init__(self) -> None:
        self.by_storage: dict[int, tuple[Any, np.ndarray]] = {}

    def clear(self) -> None:
        """Forget all, at the end of a run."""
        self.by_storage.clear()

    def cells(self, tensor: torch.Tensor) -> np.ndarray | None:
        """The tensor's cells, a view; None where no cell holds anything."""
        if not self.by_storage or tensor.layout is not torch.strided or tensor.numel() == 0:
            return None
        found = self.by_storage.get(tensor.untyped_storage()._cdata)
        if found is None:
            return None
        view = self._view(tensor, found[1])
        return view if any(cell is not None for cell in view.flat) else None

    def _view(self, tensor: torch.Tensor, cells: np.ndarray) -> np.ndarray:
        if len(cells) * tensor.element_size() != tensor.untyped_storage().nbytes():
            raise the_walk().refuse("a tensor of drawn numbers was read as another type of another size")
        strides = [8 * step for step in tensor.stride()]
        return np.lib.stride_tricks.as_strided(cells[tensor.storage_offset() :], tuple(tensor.shape), strides)

    def put(self, tensor: torch.Tensor, items: np.ndarray) -> torch.Tensor:
        """Write drawn and plain items into a tensor and its shadow; None leaves a cell's memory as it is."""
        storage = tensor.untyped_storage()
        if storage._cdata not in self.by_storage:
            cells = np.full(storage.nbytes() // tensor.element_size(), None, dtype=object)
            self.by_storage[storage._cdata] = (storage, cells)
        memory = values(tensor).astype(object)
        hidden = np.nan if tensor.dtype.is_floating_point else (NOWHERE if tensor.element_size() == 8 else -1)
        for place in np.ndindex(items.shape):
            if items[place] is not None:
                memory[place] = hidden if is_drawn(items[place]) else items[place]
        write(tensor, memory)  # before the shadow: to copy plain numbers into a tensor takes its shadow away
        view = self._view(tensor, self.by_storage[storage._cdata][1])
        for place in np.ndindex(items.shape):
            view[place] = items[place] if is_drawn(items[place]) else None
        return tensor

    def force(self, tensor: torch.Tensor) -> None:
        """Choose all drawn tokens of a tensor, so that its memory is right; drawn floats cannot be chosen."""
        cells = self.cells(tensor)
        if cells is None:
            return
        items = np.full(cells.shape, None, dtype=object)
        for place in np.ndindex(cells.shape):
            if type(cells[place]) is Uniform:
                raise the_walk().refuse(
                    "a tensor of drawn numbers was used in an operation that cannot be followed exactly"
                )
            items[place] = plain(cells[place])
        self.put(tensor, items)


def values(tensor: torch.Tensor) -> np.ndarray:
    """The memory of a tensor as a NumPy array; bfloat16 as float32."""
    tensor = tensor.detach()
    return REAL_NUMPY(
        tensor.float() if tensor.dtype is torch.bfloat16 else tensor.resolve_neg().resolve_conj()
    )


def write(tensor: torch.Tensor, memory: np.ndarray) -> None:
    """Copy values into a tensor, without gradients."""
    kind = np.float32 if tensor.dtype is torch.bfloat16 else SCALARS[tensor.dtype]
    with torch.no_grad():
        tensor.copy_(REAL_FROM_NUMPY(np.array(memory.tolist(), dtype=kind).reshape(tuple(tensor.shape))))


def boxed(shadows: Shadows, operand: Any, kind: torch.dtype) -> np.ndarray:
    """An operand as an object array: drawn cells, and plain numbers of the type that is computed in."""
    scalar = SCALARS[kind]
    if not isinstance(operand, torch.Tensor):
        out = np.empty((), dtype=object)
        out[()] = None if operand is None else scalar(operand)
        return out
    cells = shadows.cells(operand)
    items = np.empty(tuple(operand.shape), dtype=object)
    memory = values(operand)
    for place in np.ndindex(items.shape):
        cell: Any = None if cells is None else cells[place]
        if cell is None:
            items[place] = scalar(memory[place])
        elif type(cell) is Pick:
            items[place] = scalar(cell.force())
        else:
            items[place] = cell if operand.dtype is kind else cell.then(scalar, 1, cell.noise)
    return items
