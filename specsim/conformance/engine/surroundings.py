"""Randomness that is no generator: the system's entropy, and the clock as a seed."""

import os
import random
import time
import types
from typing import Any

from .walk import Walk

STEP = 86_413.618  # seconds by which each run's clock is ahead of the one before


def replacements(walk: Walk) -> list[tuple[types.ModuleType, dict[str, Any]]]:
    """Names of os, random and time, and what they are during a walk.

    The system's entropy is refused. The clock is put forward from run to run, so that a seed taken from it is
    another one in each run, and is noticed.
    """

    def entropy(size: int) -> bytes:
        raise walk.refuse(
            "the function draws from os.urandom (secrets, uuid4, SystemRandom), which cannot be decided"
        )

    def clock(real: Any, unit: int) -> Any:
        return lambda: real() + type(real())(walk.runs * STEP * unit)

    clocks = {name: clock(getattr(time, name), 1) for name in ("time", "monotonic", "perf_counter")}
    clocks |= {
        name: clock(getattr(time, name), 10**9) for name in ("time_ns", "monotonic_ns", "perf_counter_ns")
    }
    return [(os, {"urandom": entropy}), (random, {"_urandom": entropy}), (time, clocks)]
