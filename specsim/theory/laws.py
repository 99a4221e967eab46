"""Laws as they come in: arrays of any kind, or lists of floats, fractions or symbols."""

from fractions import Fraction
from numbers import Rational, Real
from typing import Any

import numpy as np
from array_api_compat import is_torch_array

from specsim.core.arrays import Array

from .scalars import is_symbolic


def as_laws(values: Any, name: str) -> Array:
    """Arrays of machine numbers as they are, lists as arrays; fractions and symbols stay exact.

    Raises ValueError for what holds no numbers or mixes exact ones with floats.
    """
    if is_torch_array(values) and values.is_floating_point():
        return values
    laws = _rectangular(values, name)
    if laws.dtype.kind == "f":
        return laws
    if laws.dtype.kind in "iu":
        return laws.astype(float)
    return _exact(laws.astype(object), name)


def same_size(target: Array, draft: Array) -> None:
    """Raise ValueError unless both have a last axis, of the same length."""
    sizes = [tuple(laws.shape)[-1:] for laws in (target, draft)]
    if sizes[0] != sizes[1] or sizes[0] in ((), (0,)):
        raise ValueError(
            "target and draft must be laws (..., V) over the same V >= 1 tokens, got shapes "
            f"{tuple(target.shape)} and {tuple(draft.shape)}; do both models share one vocabulary?"
        )


def plain(value: Any) -> Any:
    """A NumPy scalar as a number of Python; all else as it is."""
    return value.item() if isinstance(value, np.generic) else value


def _rectangular(values: Any, name: str) -> np.ndarray:
    try:
        return np.asarray(values)
    except ValueError:
        raise ValueError(f"{name} must be an array (..., V), got rows of different lengths") from None


def _exact(laws: np.ndarray, name: str) -> np.ndarray:
    if any(map(is_symbolic, laws.flat)):
        import sympy

        return np.frompyfunc(sympy.sympify, 1, 1)(laws)
    wrong = [entry for entry in laws.flat if not _is_exact_number(entry)]
    if wrong:
        raise ValueError(
            f"{name} must hold floats only, or fractions only, got {wrong[0]!r}; "
            "write Fraction(1, 2) for an exact half"
        )
    return np.frompyfunc(_fraction, 1, 1)(laws)


def _is_exact_number(value: Any) -> bool:
    return isinstance(value, Rational) or (hasattr(value, "__truediv__") and not isinstance(value, Real))


def _fraction(value: Any) -> Any:
    if type(value) is Fraction or not isinstance(value, Rational):
        return value
    return Fraction(int(value.numerator), int(value.denominator))
