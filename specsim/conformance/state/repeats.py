"""Does a second call owe anything to the first? Prefix caches, and whatever else an object remembers.

One instance is called twice: for the same prompt, for the text that it has just written, and for a prompt
that shares its beginning. The second text must have its own law, whatever the first one was.

>>> class Cached:                                            # the cache is keyed by length, not by content
...     def __init__(self):
...         self.rows = {}
...     def generate(self, target, draft, prompt, max_new_tokens, rng):
...         text = list(prompt)
...         for _ in range(max_new_tokens):
...             row = self.rows.setdefault(len(text), target(text))
...             text.append(int(rng.choice(len(row), p=row)))
...         return text[len(prompt):]
>>> report = check_repeats(Cached().generate)
>>> report.verdict, report.diagnosis.kind
('lossy', 'context')
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ..cases import Context
from ..comparing import Comparison
from ..engine import Crash, Unsupported
from ..report import Diagnosis, Report
from .asking import Caller, Clock, held, reported

FIRST: Context = (0, 1)
Next = Callable[[Context], Context]
SECOND: dict[str, Next] = {
    "the same prompt again": lambda text: FIRST,
    "the text that was written": lambda text: (*FIRST, *text),
    "a prompt that shares its beginning": lambda text: (FIRST[0], 0, 1),
}
"""The prompt of the second call, given the first text."""


def check_repeats(
    generate: Callable[..., Any],
    *,
    arguments: Mapping[str, Any] | None = None,
    length: int = 2,
    seconds: float = 60.0,
    **options: Any,
) -> Report:
    """Whether the second text of one instance has its own law, given the first; by exact law of both.

    arguments, options: as for `check_generator_exactly`.
    """
    clock = Clock(seconds)
    subject = getattr(generate, "__qualname__", type(generate).__name__)
    try:
        caller = Caller(generate, arguments, options)
        compared = {words: _compared(caller, after, length, clock) for words, after in SECOND.items()}
    except Unsupported as refused:
        return Report("unknown", "exact law", unexplored=1.0, notes=(str(refused),), subject=subject)
    inputs = [{"prompt": list(FIRST), "second": words, "max_new_tokens": length} for words in compared]
    report = reported(caller, list(compared.values()), inputs)
    return report if report.verdict != "lossy" else replace(report, diagnosis=_named(compared))


def _compared(caller: Caller, after: Next, length: int, clock: Clock) -> Comparison:
    def play() -> Any:
        generate, rng = caller.instance(), caller.source()
        one = caller.text(caller(generate, FIRST, length, rng), FIRST, length)
        prompt = after(one)
        return one, caller.text(caller(generate, prompt, length, rng), prompt, length)

    due = {
        (one, two): p * q
        for one, p in caller.due(FIRST, length).items()
        for two, q in caller.due(after(one), length).items()
    }
    return held(caller.law(play, clock.left), due)


def _named(compared: Mapping[str, Comparison]) -> Diagnosis:
    words, worst = max(compared.items(), key=lambda one: one[1].tv)
    crash = next((key for key, came, _ in worst.rows if isinstance(key, Crash) and came), None)
    if crash is not None:
        said = f"A second call ({words}) raises {crash.kind}: {crash.message}"
        return Diagnosis("crash", said, "Begin every call with empty caches, or keep them true to the text.")
    return Diagnosis(
        "context",
        f"The second text has another law than the first would have there; it was asked for {words}.",
        "Key caches by the tokens that they stand for, and cut them where the texts part.",
    )
