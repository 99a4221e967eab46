"""Are the log-probabilities that come with a text those of the law that was asked for?

A token's log-probability is that of the target's law, all options applied, after everything before it.
Whether the token was kept, a correction or a bonus makes no difference.

>>> from specsim.conformance.gallery import GALLERY
>>> print(check_logprobs(GALLERY["M52"].run).diagnosis.words)
The log-probability of some tokens is 0, that of a decision which has been made.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..cases import Context
from ..engine import Crash, Unsupported
from ..readings import Unreadable
from ..report import Counterexample, Diagnosis, Report
from .asking import PAIR, Caller, Clock, frozen, other_part, target_law

PROMPTS: tuple[Context, ...] = ((0,), (1, 0))
CLOSE = 1e-5
"""Up to this a log-probability is right: float32 computes them to 1e-6."""
FIX = "Take log target(token) of the law that was asked for, before anything is decided."


@dataclass(frozen=True)
class _Audit:
    """A text with its log-probabilities, and those that are due."""

    prompt: Context
    text: Context
    chance: float
    came: tuple[float, ...]
    due: tuple[float, ...]

    @property
    def gap(self) -> float:
        return max((abs(a - b) for a, b in zip(self.came, self.due) if a != b), default=0.0)


def check_logprobs(
    generate: Callable[..., Any],
    *,
    arguments: Mapping[str, Any] | None = None,
    length: int = 3,
    seconds: float = 60.0,
    **options: Any,
) -> Report:
    """Whether generate(..., logprobs=True) returns (tokens, logprobs) with the right logprobs, on every text.

    arguments, options: as for `check_generator_exactly`. tv of the report is the chance that one is wrong.
    Raises ValueError where no log-probabilities can be found in what is returned.
    """
    clock = Clock(seconds)
    subject = getattr(generate, "__qualname__", type(generate).__name__)
    try:
        caller = Caller(generate, arguments, {**options, "logprobs": True})
        found, unexplored = _audits(caller, length, clock)
    except Unsupported as refused:
        return Report("unknown", "exact law", unexplored=1.0, notes=(str(refused),), subject=subject)
    wrong = [one for one in found if one.gap > CLOSE]
    report = Report(
        "lossy" if wrong else "unknown" if unexplored > CLOSE else "exact",
        "exact law",
        tv=max(sum(one.chance for one in wrong if one.prompt == prompt) for prompt in PROMPTS),
        unexplored=unexplored,
        tolerance=CLOSE,
        cases=len(found),
        subject=caller.name,
    )
    if not wrong:
        return report
    worst = max(wrong, key=lambda one: one.gap)
    return replace(report, diagnosis=_named(wrong, options), counterexample=_shown(worst))


def _audits(caller: Caller, length: int, clock: Clock) -> tuple[list[_Audit], float]:
    found, unexplored = [], 0.0
    for prompt in PROMPTS:

        def play(prompt: Context = prompt) -> Any:
            return frozen(caller(caller.instance(), prompt, length, caller.source()))

        law = caller.law(play, clock.left)
        unexplored = max(unexplored, law.unexplored)
        for raw, chance in law.chances.items():
            if not isinstance(raw, Crash):
                found.append(_audit(caller, prompt, raw, length, chance))
    return found, unexplored


def _audit(caller: Caller, prompt: Context, raw: Any, length: int, chance: float) -> _Audit:
    text = caller.text(raw, prompt, length)
    try:
        came = tuple(map(float, other_part(raw, len(text), caller.teller.reading.parts)))
    except (Unreadable, TypeError):
        raise ValueError(
            f"with logprobs=True a generator returns (tokens, logprobs), one number for each token; got {raw}"
        ) from None
    law = target_law(caller.options)
    return _Audit(prompt, text, chance, came, _logs(law, prompt, text))


def _logs(law: Callable[[Context], np.ndarray], prompt: Context, text: Context) -> tuple[float, ...]:
    with np.errstate(divide="ignore"):
        return tuple(float(np.log(law((*prompt, *text[:i]))[token])) for i, token in enumerate(text))


def _named(wrong: list[_Audit], options: Mapping[str, Any]) -> Diagnosis:
    """Whose log-probabilities they are instead."""

    def all_of(law: Callable[[Context], np.ndarray]) -> bool:
        return all(np.allclose(one.came, _logs(law, one.prompt, one.text), atol=CLOSE) for one in wrong)

    if all(
        came in (0.0, due) or abs(came - due) < CLOSE for one in wrong for came, due in zip(one.came, one.due)
    ):
        words = "The log-probability of some tokens is 0, that of a decision which has been made."
    elif all_of(lambda context: PAIR.laws(context)[1]):
        words = "The log-probabilities are the draft model's."
    elif options and all_of(lambda context: PAIR.laws(context)[0]):
        words = "The log-probabilities are the target's before temperature, filters and processors."
    elif all(np.allclose(np.exp(one.due), one.came, atol=CLOSE) for one in wrong):
        words = "They are probabilities, not their logarithms."
    else:
        words = "The log-probabilities are not the target's."
    return Diagnosis("logprobs", words, FIX)


def _shown(audit: _Audit) -> Counterexample:
    inputs = {"prompt": list(audit.prompt), "text": list(audit.text)}
    rows = tuple((i, came, due) for i, (came, due) in enumerate(zip(audit.came, audit.due)))
    return Counterexample(inputs, rows, audit.chance)
