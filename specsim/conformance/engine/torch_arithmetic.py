"""Comparisons and arithmetic of torch on drawn numbers, in the type in which torch computes them."""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from . import arithmetic
from .lattice import bfloat16
from .numpy_arrays import elementwise
from .torch_shadow import Shadows, boxed
from .uniforms import Uniform

Given = dict[str, Any]
COMPARING = {
    "lt": arithmetic.lt,
    "le": arithmetic.le,
    "gt": arithmetic.gt,
    "ge": arithmetic.ge,
    "eq": arithmetic.eq,
    "ne": arithmetic.ne,
}
_CLAMP = np.clip


def _clamped(x: Any, low: Any = None, high: Any = None) -> Any:
    return x.clipped(low, high, lambda value: _CLAMP(value, low, high))


ARITHMETIC: dict[str, Callable[..., Any]] = {
    "add": arithmetic.add,
    "sub": arithmetic.sub,
    "rsub": lambda a, b: arithmetic.sub(b, a),
    "mul": arithmetic.mul,
    "div": arithmetic.truediv,
    "pow": arithmetic.power,
    "neg": operator.neg,
    "abs": abs,
    "reciprocal": lambda a: 1.0 / a,
    "log": lambda a: a.log(),
    "log1p": lambda a: a.log1p(),
    "exp": lambda a: a.exp(),
    "square": lambda a: a * a,
    "clamp": _clamped,
    "clamp_min": lambda a, low: _clamped(a, low, None),
    "clamp_max": lambda a, high: _clamped(a, None, high),
    "maximum": lambda a, b: _clamped(a, b, None) if isinstance(a, Uniform) else _clamped(b, a, None),
    "minimum": lambda a, b: _clamped(a, None, b) if isinstance(a, Uniform) else _clamped(b, None, a),
    "floor": lambda a: a.asked(np.floor),
    "ceil": lambda a: a.asked(np.ceil),
    "trunc": lambda a: a.asked(np.trunc),
    "round": lambda a: a.asked(np.rint),
    "floor_divide": operator.floordiv,
    "remainder": operator.mod,
    **{f.__name__: (lambda a, f=f: a.rising(f)) for f in (np.sqrt, np.log2, np.log10, np.expm1, np.exp2)},
}
_NAMES = {"self", "other", "exponent", "min", "max"}  # operands, in the order of the schema


def _operands(given: Given) -> list[Any]:
    return [value for name, value in given.items() if name in _NAMES]


def compare(shadows: Shadows, func: Any, name: str, args: Any, kwargs: Given, given: Given) -> Any:
    out = func(*args, **kwargs)
    operands = _operands(given)
    kind = torch.result_type(*operands)
    answers = elementwise(COMPARING[name], *(boxed(shadows, operand, kind) for operand in operands))
    return shadows.put(out, answers.astype(bool).astype(object))


def compute(shadows: Shadows, func: Any, name: str, args: Any, kwargs: Given, given: Given) -> Any:
    """Arithmetic; alpha and rounding_mode as torch has them."""
    operands = _operands(given)
    kind = (
        torch.result_type(*operands[:2])
        if len(operands) > 1 and operands[1] is not None
        else operands[0].dtype
    )
    function = _with_options(ARITHMETIC[name], given)
    boxes = [boxed(shadows, operand, kind) for operand in operands]
    out = func(*args, **kwargs)
    with np.errstate(all="ignore"):
        items = elementwise(lambda *cells: _one(function, cells, out.dtype), *boxes)
    return shadows.put(out, items)


def _one(function: Callable[..., Any], cells: tuple[Any, ...], kind: torch.dtype) -> Any:
    """One cell: None where all are plain, for the real operation computed it."""
    if not any(isinstance(cell, Uniform) for cell in cells):
        return None
    result = function(*cells)
    rounds = kind is torch.bfloat16 and isinstance(result, Uniform)
    return result.then(bfloat16, 1, result.noise) if rounds else result


def _with_options(function: Callable[..., Any], given: Given) -> Callable[..., Any]:
    alpha, rounding = given.get("alpha", 1), given.get("rounding_mode")
    if alpha != 1:
        return lambda a, b: function(a, b * alpha)
    if rounding is not None:
        floor = np.floor if rounding == "floor" else np.trunc
        return lambda a, b: function(a, b).asked(floor)
    return function
