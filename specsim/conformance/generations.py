"""Is this generator exact? The exact law of the texts that it writes with small models, round after round.

A generator is handed models, callables from a context to the law of the next token, and walked through every
random choice of a whole text. What comes out must have the target's law of texts, with the options that were
asked for applied: stale contexts and frozen processors show there, and in no single round.

>>> from specsim.conformance.gallery import GALLERY
>>> report = check_generator_exactly(GALLERY["M39"].run)
>>> report.verdict, report.diagnosis.kind
('lossy', 'context')
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import cycle
from typing import Any

from .budget import DOUBLE, Budget
from .engine import Unsupported
from .explaining_texts import explain
from .models import Asked, model_pair
from .report import Counterexample, Report
from .telling import Teller, Told, agree_on, tell

LENGTHS = (1, 2, 3, 4)
VOCABULARIES = (3, 2)
PROMPTS = ((0,), (1, 0))


def check_generator_exactly(
    generate: Callable[..., Any],
    *,
    arguments: Mapping[str, Any] | None = None,
    vocab: Sequence[int] = VOCABULARIES,
    lengths: Sequence[int] = LENGTHS,
    tolerance: float | None = None,
    seconds: float = 60.0,
    **options: Any,
) -> Report:
    """The verdict on a generator, by the exact law of its texts.

    generate: (target, draft, prompt, max_new_tokens, rng, **options) -> new tokens; target and draft are
        callables from a context (a sequence of tokens) to the law (V,) of the next, from (B, t) to (B, V).
    arguments: what the parameters of these names are given: a role such as "target", or a value.
    vocab, lengths: sizes of vocabularies, and numbers of new tokens. tolerance, seconds: as for `check`.
    options: keywords handed on to generate. processor, temperature, top_k, top_p and eos shape the law, as
        specsim.conformance.gallery.contracts says; others must not change it.
    Raises ValueError where the generator cannot be called, with the contract.
    """
    budget = DOUBLE if tolerance is None else Budget(min(DOUBLE.exactly, tolerance), tolerance)
    deadline = time.monotonic() + seconds
    name = getattr(generate, "__qualname__", type(generate).__name__)
    report = Report("unknown", "exact law", unexplored=1.0, tolerance=budget.tolerance, subject=name)
    try:
        teller = agree_on(generate, arguments, options, budget)
        told = _all_told(teller, _requests(vocab, lengths, options), budget, deadline)
    except Unsupported as refused:
        return replace(report, notes=(str(refused),))
    return _concluded(report, teller, told)


def _requests(vocab: Sequence[int], lengths: Sequence[int], options: Mapping[str, Any]) -> Iterator[Asked]:
    """Requests, the shortest first; with ties among the likeliest tokens where only these are wanted."""
    for length in sorted(lengths):
        for size, prompt in zip(vocab, cycle(PROMPTS)):
            yield Asked(model_pair(size, 1), prompt, length, options)
            if options.get("temperature") == 0:
                yield Asked(model_pair(size, 2, kinds=2), prompt, length, options)


def _all_told(teller: Teller, requests: Iterable[Asked], budget: Budget, deadline: float) -> list[Told]:
    """The laws of the texts, up to the length at which a fault shows and all its requests."""
    told: list[Told] = []
    for asked in requests:
        known = [one.asked.length for one in told if one.comparison.verdict == "lossy"]
        if known and asked.length > max(2, *known):
            break
        told.append(tell(teller, asked, budget, deadline))
    return told


def _concluded(report: Report, teller: Teller, told: Sequence[Told]) -> Report:
    verdicts = {one.comparison.verdict for one in told}
    faults = [one for one in told if one.comparison.verdict == "lossy"]
    verdict = "lossy" if faults else "exact" if verdicts == {"exact"} else "unknown"
    notes = dict.fromkeys([*(note for one in told for note in one.notes), str(teller)])
    return replace(
        report,
        verdict=verdict,
        tv=max(one.comparison.tv for one in told),
        unexplored=max(one.comparison.unexplored for one in told),
        cases=len(told),
        notes=tuple(notes),
        counterexample=_shown(faults[0]) if faults else None,
        diagnosis=explain(teller, told, faults) if faults else None,
    )


def _shown(fault: Told) -> Counterexample:
    """The request and both laws of its texts."""
    asked = fault.asked
    inputs = {
        "prompt": list(asked.prompt),
        "max_new_tokens": asked.length,
        "options": {key: getattr(value, "__name__", value) for key, value in asked.options.items()},
        "target": asked.table(0),
        "draft": asked.table(1),
    }
    return Counterexample(inputs, fault.comparison.rows[:64], fault.comparison.tv)
