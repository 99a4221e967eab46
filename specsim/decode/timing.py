"""Which clock rounds are timed by: that of the wall, unless a measurement chooses another.

Beside other programs a thread often waits for its turn, for longer than a small network takes. Where one
thread does all the work, `processor_seconds` counts its own time only; on an idle machine both clocks agree.

>>> with timed_by(lambda: 5.0):
...     seconds()
5.0
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import perf_counter, process_time

_clock: ContextVar[Callable[[], float]] = ContextVar("clock", default=perf_counter)


def seconds() -> float:
    """Seconds by the chosen clock, since some moment."""
    return _clock.get()()


@contextmanager
def timed_by(clock: Callable[[], float]) -> Iterator[None]:
    """Time rounds by this clock for a while."""
    before = _clock.set(clock)
    try:
        yield
    finally:
        _clock.reset(before)


def processor_seconds() -> Callable[[], float]:
    """A clock of the processor where one thread does all the work; of the wall where there are more.

    Where there is a GPU, it is waited for.
    """
    torch = sys.modules.get("torch")
    if torch is None:
        return process_time
    if torch.cuda.is_available():
        return lambda: (torch.cuda.synchronize(), perf_counter())[1]
    return process_time if torch.get_num_threads() == 1 else perf_counter
