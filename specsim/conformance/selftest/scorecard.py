"""All parts of the selftest, spread over the cores."""

import multiprocessing
import os
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import partial, reduce
from operator import add
from typing import Any

from . import engine, exhibits, sampling
from .lines import Line

Job = Callable[[], Any]
Join = Callable[[list[Any]], list[Line]]


def _jobs(part: str) -> tuple[list[Job], Join]:
    """The pieces of a part, and what turns their results into lines."""
    jobs: dict[str, Callable[[], list[Job]]] = {
        "mutants": lambda: [partial(exhibits.outcome, id) for id in exhibits.ids(exact=False)],
        "lossless": lambda: [partial(exhibits.outcome, id) for id in exhibits.ids(exact=True)],
        "engine": lambda: [engine.formulas],
        "draws": lambda: [partial(engine.counts, chunk) for chunk in range(engine.CHUNKS)],
        "calibration": lambda: [partial(sampling.calibration, form) for form in ("rounds", "text")],
        "power": lambda: [partial(sampling.found, name) for name in sampling.ROUNDS],
    }
    return jobs[part](), _JOIN[part]


def _flat(lists: Iterable[list[Line]]) -> list[Line]:
    return [line for lines in lists for line in lines]


_JOIN: dict[str, Join] = {
    "mutants": lambda all: [*exhibits.mutant_lines(all), *exhibits.time_lines(all)],
    "lossless": lambda all: [*exhibits.lossless_lines(all), *exhibits.time_lines(all)],
    "engine": _flat,
    "draws": lambda all: engine.draw_lines(reduce(add, all)),
    "calibration": _flat,
    "power": lambda all: list(map(sampling.power_line, all)),
}

PARTS = ("mutants", "lossless", "engine", "draws", "calibration", "power")
"""What can be asked for."""


def selftest(
    parts: Collection[str] = PARTS,
    *,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Line]:
    """The lines of the scorecard. Raises ValueError for a part that is none.

    workers: processes, one per core unless given. progress: is told how many pieces are done, of how many.
    """
    if strange := [part for part in parts if part not in PARTS]:
        raise ValueError(f"a part of the selftest is one of {', '.join(PARTS)}, got {strange[0]!r}")
    work = {part: _jobs(part) for part in PARTS if part in parts}
    done = _done([(part, job) for part, (jobs, _) in work.items() for job in jobs], workers, progress)
    return [line for part, (_, join) in work.items() for line in join(done[part])]


def _done(
    jobs: Sequence[tuple[str, Job]], workers: int | None, progress: Callable[[int, int], None] | None
) -> dict[str, list[Any]]:
    """The results of all pieces, in order."""
    results: list[Any] = [None] * len(jobs)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers or os.cpu_count(), context, initializer=_one_thread) as pool:
        running = {pool.submit(job): place for place, (_, job) in enumerate(jobs)}
        for number, future in enumerate(as_completed(running), 1):
            results[running[future]] = future.result()
            if progress is not None:
                progress(number, len(jobs))
    return {part: [r for r, (of, _) in zip(results, jobs) if of == part] for part, _ in jobs}


def _one_thread() -> None:
    """Each process has a core to itself."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
