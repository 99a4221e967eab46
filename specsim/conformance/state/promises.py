"""Every promise of a generator, by the options that it takes.

>>> from specsim.conformance.gallery import GALLERY
>>> report = check_state(GALLERY["X30"].run)
>>> report.verdict, report.diagnosis.kind, [note for note in report.notes if note.startswith("eos")]
('lossy', 'stopping', ['eos=1: lossy, total variation 0.375'])
"""

import inspect
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..budget import DOUBLE
from ..gallery.contracts import no_repeats
from ..generations import check_generator_exactly
from ..report import Report
from ..roles import role_of
from ..running import LIMITS
from .asking import Clock
from .batches import check_batch
from .logprobs import check_logprobs
from .repeats import check_repeats
from .seeds import check_seeds

SHAPED: dict[str, tuple[Any, ...]] = {
    "processor": (no_repeats,),
    "eos": (1,),
    "temperature": (0.5, 0.0),
    "top_k": (2,),
    "top_p": (0.6,),
    "gamma": (1, 3),
}
"""Options with the values that are tried; the law of the text is known with each of them."""
LENGTHS = (1, 3)
GIVEN = ("target", "draft", "context", "length", "rng")
"""Roles that every generator is handed."""
PROMISES = (*SHAPED, "seed", "logprobs", "batch")

Ask = Callable[[float], Report]


def check_state(
    generate: Callable[..., Any],
    *,
    promises: Collection[str] | None = None,
    arguments: Mapping[str, Any] | None = None,
    tolerance: float | None = None,
    seconds: float = 60.0,
) -> Report:
    """The verdict on a generator with all its options: laws of texts, second calls, seeds, batches.

    generate, arguments, tolerance: as for `check_generator_exactly`.
    promises: options to check, of PROMISES; those that its signature names, unless given; "batch" is never
    assumed.
    The report is that of the first fault; its notes say what each check found. A pass is "exact" if every
    law was; seeds can only be tried, and notes say so.
    Raises ValueError for a promise that is none, or where the generator cannot be called.
    """
    chosen = _named_in(generate) if promises is None else tuple(promises)
    if strange := [one for one in chosen if one not in PROMISES]:
        raise ValueError(f"a promise is one of {', '.join(PROMISES)}, got {strange[0]!r}")
    clock = Clock(seconds)
    needed = {name: SHAPED[name][0] for name in _required(generate) if name in SHAPED}
    found: list[tuple[str, Report]] = []
    for one in _checks(generate, chosen, needed, {"arguments": arguments} if arguments else {}, tolerance):
        report = one.run(clock.left)
        found.append((one.words, report))
        if report.verdict == "lossy":
            break
    return _merged(found, [*_untried(generate, chosen), *LIMITS])


@dataclass(frozen=True)
class _Check:
    words: str
    run: Ask


def _checks(
    generate: Callable[..., Any],
    chosen: Collection[str],
    needed: Mapping[str, Any],
    more: Mapping[str, Any],
    tolerance: float | None,
) -> Iterator[_Check]:
    """The checks, the quickest first. needed: options without which it cannot be called."""
    shaped = [(name, value) for name, values in SHAPED.items() if name in chosen for value in values]
    asked = [{**needed, name: value} for name, value in shaped]
    for options in [needed, *(one for one in asked if one != needed)]:
        words = ", ".join(f"{name}={_shown(value)}" for name, value in options.items()) or "no option"
        yield _Check(words, _exactly(generate, {**more, **options, "tolerance": tolerance}))
    yield _Check("a second call", lambda left: check_repeats(generate, seconds=left, **more, **needed))
    yield _Check("no token", lambda left: _nothing(generate, {**more, **needed}, left))
    if "seed" in chosen:
        yield _Check("seed", lambda left: check_seeds(generate, **more, **needed))
    if "logprobs" in chosen:
        yield _Check("logprobs", lambda left: check_logprobs(generate, seconds=left, **more, **needed))
    if "batch" in chosen:
        yield _Check("batch", lambda left: check_batch(generate, seconds=left, **more, **needed))


def _exactly(generate: Callable[..., Any], options: Mapping[str, Any]) -> Ask:
    def run(left: float) -> Report:
        report = check_generator_exactly(generate, lengths=LENGTHS, seconds=left, **options)
        if report.verdict != "lossy":
            return report
        return check_generator_exactly(generate, seconds=left, **options)  # shorter texts tell more

    return run


def _nothing(generate: Callable[..., Any], options: Mapping[str, Any], left: float) -> Report:
    """Asked for no token, it returns none, or says that it does not take the request."""
    report = check_generator_exactly(generate, lengths=(0,), seconds=left, **options)
    if report.diagnosis is not None and report.diagnosis.kind == "crash":
        said = f"max_new_tokens=0 is refused: {report.diagnosis.words}"
        return replace(report, verdict="exact", diagnosis=None, counterexample=None, tv=0.0, notes=(said,))
    return report


def _shown(value: Any) -> Any:
    return getattr(value, "__name__", value)


def _named_in(generate: Callable[..., Any]) -> tuple[str, ...]:
    return tuple(name for name in PROMISES if name in inspect.signature(generate).parameters)


def _required(generate: Callable[..., Any]) -> list[str]:
    parameters = inspect.signature(generate).parameters.values()
    return [one.name for one in parameters if one.default is one.empty]


def _untried(generate: Callable[..., Any], chosen: Collection[str]) -> list[str]:
    """Options that nobody asked to check, or whose meaning is not known."""
    parameters = inspect.signature(generate).parameters.values()
    left = [
        one.name
        for one in parameters
        if one.default is not one.empty and one.name not in chosen and role_of(one.name) not in GIVEN
    ]
    return [f"left as they are: {', '.join(left)}"] if left else []


def _merged(found: list[tuple[str, Report]], more: list[str]) -> Report:
    verdicts = [report.verdict for _, report in found if report.method == "exact law"]
    last = found[-1][1]
    worst = last if last.verdict == "lossy" else max((one for _, one in found), key=lambda one: one.tv or 0.0)
    notes = [f"{words}: {_said(report)}" for words, report in found]
    notes += [note for _, report in found for note in report.notes] + more
    if last.verdict == "lossy":
        return replace(worst, notes=tuple(dict.fromkeys(notes)))
    return replace(
        worst,
        verdict="exact" if set(verdicts) == {"exact"} else "unknown",
        unexplored=max(report.unexplored for _, report in found),
        tolerance=DOUBLE.tolerance,
        cases=sum(report.cases for _, report in found),
        notes=tuple(dict.fromkeys(notes)),
    )


def _said(report: Report) -> str:
    if report.verdict == "unknown" and report.method == "sampled":
        return "nothing found"
    return report.verdict + (f", total variation {report.tv:.3g}" if report.tv else "")
