"""Calling a foreign generator in ways that one request does not need: batches, seeds, one instance twice."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .. import engine
from ..budget import DOUBLE
from ..cases import Context, Pair
from ..comparing import Comparison, compare
from ..gallery.contracts import asked as shaped
from ..models import SHAPING, Asked, Model, model_pair
from ..readings import Unreadable, parts_of
from ..report import Counterexample, Report
from ..telling import PROMPT_FORMS, _decided, agree_on
from ..walking import LEAVES, plain, quiet

PAIR = model_pair(2, 1)
"""The pair of models of exact laws; `WIDE` is that of texts which are compared."""
WIDE = model_pair(7, 1)


class Caller:
    """A generator with the way to call it and to read its answer.

    Raises ValueError where there is none, Unsupported where the engine cannot follow.
    """

    def __init__(
        self, generate: Callable[..., Any], arguments: Mapping[str, Any] | None, options: Mapping[str, Any]
    ) -> None:
        self.teller = agree_on(generate, arguments, options, DOUBLE)
        self.options = dict(options)
        self.name = getattr(generate, "__qualname__", type(generate).__name__)

    def instance(self) -> Callable[..., Any]:
        """The generator as it was before any call."""
        return self.teller.fresh()

    def __call__(
        self,
        generate: Callable[..., Any],
        prompt: Any,
        length: int,
        rng: Any = None,
        pair: Pair = PAIR,
        **options: Any,
    ) -> Any:
        """What an instance returns, as plain data. prompt: tokens, or several prompts of one length."""

        def supply(role: str) -> Any:
            if role in ("target", "draft"):
                which = ("target", "draft").index(role)
                return Model(lambda context: pair.laws(context)[which], [], self.teller.array)
            return given[role]

        given = {"context": self._prompt(prompt), "length": length, "rng": rng, "vocab": pair.vocab}

        def call(*args: Any, **named: Any) -> Any:
            return generate(*args, **named, **{**self.options, **options})

        with quiet():
            return plain(self.teller.binding.call(call, supply))

    def _prompt(self, prompt: Any) -> Any:
        if isinstance(prompt[0], tuple) and self.teller.form in ("tuple", "list"):
            return list(map(PROMPT_FORMS[self.teller.form], prompt))
        made = np.array(prompt) if isinstance(prompt[0], tuple) else PROMPT_FORMS[self.teller.form](prompt)
        if self.teller.array.startswith("torch") and isinstance(made, np.ndarray):
            from torch import tensor

            return tensor(made.tolist())
        return made

    def source(self, seed: int | None = None) -> Any:
        """A source of random numbers: the engine's, or an ordinary one."""
        torch = self.teller.rng == "torch"
        if seed is None:
            return engine.torch_rng() if torch else engine.numpy_rng()
        if torch:
            from torch import Generator

            return Generator().manual_seed(seed)
        return np.random.default_rng(seed)

    def text(self, raw: Any, prompt: Context, length: int, pair: Pair = PAIR) -> Context:
        """The new tokens in what came back for one prompt. Raises Unreadable."""
        return self.teller.text(frozen(raw), Asked(pair, prompt, length, self.options))

    def texts(
        self, raw: Any, prompts: Sequence[Context], length: int, pair: Pair = PAIR
    ) -> tuple[Context, ...]:
        """The new tokens in what came back for a batch. Raises Unreadable."""
        rows = frozen(raw)
        if not isinstance(rows, tuple) or len(rows) != len(prompts):
            raise Unreadable
        if not all(isinstance(row, tuple) for row in rows):
            raise Unreadable
        return tuple(self.text(row, prompt, length, pair) for row, prompt in zip(rows, prompts))

    def due(self, prompt: Context, length: int) -> dict[Context, float]:
        """The law that the text after a prompt has to have."""
        return Asked(PAIR, prompt, length, self.options).due()

    def law(self, play: Callable[[], Any], seconds: float) -> engine.Law:
        """The exact law of a play; its outcomes are plain data, a crash is one of them."""
        words: dict[str, str] = {}

        def played() -> Any:
            try:
                return None, play()
            except (engine.Unsupported, Unreadable):
                raise
            except Exception as error:
                words.setdefault(type(error).__name__, str(error))
                return type(error).__name__, None

        found = engine.exact_law(played, leaves=LEAVES, seconds=max(seconds, 0.01))
        return found.map(lambda one: engine.Crash(one[0], words[one[0]]) if one[0] else one[1])


def frozen(raw: Any) -> Any:
    """What came back, as nested tuples, every drawn token decided."""
    return engine.freeze(raw, _decided)


def target_law(options: Mapping[str, Any], pair: Pair = PAIR) -> Callable[[Context], np.ndarray]:
    """The law that was asked for, as a function of the context."""
    shape = {name: options[name] for name in SHAPING if name in options}
    return shaped(lambda context: pair.laws(context)[0], **shape)


def other_part(raw: Any, size: int, taken: Any) -> Any:
    """The part of a result that is a row of `size` numbers and is not at one of the places `taken`."""
    for place, part in enumerate(parts_of(raw)):
        if place not in (taken or ()) and isinstance(part, tuple) and len(part) == size:
            return part
    raise Unreadable


def held(found: engine.Law, due: Mapping[Any, float]) -> Comparison:
    """A law against the one that is due."""
    return compare(found.chances, due, found.unexplored)


def reported(caller: Caller, compared: Sequence[Comparison], inputs: Sequence[dict[str, Any]]) -> Report:
    """The report of some comparisons, without the diagnosis."""
    worst = max(range(len(compared)), key=lambda i: compared[i].tv)
    verdicts = {one.verdict for one in compared}
    verdict = "lossy" if "lossy" in verdicts else "unknown" if "unknown" in verdicts else "exact"
    return Report(
        verdict,
        "exact law",
        tv=compared[worst].tv,
        unexplored=max(one.unexplored for one in compared),
        tolerance=DOUBLE.tolerance,
        cases=len(compared),
        counterexample=None
        if verdict != "lossy"
        else Counterexample(inputs[worst], compared[worst].rows[:64], compared[worst].tv),
        subject=caller.name,
    )


class Clock:
    """Seconds that are left."""

    def __init__(self, seconds: float) -> None:
        self.end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Until the end, 0.01 at least."""
        return max(0.01, self.end - time.monotonic())
