"""In which forms a verifier may want its arguments, the likeliest first."""

import inspect
from collections.abc import Callable
from importlib.util import find_spec
from itertools import product
from typing import Any

from .binding import Binding
from .supply import SHAPES, Style


def styles(verify: Callable[..., Any], binding: Binding, array: str | None, batched: bool) -> list[Style]:
    """The styles to try, the likeliest first."""
    roles = set(map(str, binding.roles.values()))
    arrays = [array] if array else _arrays(verify)
    ends = [False, True] if roles & {"bonus law", "bonus token"} else [True]
    return [
        Style(kind, tokens, source, shape, end, batched)
        for kind in arrays
        for tokens in (["array", "list"] if kind != "list" else ["list"])
        for source in _sources(kind, roles)
        for shape, end in product(_shapes(source, roles), ends)
    ]


def _sources(array: str, roles: set[str]) -> list[str]:
    """Kinds of generators to hand over."""
    if "rng" not in roles:
        return ["numpy"]
    return [*(["torch"] if array.startswith("torch") else []), "numpy", "python", "uniforms"]


def _shapes(source: str, roles: set[str]) -> list[str]:
    """Shapes of uniforms to hand over."""
    return list(SHAPES) if "uniforms" in roles or source == "uniforms" else ["gamma + 1"]


def _arrays(verify: Callable[..., Any]) -> list[str]:
    """Kinds of arrays by likelihood: torch first where the function speaks of it, never where it is not
    there."""
    plain = ["numpy", "list"]
    return ["torch", *plain] if speaks_of_torch(verify) else [*plain, *(["torch"] if _has_torch() else [])]


def speaks_of_torch(verify: Callable[..., Any]) -> bool:
    """Whether a function's annotations or the names in its code mention torch."""
    inner = getattr(verify, "forward", None) or getattr(verify, "func", verify)
    if not inspect.isroutine(inner) and not inspect.isclass(inner):
        inner = type(inner).__call__
    inner = inspect.unwrap(getattr(inner, "__func__", inner))
    words = str(getattr(inner, "__annotations__", ""))
    code = getattr(inner, "__code__", None)
    names = code.co_names if code else ()
    seen = [getattr(inner, "__globals__", {}).get(name) for name in names]
    modules = [getattr(one, "__module__", None) or getattr(one, "__name__", "") for one in seen]
    return (
        "Tensor" in words
        or "torch" in words
        or "torch" in names
        or any(str(one).startswith("torch") for one in modules)
    )


def _has_torch() -> bool:
    return find_spec("torch") is not None
