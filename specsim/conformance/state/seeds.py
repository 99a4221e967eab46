"""Is a text a function of its prompt, its options and its seed, and of nothing else?

Not whatever ran before, and not whoever is beside it in the batch. Coupling to plain decoding, the same seed
giving the same text without speculation, is nobody's promise and is not asked for.

>>> from specsim.conformance.gallery import GALLERY
>>> print(check_seeds(GALLERY["M51"].run).diagnosis.words)
In a batch the same request with the same seed gives another text than alone.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from ..cases import Context
from ..engine import Unsupported
from ..readings import Unreadable
from ..report import Counterexample, Diagnosis, Report
from ..walking import untouched_randomness
from .asking import WIDE, Caller

LENGTH = 24
SEEDS = tuple(range(1, 9))
PROMPTS: tuple[Context, ...] = ((0, 1), (1, 0), (2, 2))
MATES = ((PROMPTS[2:], (2,)), (PROMPTS[1:2], (3,)), (PROMPTS[1:], (2, 3)))
"""Other batch mates than the second prompt with seed 2, and their seeds."""
OWN = "Give every request a generator of its own, made from its seed alone."
USE = "Draw every random number of a request from a generator made from its seed."


def check_seeds(
    generate: Callable[..., Any],
    *,
    arguments: Mapping[str, Any] | None = None,
    name: str = "seed",
    **options: Any,
) -> Report:
    """Whether generate(..., seed=s) replays its texts, alone and in a batch.

    name: of the option. In a batch, a list of prompts, it is a list of seeds. arguments, options: as for
    `check_generator_exactly`. Texts of 24 tokens over 7 are compared: two draws of
    them do not agree by chance. The verdict of a pass is "unknown": seeds are tried, not proved.
    """
    subject = getattr(generate, "__qualname__", type(generate).__name__)
    try:
        caller = Caller(generate, arguments, options)
    except Unsupported as refused:
        return Report("unknown", "sampled", notes=(str(refused),), subject=subject)
    with untouched_randomness():
        found = _Texts(caller, name)
        fault = next(found.faults(), None)
    report = Report("unknown", "sampled", samples=found.tokens, subject=subject, notes=tuple(found.notes))
    if fault is None:
        seen = f"replayed for {len(SEEDS)} seeds of {len(PROMPTS)} prompts"
        return replace(report, notes=(f"seeds: {seen}", *report.notes))
    return replace(report, verdict="lossy", diagnosis=fault, counterexample=found.shown)


class _Texts:
    """Texts with seeds, and what is wrong with them. Each call gets another generator beside its seed."""

    def __init__(self, caller: Caller, name: str) -> None:
        self.caller, self.name = caller, name
        self.generate = caller.instance()
        self.calls = self.tokens = 0
        self.notes: list[str] = []
        self.shown: Counterexample | None = None

    def alone(self, prompt: Context, seed: int) -> Context:
        """The text of a request on its own."""
        raw = self._asked(prompt, seed)
        text = self.caller.text(raw, prompt, LENGTH, WIDE)
        self.tokens += len(text)
        return text

    def together(self, prompts: tuple[Context, ...], seeds: tuple[int, ...]) -> tuple[Context, ...]:
        """The texts of a batch."""
        return self.caller.texts(self._asked(prompts, list(seeds)), prompts, LENGTH, WIDE)

    def _asked(self, prompt: Any, seed: Any) -> Any:
        self.calls += 1
        rng = self.caller.source(self.calls)
        return self.caller(self.generate, prompt, LENGTH, rng, WIDE, **{self.name: seed})

    def faults(self) -> Iterator[Diagnosis]:
        """What is wrong, the plainest first."""
        known = {(prompt, seed): self.alone(prompt, seed) for prompt in PROMPTS for seed in SEEDS}
        for (prompt, seed), text in known.items():
            again = self.alone(prompt, seed)
            if again != text:
                yield self._told("The same request with the same seed gives another text.", USE, text, again)
        if len({text for (prompt, _), text in known.items() if prompt == PROMPTS[0]}) == 1:
            text = known[PROMPTS[0], SEEDS[0]]
            yield self._told("The text is the same for every seed.", USE, text, text)
        with suppress(Unreadable):
            yield from self._mates(known)
            return
        self.notes.append("a list of prompts is not taken: batches were not looked at")

    def _mates(self, known: Mapping[tuple[Context, int], Context]) -> Iterator[Diagnosis]:
        first, second, _ = PROMPTS
        try:
            twins = self.together((first, first), (1, 2))
        except Exception as refused:
            raise Unreadable from refused
        if twins[0] == twins[1]:
            words = "Requests of a batch with different seeds share their random numbers."
            yield self._told(words, OWN, *twins)
        before = self.together((first, second), (1, 2))[0]
        if before != known[first, 1]:
            words = "In a batch the same request with the same seed gives another text than alone."
            yield self._told(words, OWN, known[first, 1], before)
        for mates, seeds in MATES:
            text = self.together((first, *mates), (1, *seeds))[0]
            if text != before:
                words = "With another batch mate the same request with the same seed gives another text."
                yield self._told(words, OWN, before, text)
        if self.together((second, first), (2, 1))[1] != known[first, 1]:
            words = "In another row of the batch the same request with the same seed gives another text."
            yield self._told(words, OWN, known[first, 1], ())

    def _told(self, words: str, fix: str, one: Context, two: Context) -> Diagnosis:
        inputs = {"max_new_tokens": LENGTH, "a text": list(one), "and another": list(two)}
        self.shown = Counterexample(inputs, (), 0.0)
        return Diagnosis("seed", words, fix)
