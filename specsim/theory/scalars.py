"""Scalars of any kind: checks, bringing several to one kind, and words that act on all of them.

A formula of this package takes a float, an exact number (int, ``Fraction``), an array of any library
that follows the array standard, or a symbol, and answers in the same kind. An int counts as a Fraction.

>>> number("c", 1), number("c", 0.5), integer("gamma", 5)
(Fraction(1, 1), 0.5, 5)
>>> reciprocal(Fraction(1, 3)), reciprocal(0.0)
(Fraction(3, 1), inf)
"""

from __future__ import annotations

import math
import operator
import sys
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import repeat
from numbers import Rational
from types import SimpleNamespace
from typing import Any

from array_api_compat import array_namespace, device, is_array_api_obj

Scalar = Any  # float, int, Fraction, array of a floating or object dtype, or sympy expression


def reciprocal(value: Scalar) -> Scalar:
    """1 / value, infinite at 0."""
    if is_array(value) and not is_exact(value):
        return words(value).where(value == 0, math.inf, 1 / nonzero(value))
    if is_symbolic(value):
        return sys.modules["sympy"].oo if value == 0 else 1 / value
    return 1 / value if value else math.inf


def alike(*values: Scalar) -> tuple[Scalar, ...]:
    """The values in one kind: symbols if one is a symbol, else arrays if one is, else as they came.

    A plain int goes with every kind and is left alone.
    """
    arrays = [value for value in values if is_array(value)]
    if any(map(is_symbolic, values)):
        convert = sys.modules["sympy"].sympify
    elif arrays and not any(map(is_exact, arrays)):
        convert = _array_maker(arrays)
    else:
        return values
    return tuple(value if isinstance(value, int) else convert(value) for value in values)


def _array_maker(arrays: Sequence[Scalar]) -> Callable[[Scalar], Scalar]:
    """Makes arrays of the library, the device and the floating dtype of these."""
    xp, place = array_namespace(*arrays), device(arrays[0])
    real = [array.dtype for array in arrays if xp.isdtype(array.dtype, "real floating")]
    dtype = real[0] if real else xp.float64
    return lambda value: (
        xp.astype(value, dtype) if is_array(value) else xp.asarray(float(value), dtype=dtype, device=place)
    )


def number(name: str, value: Scalar) -> Scalar:
    """The value as float, Fraction, array or symbol; anything else is refused."""
    if isinstance(value, float):
        return float(value)
    if isinstance(value, Rational) and not is_symbolic(value):
        return Fraction(int(value.numerator), int(value.denominator))
    kinds = "a float, int, Fraction, array or sympy expression"
    require(is_array(value) or is_symbolic(value), name, kinds, value, "convert it first")
    return value


def integer(name: str, value: Scalar) -> Scalar:
    """The value as an int >= 1, an integer array or an integer symbol."""
    try:
        value = operator.index(value)
        good = value >= 1
    except TypeError:
        if is_symbolic(value):
            good = value.is_integer is not False and within(value, 1)
        else:
            whole = is_array(value) and words(value).isdtype(value.dtype, "integral")
            good = whole and _may_hold(value >= 1)
    require(good, name, "an integer >= 1", value, "pass a whole number of tokens such as 5")
    return value


def require(holds: bool, name: str, must: str, came: object, advice: str) -> None:
    """Raise a ValueError unless the condition holds."""
    if not holds:
        raise ValueError(f"{name} must be {must}, got {came!r}; {advice}")


def within(value: Scalar, low: float, high: float = sys.float_info.max) -> bool:
    """Whether low <= value <= high everywhere (for symbols: unless surely not). NaN is outside."""
    try:
        return all(_may_hold(condition) for condition in (value >= low, value <= high))
    except TypeError:
        return False


def _may_hold(condition: Any) -> bool:
    if is_symbolic(condition):
        return condition is not sys.modules["sympy"].false
    return bool(words(condition).all(condition) if is_array(condition) else condition)


def is_symbolic(value: object) -> bool:
    """Whether the value is a sympy object; never imports sympy."""
    sympy = sys.modules.get("sympy")
    return sympy is not None and isinstance(value, sympy.Basic)


def is_array(value: object) -> bool:
    """Whether the value is an array or tensor; NumPy's float64 and integer scalars pass for numbers."""
    return is_array_api_obj(value) and not isinstance(value, (float, Rational))


def is_exact(value: Scalar) -> bool:
    """Whether arithmetic on the value is exact: a Fraction, a symbol or an array of objects."""
    return isinstance(value, Fraction) or is_symbolic(value) or str(getattr(value, "dtype", "")) == "object"


def nonzero(value: Scalar) -> Scalar:
    """The value with 1 in place of 0, for denominators."""
    return words(value).where(value == 0, 1.0, value)


_FLOAT = SimpleNamespace(
    exp=math.exp,
    expm1=math.expm1,
    log1p=math.log1p,
    where=lambda condition, yes, no: yes if condition else no,
)


def words(value: Scalar) -> Any:
    """The array namespace of an array; for a float, the same words from `math`."""
    return array_namespace(value) if is_array_api_obj(value) else _FLOAT


def elementwise(function: Callable[..., Scalar], *values: Scalar) -> Scalar:
    """The function of numbers at each entry of these arrays and scalars, broadcast; None stays None."""
    given = [number("argument", value) for value in values if value is not None]
    spread = array_namespace(*filter(is_array, given)).broadcast_arrays(*alike(*given))
    columns = iter([array.reshape(-1).tolist() for array in spread])
    rows = zip(*(repeat(None) if value is None else next(columns) for value in values))
    results = words(spread[0]).asarray([function(*entry) for entry in rows])
    return results.reshape(spread[0].shape)


def row(values: Sequence[Scalar]) -> Scalar:
    """The values as a tuple, or where they are arrays, as one array along a new last axis."""
    return words(values[0]).stack(values, axis=-1) if is_array(values[0]) else tuple(values)
