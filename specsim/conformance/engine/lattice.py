"""The numbers that a generator can return: a uniform of a given type takes finitely many values.

    float64 (NumPy, Python, torch)    k 2^-53, k < 2^53
    float32 (NumPy, torch)            k 2^-24, k < 2^24
    float16, bfloat16 (torch)         the 24-bit number rounded to the type, and 1.0 turned into 0.0
    ideal                             k 2^-200: no comparison meets a single point, as for a real number

A coin `u <= ratio` accepts a forbidden token (ratio = 0) with the chance of the point 0, which is 2^-53,
2^-24, 2^-12 (float16) and 2^-9 (bfloat16): what is a rounding detail for float64 is two tokens in a
thousand there. Half types wrap their top points to 0, so those come first here and the values rise with the
point's number.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

IDEAL_BITS = 200


@dataclass(frozen=True)
class Lattice:
    """Equally likely points 0..points-1, and the number that the program sees at each."""

    name: str
    points: int
    value: Callable[[int], Any]
    scale: float | None = None  # where value(k) == k / scale exactly


def bfloat16(value: Any) -> np.float32:
    """A float32 rounded to the nearest bfloat16, ties to even.

    >>> float(bfloat16(0.999)), float(bfloat16(1.001))
    (1.0, 1.0)
    """
    bits = int(np.float32(value).view(np.uint32))
    if bits & 0x7F800000 != 0x7F800000:
        bits = (bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000
    return np.uint32(bits).view(np.float32)


def _wrapped(name: str, rounded: Callable[[Any], Any], top: int) -> Lattice:
    """A 24-bit lattice rounded to a half type; its `top` highest points become 0 and are counted first."""
    return Lattice(name, 2**24, lambda k: rounded(np.float32(max(k - top, 0) * 2.0**-24)))


def _ideal(k: int) -> float:
    return min(k * 2.0**-IDEAL_BITS, 1 - 2.0**-53)  # below 1, as every uniform is


LATTICES = {
    "python": Lattice("python", 2**53, lambda k: k * 2.0**-53, 2.0**53),
    "float64": Lattice("float64", 2**53, lambda k: np.float64(k * 2.0**-53), 2.0**53),
    "float32": Lattice("float32", 2**24, lambda k: np.float32(k * 2.0**-24), 2.0**24),
    "float16": _wrapped("float16", np.float16, 2**12),
    "bfloat16": _wrapped("bfloat16", bfloat16, 2**15),
    "ideal": Lattice("ideal", 2**IDEAL_BITS, lambda k: np.float64(_ideal(k)), 2.0**IDEAL_BITS),
    "exponential": Lattice("exponential", 2**IDEAL_BITS, lambda k: np.float64(_ideal(k)), 2.0**IDEAL_BITS),
    "ideal python": Lattice("ideal python", 2**IDEAL_BITS, _ideal, 2.0**IDEAL_BITS),
}


def lattice_for(kind: str, choice: str) -> Lattice:
    """The lattice of a uniform of this type under lattice="native" or "ideal"."""
    if choice == "native":
        return LATTICES[kind]
    return LATTICES["ideal python" if kind == "python" else "ideal"]


def integers(n: int) -> Lattice:
    """The integers 0..n-1, equally likely."""
    return Lattice(f"integers({n})", n, lambda k: k, 1.0)


def cut(lattice: Lattice, threshold: float, strict: bool) -> int:
    """How many points lie below threshold (strict), or at or below it. Needs lattice.scale.

    >>> cut(LATTICES["float32"], 0.0, strict=True), cut(LATTICES["float32"], 0.0, strict=False)
    (0, 1)
    """
    if threshold != threshold or threshold < 0:
        return 0
    if threshold > lattice.points:
        return lattice.points
    assert lattice.scale is not None
    scaled = threshold * lattice.scale  # exact: the scale is a power of two
    return min(lattice.points, math.ceil(scaled) if strict else math.floor(scaled) + 1)
