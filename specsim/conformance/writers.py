"""Is a decoder with networks of its own exact? The joint law of the texts that it writes, walked.

`check_generator_exactly` hands tables to a generator. A decoder that comes with its networks, and with
caches, masks and devices in between, is called as it is; small networks with random weights will do, because
an exact decoder is exact for any pair. Side by side, the texts of a batch must have the product of the laws
that they have alone.

>>> from specsim.decode import generate
>>> from specsim.models import iid
>>> target, draft = iid([0.5, 0.5]), iid([0.75, 0.25])
>>> report = check_writer(lambda: [generate(target, draft, [0], max_new_tokens=3).tokens], target, [[0]], 3)
>>> report.verdict, report.tv < 1e-12
('exact', True)
"""

import time
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from math import prod
from typing import Any

from .budget import DOUBLE, Budget
from .comparing import Comparison, compare
from .engine import Unsupported, exact_law
from .explaining_texts import UNKNOWN, crash_of
from .gallery.contracts import text_law
from .report import Counterexample, Diagnosis, Report
from .state.batches import batch_fault
from .teacher import forced, shaped
from .walking import LEAVES, quiet, untouched_randomness


def check_writer(
    write: Callable[[], Any],
    target: Any,
    prompts: Sequence[Sequence[int]],
    length: int,
    *,
    tolerance: float | None = None,
    leaves: int = LEAVES,
    seconds: float = 60.0,
    **options: Any,
) -> Report:
    """The verdict on a function that writes one text after each prompt, by the exact law of all of them.

    write: () -> a list with the new tokens after each prompt. Its random numbers may come from any generator
        that `exact_law` can follow, seeded in no other way than by itself.
    target: a callable from a context to the law of the next token, or a model of `specsim.models`.
    length: new tokens per text. tolerance: as for `check`. leaves, seconds: what a walk may take.
    options: processor, temperature, top_k, top_p, eos: what the texts were asked to be.
    """
    budget = DOUBLE if tolerance is None else Budget(min(DOUBLE.exactly, tolerance), tolerance)
    subject = getattr(write, "__qualname__", type(write).__name__)
    began = time.monotonic()
    try:
        with quiet(), untouched_randomness():
            write()  # what it imports on the way is loaded before the walk
            law = exact_law(write, leaves=leaves, seconds=seconds)
    except Unsupported as refused:
        return Report("unknown", "exact law", unexplored=1.0, notes=(str(refused),), subject=subject)
    spent = f"{law.leaves} runs in {time.monotonic() - began:.0f} s"
    found = compare(law.chances, joint_law(target, prompts, length, options), law.unexplored, budget)
    lossy = found.verdict == "lossy"
    return Report(
        found.verdict,
        "exact law",
        tv=found.tv,
        counterexample=_shown(found, prompts, length, options) if lossy else None,
        diagnosis=_named(found, len(prompts)) if lossy else None,
        unexplored=found.unexplored,
        tolerance=budget.tolerance,
        cases=1,
        notes=(*_remarks(found), spent),
        subject=subject,
    )


def joint_law(
    target: Any, prompts: Sequence[Sequence[int]], length: int, options: Mapping[str, Any]
) -> dict[Any, float]:
    """The law of one text after each prompt, independent of each other.

    >>> joint_law(lambda context: [0.25, 0.75], [(0,), (1,)], 1, {})[(1,), (0,)]
    0.1875
    """
    model = shaped(target, options)
    alone = [
        text_law(lambda context: forced(model, context, (0,))[0], tuple(prompt), length, options.get("eos"))
        for prompt in prompts
    ]
    pairs = product(*(law.items() for law in alone))
    return {tuple(text for text, _ in some): prod(chance for _, chance in some) for some in pairs}


def _remarks(found: Comparison) -> tuple[str, ...]:
    said = []
    if found.forbidden:
        said.append(f"texts that must not come: chance {found.forbidden:.2g}")
    if found.crashed:
        said.append(f"it raises an error: chance {found.crashed:.2g}")
    return tuple(said)


def _named(found: Comparison, texts: int) -> Diagnosis:
    return batch_fault([found]) if texts > 1 else crash_of(found) or UNKNOWN


def _shown(
    found: Comparison, prompts: Sequence[Sequence[int]], length: int, options: Mapping[str, Any]
) -> Counterexample:
    inputs = {
        "prompts": [list(prompt) for prompt in prompts],
        "max_new_tokens": length,
        "options": {name: getattr(value, "__name__", value) for name, value in options.items()},
    }
    return Counterexample(inputs, found.rows[:64], found.tv)
