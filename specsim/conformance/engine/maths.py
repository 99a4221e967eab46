"""The functions of math, and int and float as the function under test calls them, for drawn numbers too."""

import builtins
import functools
import math
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from .lazy import Pick
from .uniforms import Uniform


def _either(real: Callable[..., Any], drawn: Callable[..., Any]) -> Callable[..., Any]:
    def function(x: Any, *others: Any) -> Any:
        return drawn(x, *others) if type(x) is Uniform else real(x, *others)

    return function


@functools.cache
def replacements() -> list[tuple[types.ModuleType, dict[str, Any]]]:
    """Names of the module math, and what they are during a walk."""
    rising = {
        name: getattr(math, name)
        for name in ("sqrt", "log2", "log10", "expm1", "exp2", "atan", "tanh", "erf")
    }
    names = {name: _either(real, lambda x, real=real: x.rising(real)) for name, real in rising.items()}
    names["log"] = _either(math.log, _log)
    names["log1p"] = _either(math.log1p, lambda x, real=math.log1p: x.log1p(real))
    names["exp"] = _either(math.exp, lambda x, real=math.exp: x.exp(real))
    for real in (math.isnan, math.isfinite, math.isinf):
        names[real.__name__] = _either(real, lambda x, real=real: x.asked(real))
    names["pow"] = _either(math.pow, lambda x, y: x**y)
    return [(math, names)]


def _log(x: Uniform, base: float | None = None, real: Callable[..., Any] = math.log) -> Any:
    return x.log(real) if base is None else x.log(real) / real(base)


class _Number(type):
    """int or float, but what the engine carries stays carried."""

    real: type
    kept: type

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and not kwargs:
            item = args[0].item() if type(args[0]).__module__ == "torch" else args[0]
            return cls.keep(item) if type(item) is cls.kept else cls.real(item)
        return cls.real(*args, **kwargs)

    def __instancecheck__(cls, item: Any) -> bool:
        return isinstance(item, cls.real)

    def __subclasscheck__(cls, other: type) -> bool:
        return issubclass(other, cls.real)

    def __eq__(cls, other: object) -> bool:
        return other is cls.real or other is cls

    def __hash__(cls) -> int:
        return hash(cls.real)

    def __getattr__(cls, name: str) -> Any:
        return getattr(cls.real, name)


class _Int(metaclass=_Number):
    real, kept, dtype = builtins.int, Pick, np.dtype(int)

    @staticmethod
    def keep(item: Pick) -> Any:
        whole = item.kind is not None
        return Pick(item.symbol, item.cuts, item.items, builtins.int) if whole else builtins.int(item.force())


class _Float(metaclass=_Number):
    real, kept, dtype = builtins.float, Uniform, np.dtype(float)

    @staticmethod
    def keep(item: Uniform) -> Any:
        return (
            item
            if isinstance(item, builtins.float) and item.symbol.lattice.name.endswith("python")
            else item.then(builtins.float, 1, item.noise)
        )


TYPES = {"int": _Int, "float": _Float}


def real_type(value: Any) -> Any:
    """The type that a stand-in stands for; anything else as it is."""
    return value.real if type(value) is _Number else value
