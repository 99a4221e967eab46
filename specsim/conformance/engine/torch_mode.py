"""torch under the engine: every operation passes by here, below autograd and above the kernels."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from . import torch_types
from .lazy import Pick
from .numpy_arrays import boxes, wrapped
from .torch_draws import Draws
from .torch_making import makers
from .torch_ops import operate, tensors
from .torch_shadow import Shadows, values
from .uniforms import Uniform
from .walk import current, the_walk


class Mode(TorchDispatchMode):
    """Sends random operations, and those on drawn numbers, to the engine."""

    def __init__(self) -> None:
        super().__init__()
        self.shadows = Shadows()
        self.draws = Draws(self.shadows)

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return (
            False  # else torch imports its compiler at the first operation, seconds and random draws of sympy
        )

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if torch.Tag.nondeterministic_seeded in func.tags:
            return self.draws.draw(func, args, kwargs)
        if not self.shadows.by_storage:
            return func(*args, **kwargs)
        held = [
            tensor for tensor in tensors([*args, *kwargs.values()]) if self.shadows.cells(tensor) is not None
        ]
        if not held:
            return func(*args, **kwargs)
        if func._schema.name == "aten::_local_scalar_dense":
            self.shadows.force(held[0])
            return func(*args, **kwargs)
        return operate(self.shadows, func, args, kwargs)

    def begin(self) -> None:
        """Start a run."""
        self.shadows.clear()
        self.draws.rewind()

    def methods(self) -> dict[str, Callable[..., Any]]:
        """Methods of Tensor that read memory without passing by."""
        real = {
            name: getattr(torch.Tensor, name) for name in ("item", "tolist", "numpy", "__array__", "__int__")
        }
        shadows = self.shadows

        def tolist(tensor: torch.Tensor) -> Any:
            cells = shadows.cells(tensor)
            if cells is None:
                return real["tolist"](tensor)
            flat = [
                memory if cell is None else _python(cell)
                for cell, memory in zip(cells.flat, real["tolist"](tensor.reshape(-1)))
            ]
            return boxes(flat).reshape(cells.shape).tolist()

        def item(tensor: torch.Tensor) -> Any:
            return tolist(tensor.reshape(())) if tensor.numel() == 1 else real["item"](tensor)

        def numpy(tensor: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
            cells = shadows.cells(tensor)
            if cells is None:
                return real["numpy"](tensor, *args, **kwargs)
            if any(type(cell) is Uniform for cell in cells.flat):
                mixed = np.where(cells == None, values(tensor).astype(object), cells)  # noqa: E711
                return wrapped(mixed, values(tensor).dtype)
            shadows.force(tensor)
            return real["numpy"](tensor, *args, **kwargs)

        def array(tensor: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
            if shadows.cells(tensor) is None:
                return real["__array__"](tensor, *args, **kwargs)
            return numpy(tensor)

        def whole(tensor: torch.Tensor) -> int:
            if shadows.cells(tensor) is None:
                return real["__int__"](tensor)
            return int(item(tensor))

        return {"item": item, "tolist": tolist, "numpy": numpy, "__array__": array, "__int__": whole}


def _python(cell: Any) -> Any:
    """A cell as .item() hands it out: a Python number."""
    if type(cell) is Pick:
        whole = isinstance(cell.kind(0) if cell.kind else 0, np.integer | int)
        return Pick(cell.symbol, cell.cuts, cell.items, int if whole else float)
    return cell.then(float, 1, cell.noise)


def replacements(mode: Mode) -> list[tuple[Any, dict[str, Any]]]:
    """Names of torch, and what they are during a walk."""
    methods = mode.methods()
    functions = {**makers(mode.shadows), "manual_seed": _noting(torch.manual_seed)}
    typed = torch_types.replacements({*methods, *functions})
    return [(torch.Tensor, methods), (torch, functions), *typed]


def _noting(real: Callable[..., Any]) -> Callable[..., Any]:
    def manual_seed(seed: Any) -> Any:
        if type(seed) is Pick:
            raise the_walk().refuse("torch.manual_seed was given a drawn number")
        the_walk().note(
            f"the function calls torch.manual_seed({seed}); the law is taken over that stream's numbers"
        )
        return real(seed)

    return manual_seed


def torch_rng() -> torch.Generator:
    """A torch Generator whose draws the engine decides inside exact_law; outside it is an ordinary one."""
    walk = current()
    number = 0 if walk is None else walk.fresh("torch_rng")[1]
    return torch.Generator().manual_seed(_FIRST_SEED + number)


_FIRST_SEED = 7_046_029_254_386_353_131
