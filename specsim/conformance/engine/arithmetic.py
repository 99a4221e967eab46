"""Arithmetic on drawn numbers: monotone functions of one uniform, and their forms as terms of a race."""

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from .races import Noise

Result = Any  # a Uniform, or a plain number where the uniform no longer matters


def _sign(value: Any) -> int:
    return int(value > 0) - int(value < 0)


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.ndim > 0


def _float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


class Arithmetic:
    """Operators of a drawn number; mixed into Uniform."""

    __slots__ = ()

    def _binary(
        self: Any, other: Any, function: Callable[[Any], Any], sign: int, form: Callable[[Noise, float], Any]
    ) -> Result:
        """function(this) for an operation with a plain number `other`, of which the sign is known."""
        number = _float(other)
        if not math.isfinite(number) or sign == 0:
            return self._constant(function)
        return self.then(function, sign, self.noise and form(self.noise, number))

    def _constant(self: Any, function: Callable[[Any], Any]) -> Result:
        """function(this) where it depends on no more than the sign of this number."""
        if self.noise is None:
            self.asked(_sign)
        with np.errstate(all="ignore"):
            return function(self.some())

    def _pair(self: Any, other: Any, function: Callable[[Any, Any], Any], sign: int) -> Result:
        """A function of two drawn numbers, monotone in both: exact where they are the same uniform."""
        if other.symbol is not self.symbol or sign * other.sign != self.sign:
            raise self.refuse(
                "two different drawn numbers were combined by arithmetic; the engine follows one at a time"
            )
        mine, theirs = self.function, other.function
        return type(self)(self.symbol, lambda value: function(mine(value), theirs(value)), self.sign)

    def __add__(self: Any, other: Any) -> Result:
        if _is_array(other):
            return NotImplemented
        if isinstance(other, Arithmetic):
            return self._pair(other, lambda a, b: a + b, 1)
        return self._binary(other, lambda value: value + other, 1, Noise.plus)

    def __radd__(self: Any, other: Any) -> Result:
        return self._binary(other, lambda value: other + value, 1, Noise.plus)

    def __sub__(self: Any, other: Any) -> Result:
        if _is_array(other):
            return NotImplemented
        if isinstance(other, Arithmetic):
            return self._pair(other, lambda a, b: a - b, -1)
        return self._binary(other, lambda value: value - other, 1, lambda noise, c: noise.plus(-c))

    def __rsub__(self: Any, other: Any) -> Result:
        return self._binary(other, lambda value: other - value, -1, _minus)

    def __mul__(self: Any, other: Any) -> Result:
        if _is_array(other):
            return NotImplemented
        if isinstance(other, Arithmetic):
            return self._product(other)
        return self._binary(other, lambda value: value * other, _sign(other), Noise.times)

    def _product(self: Any, other: Any) -> Result:
        if self.asked(_sign) < 0 or other.asked(_sign) < 0:
            raise self.refuse("a product of a drawn number with itself is followed where neither is negative")
        return self._pair(other, lambda a, b: a * b, 1)

    def __rmul__(self: Any, other: Any) -> Result:
        return self._binary(other, lambda value: other * value, _sign(other), Noise.times)

    def __truediv__(self: Any, other: Any) -> Result:
        if _is_array(other):
            return NotImplemented
        if isinstance(other, Arithmetic):
            raise self.refuse(
                "a drawn number was divided by a drawn number; the engine follows one at a time"
            )
        return self._binary(
            other, lambda value: value / other, _sign(other), lambda noise, c: noise.times(1 / c)
        )

    def __rtruediv__(self: Any, other: Any) -> Result:
        if self.noise is None or self.noise.kind == "power":
            self.asked(_sign)  # a pole at 0 lies between the two signs
        return self._binary(other, lambda value: other / value, -_sign(other), Noise.under)

    def __neg__(self: Any) -> Result:
        return self.then(lambda value: -value, -1, self.noise and self.noise.times(-1.0))

    def __pos__(self: Any) -> Result:
        return self

    def __abs__(self: Any) -> Result:
        sign = -1 if self.asked(_sign) < 0 else 1
        return self.then(abs, sign, self.noise if sign > 0 else self.noise and self.noise.times(-1.0))

    def __pow__(self: Any, other: Any, modulo: None = None) -> Result:
        if _is_array(other):
            return NotImplemented
        if isinstance(other, Arithmetic):
            raise self.refuse("a drawn number was raised to the power of a drawn number")
        if self.noise is None and self.asked(_sign) < 0:
            raise self.refuse("a negative drawn number was raised to a power")
        return self._binary(other, lambda value: value**other, _sign(other), Noise.to_the)

    def __rpow__(self: Any, other: Any) -> Result:
        if not other > 0:
            raise self.refuse("a power with a drawn exponent is followed where the base is positive")
        return self.then(lambda value: other**value, _sign(other - 1))

    def log(self: Any, function: Callable[[Any], Any] = np.log) -> Result:
        """The natural logarithm."""
        return self.then(function, 1, self.noise and self.noise.log())

    def log1p(self: Any, function: Callable[[Any], Any] = np.log1p) -> Result:
        """log(1 + this)."""
        return self.then(function, 1, self.noise and self.noise.log1p())

    def exp(self: Any, function: Callable[[Any], Any] = np.exp) -> Result:
        """The exponential."""
        return self.then(function, 1, self.noise and self.noise.exp())

    def rising(self: Any, function: Callable[[Any], Any]) -> Result:
        """Any other rising function: sqrt, log2, a cast to another type ..."""
        return self.then(function, 1)

    def clipped(self: Any, low: Any, high: Any, function: Callable[[Any], Any]) -> Result:
        """This kept between two plain numbers, by the function given."""
        bounds = (-math.inf if low is None else float(low), math.inf if high is None else float(high))
        return self.then(function, 1, self.noise and self.noise.kept_between(*bounds))


def _minus(noise: Noise, c: float) -> Noise | None:
    """c minus a term."""
    if noise.kind == "power" and noise.a == 1 and c == 1:
        return noise  # 1 - u is as uniform as u
    negative = noise.times(-1.0)
    return negative and negative.plus(c)


def _or_mirrored(plain: Callable[[Any, Any], Any], mirrored: str) -> Callable[[Any, Any], Any]:
    """An operation that a drawn right operand decides by its own method, not by NumPy's of the left one."""

    def operation(a: Any, b: Any) -> Any:
        drawn_right = isinstance(b, Arithmetic) and not isinstance(a, Arithmetic)
        return getattr(b, mirrored)(a) if drawn_right else plain(a, b)

    return operation


add = _or_mirrored(operator.add, "__radd__")
sub = _or_mirrored(operator.sub, "__rsub__")
mul = _or_mirrored(operator.mul, "__rmul__")
truediv = _or_mirrored(operator.truediv, "__rtruediv__")
power = _or_mirrored(operator.pow, "__rpow__")
lt = _or_mirrored(operator.lt, "__gt__")
le = _or_mirrored(operator.le, "__ge__")
gt = _or_mirrored(operator.gt, "__lt__")
ge = _or_mirrored(operator.ge, "__le__")
eq = _or_mirrored(operator.eq, "__eq__")
ne = _or_mirrored(operator.ne, "__ne__")
