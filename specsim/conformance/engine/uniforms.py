"""A drawn number as the program sees it: a float where that can be exact, a refusal where it cannot.

Arithmetic is allowed as long as the number stays a monotone function of one uniform. Comparisons return
plain booleans, rounding returns plain integers (see symbols.py); what would turn the number into a plain
float, such as C code, is Unsupported.
"""

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from .arithmetic import Arithmetic
from .lattice import cut
from .races import Noise
from .symbols import Function, Symbol, settle

Comparison = Callable[[Any, Any], Any]
_PYTHON = ("python", "ideal python")


def _same(value: Any) -> Any:
    return value


class Uniform(Arithmetic):
    """A monotone function of one drawn uniform.

    sign: +1 where it rises with the uniform, -1 where it falls. noise: the same as a term of a race, or None.
    """

    __slots__ = ("function", "noise", "sign", "symbol")

    def __init__(
        self, symbol: Symbol, function: Function = _same, sign: int = 1, noise: Noise | None = None
    ) -> None:
        self.symbol, self.function, self.sign, self.noise = symbol, function, sign, noise

    def then(self, function: Function, sign: int = 1, noise: Noise | None = None) -> "Uniform":
        """A monotone function of this number."""
        mine = self.function
        both = function if mine is _same else lambda value: function(mine(value))
        return Uniform(self.symbol, both, self.sign * sign, noise)

    def asked(self, question: Function) -> Any:
        """The value of a question whose answer changes few times as this number rises."""
        mine = self.function

        def labelled(value: Any) -> tuple[bool, Any]:
            result = mine(value)
            return bool(result != result), question(result)  # NaN is no side of any comparison

        return settle(self.symbol, labelled)[1]

    def some(self) -> Any:
        """One of the values that it can take, from the middle."""
        return self.function(self.symbol.lattice.value((self.symbol.low + self.symbol.high) // 2))

    def item(self) -> "Uniform":
        """The same as a Python float."""
        return self.then(float, 1, self.noise)

    def refuse(self, what: str) -> Exception:
        """The error for what cannot be done exactly."""
        return self.symbol.walk.refuse(what)

    # Comparisons

    def compared(self, other: Any, compare: Comparison) -> Any:
        """compare(this, other) for <, <=, >, >=, as a plain boolean."""
        if isinstance(other, np.ndarray) and other.ndim:
            from .numpy_ufuncs import compared

            return compared(self, other, compare)
        if isinstance(other, Uniform):
            return _compare_two(self, other, compare)
        lattice = self.symbol.lattice
        if self.function is _same and lattice.scale and type(other) in (float, int, np.float64):
            return self._compared_fast(other, compare)
        return self.asked(lambda value: compare(value, other))

    def _compared_fast(self, other: Any, compare: Comparison) -> Any:
        """The same for the bare uniform: the point is known without bisection."""
        symbol = self.symbol
        symbol.check()
        lattice = symbol.lattice
        kind = lattice.name
        if kind == "float32" and type(other) is not np.float64:
            other = float(np.float32(other))
        below = compare is operator.lt or compare is operator.le
        point = cut(lattice, other, strict=compare is operator.lt or compare is operator.ge)
        if symbol.low < point < symbol.high:
            symbol.split((point,))
        answer = (symbol.high <= point) == below and other == other
        return answer if kind in _PYTHON and type(other) is not np.float64 else np.bool_(answer)

    def __lt__(self, other: Any) -> Any:
        return self.compared(other, operator.lt)

    def __le__(self, other: Any) -> Any:
        return self.compared(other, operator.le)

    def __gt__(self, other: Any) -> Any:
        return self.compared(other, operator.gt)

    def __ge__(self, other: Any) -> Any:
        return self.compared(other, operator.ge)

    def __eq__(self, other: Any) -> Any:
        if other is None or isinstance(other, str):
            return False
        return self.asked(lambda value: int(value > other) - int(value < other)) == 0 and other == other

    def __ne__(self, other: Any) -> Any:
        return not self.__eq__(other)

    def __hash__(self) -> int:
        raise self.refuse(
            "a random number was used as a key; it takes too many values to be followed exactly"
        )

    def __bool__(self) -> bool:
        return bool(self != 0)

    # Rounding

    def __int__(self) -> int:
        return self.asked(int)

    __trunc__ = __int__

    def __floor__(self) -> int:
        return self.asked(math.floor)

    def __ceil__(self) -> int:
        return self.asked(math.ceil)

    def __round__(self, digits: int | None = None) -> Any:
        return self.asked(lambda value: round(value, digits))

    def __floordiv__(self, other: Any) -> Any:
        return self.asked(lambda value: value // other)

    def __mod__(self, other: Any) -> Any:
        self.asked(lambda value: value // other)
        return self.then(lambda value: value % other)

    def __divmod__(self, other: Any) -> Any:
        return self // other, self % other

    def __float__(self) -> float:
        raise self.refuse(
            "a drawn number was turned into a plain float by compiled code (np.array(..., dtype=float), an "
            "assignment into a float array), where it is not followed; compare the number as it was drawn"
        )

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or not hasattr(self.__class__, name):  # a float has none either
            raise AttributeError(name)
        raise self.refuse(f"drawn numbers do not support .{name}")

    def __repr__(self) -> str:
        return "<a drawn number>"

    def __format__(self, form: str) -> str:
        return self.asked(lambda value: format(value, form)) if form else repr(self)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        from .numpy_ufuncs import ufunc_of_drawn

        return ufunc_of_drawn(ufunc, method, inputs, kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        from .numpy_functions import function_of_drawn

        return function_of_drawn(func, args, kwargs)

    __class__ = property(lambda self: float if self.symbol.lattice.name in _PYTHON else np.float64)


def _compare_two(left: Uniform, right: Uniform, compare: Comparison) -> Any:
    """Two drawn numbers: decided where they are functions of the same uniform."""
    if left.symbol is right.symbol:
        if left.function is right.function:
            return compare(0.0, 0.0)
        if left.sign != right.sign:  # the difference is monotone
            one, other = left.function, right.function
            return settle(left.symbol, lambda value: compare(one(value), other(value)))
    raise left.refuse(
        "two drawn numbers were compared with each other (sorting uniforms does that); "
        "the engine follows each one as an interval and cannot follow their order"
    )
