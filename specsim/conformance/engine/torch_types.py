"""int and float as torch knows them: what stands in for them during a walk is turned back (see `maths`).

torch compares the type that it is given with Python's own int and float, so every function that takes one is
handed the real thing.
"""

import types
from collections.abc import Callable, Collection
from functools import cache, wraps
from typing import Any

import torch

from .maths import real_type

_COMPILED = (types.BuiltinFunctionType, types.MethodDescriptorType)


def replacements(others: Collection[str]) -> list[tuple[Any, dict[str, Any]]]:
    """Functions and methods of torch that take a dtype, but for those that others replace."""
    return [
        (owner, {name: with_real_types(getattr(owner, name)) for name in _typed(owner) if name not in others})
        for owner in (torch, torch.Tensor)
    ]


@cache
def _typed(owner: Any) -> tuple[str, ...]:
    """The names of compiled functions that speak of a dtype."""
    compiled = (name for name in dir(owner) if isinstance(getattr(owner, name), _COMPILED))
    return tuple(name for name in compiled if "dtype" in (getattr(owner, name).__doc__ or ""))


def with_real_types(real: Callable[..., Any]) -> Callable[..., Any]:
    """The function, handed int and float for what stands in for them."""

    @wraps(real)
    def function(*args: Any, **kwargs: Any) -> Any:
        return real(*map(real_type, args), **{name: real_type(value) for name, value in kwargs.items()})

    return function
