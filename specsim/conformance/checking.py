"""Is this verifier exact? Its completed law on every case, the smallest case that shows a fault, its name.

>>> import numpy as np
>>> def verify(target, draft, tokens, rng):
...     out = []
...     for p, q, x in zip(target, draft, tokens):
...         if rng.random() * q[x] >= p[x]:
...             return [*out, rng.choice(len(p), p=p)]       # should be norm((p - q)_+)
...         out.append(int(x))
...     return [*out, rng.choice(target.shape[-1], p=target[-1])]
>>> report = check(verify, search=False)
>>> report.verdict, report.diagnosis.kind
('lossy', 'correction')
"""

import inspect
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from specsim.core.draft import AnyShape, as_shape

from .budget import DOUBLE, Budget
from .cases import Case
from .conventions import agree
from .engine import Unsupported
from .report import Diagnosis, Report
from .running import Run
from .signature import CONTRACT
from .suites import GAMMAS, TREES, VOCABULARIES, batches_suite, chains_suite, trees_suite


def check(
    verify: Callable[..., Any],
    *,
    contract: str | None = None,
    arguments: Mapping[str, Any] | None = None,
    array: str | None = None,
    gammas: Sequence[int] = GAMMAS,
    vocab: Sequence[int] = VOCABULARIES,
    shapes: Sequence[AnyShape] = TREES,
    tolerance: float | None = None,
    seconds: float = 60.0,
    search: bool = True,
    read_only: bool = False,
) -> Report:
    """The verdict on a verifier, by the exact law of what it emits.

    verify: a function (target (gamma + 1, V), draft (gamma, V), tokens (gamma,), rng) -> emitted tokens.
        Other names, orders, arrays and results are understood where possible, and noted.
    contract: "chain", "batch" (a leading axis on every array) or "tree" (with `parent`); found out unless
        given.
    arguments: what the parameters of these names are given: a role such as "target", or a value.
    array: "numpy", "torch" (float32), "torch64" or "list"; found out unless given.
    gammas, vocab: lengths of drafts and sizes of vocabularies to try. shapes: of trees, see
        specsim.core.Shape.
    tolerance: total variation that counts as arithmetic; 1e-6 unless given, which float32 stays below.
    seconds: after this the verdict is "unknown", unless a fault was found.
    search: shrink a fault to its smallest case (needs hypothesis).
    read_only: whether writing into an argument is a fault, as it is where the caller reads its laws again;
        else it is noted.
    Raises ValueError where the verifier cannot be called, with the contract.
    """
    budget = DOUBLE if tolerance is None else Budget(min(DOUBLE.exactly, tolerance), tolerance)
    deadline = time.monotonic() + seconds
    verify = _instance(verify)
    name = getattr(verify, "__qualname__", type(verify).__name__)
    try:
        found = agree(verify, contract, arguments, array, budget)
    except Unsupported as refused:
        return Report("unknown", "exact law", unexplored=1.0, notes=(str(refused),), subject=name)
    run = Run(found, budget, deadline, tuple(map(as_shape, shapes)))
    run.through(_suite(found.contract, gammas, vocab, shapes))
    if run.verdict == "exact" and search:
        run.hunt()
    if run.verdict == "exact":
        run.on_and_on()
    report = run.report(name, search)
    return _with_changes(report, run) if read_only else report


def _instance(verify: Any) -> Any:
    """What is to be called: of a class, an object."""
    if not inspect.isclass(verify):
        return verify
    try:
        return verify()
    except TypeError as error:
        raise ValueError(
            f"of a class, pass an object that is called as {CONTRACT['chain']}; {error}"
        ) from None


def _with_changes(report: Report, run: Run) -> Report:
    """The report of a verifier whose arguments are read again after the call."""
    if report.verdict == "lossy" or not (changed := run.changed):
        return report
    words = f"It writes into its argument {changed[0]}, which is read again after the call."
    return replace(report, verdict="lossy", diagnosis=Diagnosis("state", words, "Work on a copy."))


def _suite(
    contract: str, gammas: Sequence[int], vocab: Sequence[int], shapes: Sequence[AnyShape]
) -> Iterator[Case]:
    if contract == "tree":
        return trees_suite(shapes, vocab)
    return batches_suite(gammas, vocab) if contract == "batch" else chains_suite(gammas, vocab)
