"""New tensors made of drawn numbers: torch.tensor(u), torch.from_numpy(rng.random(4)) and their like."""

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np
import torch

from .lazy import Pick
from .numpy_arrays import UniformArray, bare, boxes
from .torch_ops import recast
from .torch_shadow import Shadows, is_drawn
from .torch_types import with_real_types
from .uniforms import Uniform

_MAKERS = {"tensor": 0, "as_tensor": 0, "asarray": 0, "from_numpy": 0, "full": 1}
"""By name, and which argument holds the numbers."""


def makers(shadows: Shadows) -> dict[str, Callable[..., Any]]:
    """What stands in for torch's own makers during a walk."""
    return {name: _following(shadows, getattr(torch, name), place) for name, place in _MAKERS.items()}


def _following(shadows: Shadows, real: Callable[..., Any], place: int) -> Callable[..., Any]:
    """The maker, which lays drawn numbers over what it makes of plain ones."""

    typed = with_real_types(real)

    def maker(*args: Any, **kwargs: Any) -> Any:
        cells: list[Any] = []
        out = typed(*args[:place], *(_plain(value, cells) for value in args[place:]), **kwargs)
        if not any(type(cell) is Uniform for cell in cells):
            return out
        items = recast(boxes(cells[: out.numel()]), out.dtype)
        return shadows.put(out, np.broadcast_to(items, out.numel()).reshape(tuple(out.shape)))

    return maker


def _plain(value: Any, cells: list[Any]) -> Any:
    """The value with a number of its type in place of each drawn one; all numbers in it join the cells."""
    if isinstance(value, UniformArray):
        items = bare(value).reshape(-1).tolist()
        cells += items
        return np.array([0 if is_drawn(item) else item for item in items], value.kind).reshape(value.shape)
    if isinstance(value, list | tuple):
        return type(value)(_plain(item, cells) for item in value)
    cells += [value] if type(value) is Uniform else [None] * prod(np.shape(value))
    if type(value) is Uniform:
        return type(value.some())(0)
    return value.force() if type(value) is Pick else value
