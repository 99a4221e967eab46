"""Generators that nothing found: did one of them move while the function ran?

A generator can hide where no search looks, in the frame of a suspended generator function for example. All
live ones are known to the garbage collector; their states before and after a walk tell. That look takes
tens of milliseconds and is taken the first time that the engine meets a piece of code.
"""

import gc
import pickle
import random
import types
from typing import Any

import numpy as np

from . import drawing, numpy_random
from .python_random import REAL_RANDOM, FakeRandom

_met: set[frozenset[types.CodeType]] = set()


def is_new(codes: frozenset[types.CodeType]) -> bool:
    """Whether the engine sees these functions for the first time."""
    new = codes not in _met
    _met.add(codes)
    return new


def live() -> list[tuple[Any, bytes]]:
    """All real generators that are alive, with their states."""
    own = {id(checker.bit_generator) for checker in (drawing._checker, numpy_random._checker)}
    kinds = (np.random.BitGenerator, REAL_RANDOM)
    found = [item for item in gc.get_objects() if issubclass(type(item), kinds) and id(item) not in own]
    return [(item, state(item)) for item in found if not isinstance(item, FakeRandom | random.SystemRandom)]


def state(item: Any) -> bytes:
    """The state of a generator as bytes."""
    return pickle.dumps(REAL_RANDOM.getstate(item) if isinstance(item, REAL_RANDOM) else item.state)
