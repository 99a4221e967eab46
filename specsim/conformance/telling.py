"""The law of a foreign generator's text for one request, and finding out how it wants to be asked."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib import import_module
from itertools import product
from operator import index
from typing import Any

import numpy as np

from . import engine
from .binding import Binding
from .budget import Budget
from .comparing import Comparison, compare
from .models import Asked, Model, model_pair
from .readings import EMITTED, Reading, Unreadable, readings
from .renewing import Renewed
from .signature import CONTRACT, bindings
from .styles import speaks_of_torch
from .walking import LEAVES, plain, quiet, untouched_randomness

PROMPT_FORMS: dict[str, Callable[[tuple[int, ...]], Any]] = {
    "tuple": tuple,
    "list": list,
    "array": np.array,
    "row of an array": lambda prompt: np.array([prompt]),
}


@dataclass(frozen=True)
class Teller:
    """A generator, how to ask it and read its answer. with_prompt: whether the prompt comes back."""

    fresh: Renewed
    binding: Binding
    options: Mapping[str, Any]
    array: str = "numpy"
    form: str = "tuple"
    rng: str = "numpy"
    reading: Reading = EMITTED
    with_prompt: bool = False

    def __call__(self, asked: Asked) -> tuple[Any, list[tuple[int, ...]]]:
        """What comes back, as plain data, and the contexts that the target was asked for."""
        contexts: list[tuple[int, ...]] = []

        def supply(role: str) -> Any:
            if role in ("target", "draft"):
                which = ("target", "draft").index(role)
                seen = contexts if role == "target" else []
                return Model(lambda context: asked.pair.laws(context)[which], seen, self.array)
            return {"context": self._prompt, "length": _length, "rng": self._source, "vocab": _vocab}[role](
                asked
            )

        verify = self.fresh()
        with quiet():
            found = plain(self.binding.call(_with(verify, asked.options), supply))
        return found, contexts

    def _prompt(self, asked: Asked) -> Any:
        made = PROMPT_FORMS[self.form](asked.prompt)
        if self.array.startswith("torch") and isinstance(made, np.ndarray):
            return import_module("torch").tensor(made.tolist())
        return made

    def _source(self, asked: Asked) -> Any:
        return engine.torch_rng() if self.rng == "torch" else engine.numpy_rng()

    def text(self, raw: Any, asked: Asked) -> tuple[int, ...]:
        """The new tokens in what came back. Raises Unreadable."""
        text = self.reading(raw, asked.prompt)
        if not self.with_prompt:
            return text
        if text[: len(asked.prompt)] != asked.prompt:
            raise Unreadable
        return text[len(asked.prompt) :]

    def __str__(self) -> str:
        back = "the prompt and the new tokens" if self.with_prompt else "the new tokens"
        return f"called with {self.binding}; what comes back is read as {self.reading.words}: {back}"


def _length(asked: Asked) -> int:
    return asked.length


def _vocab(asked: Asked) -> int:
    return asked.pair.vocab


def _with(generate: Callable[..., Any], options: Mapping[str, Any]) -> Callable[..., Any]:
    return lambda *args, **named: generate(*args, **named, **options)


@dataclass(frozen=True)
class Told:
    """The law of the texts of one request. unasked: chance that some token came where the target had not been
    asked for its law."""

    asked: Asked
    law: dict[Any, float]
    comparison: Comparison
    unasked: float
    notes: tuple[str, ...]


def tell(teller: Teller, asked: Asked, budget: Budget, deadline: float) -> Told:
    """Walk a generator through one request."""
    words: dict[str, str] = {}

    def play() -> Any:
        try:
            raw, contexts = teller(asked)
        except engine.Unsupported:
            raise
        except Exception as error:
            words.setdefault(type(error).__name__, str(error))
            return type(error).__name__, None, True
        raw = engine.freeze(raw, _decided)
        return None, raw, _all_asked(teller, raw, asked, set(contexts))

    seconds = max(0.01, deadline - time.monotonic())
    law = engine.exact_law(play, leaves=LEAVES, seconds=seconds)
    texts: dict[Any, float] = {}
    unasked = 0.0
    outcome: Any
    for outcome, chance in law.chances.items():
        crash, raw, complete = outcome
        key = engine.Crash(crash, words[crash]) if crash else teller.text(raw, asked)
        texts[key] = texts.get(key, 0.0) + chance
        unasked += 0.0 if complete else chance
    return Told(asked, texts, compare(texts, asked.due(), law.unexplored, budget), unasked, law.notes)


def _all_asked(teller: Teller, raw: Any, asked: Asked, contexts: set[tuple[int, ...]]) -> bool:
    try:
        text = teller.text(raw, asked)
    except Unreadable:
        return True
    return all((*asked.prompt, *text[:i]) in contexts for i in range(len(text)))


def _decided(value: Any) -> Any:
    return index(value) if type(value).__module__.startswith(engine.__name__) else value


def agree_on(
    generate: Callable[..., Any],
    arguments: Mapping[str, Any] | None,
    options: Mapping[str, Any],
    budget: Budget,
) -> Teller:
    """The way to ask a generator that comes closest to exact on a small request.

    Raises ValueError where there is none, Unsupported where the engine cannot follow.
    """
    probe = Asked(model_pair(2, 2), (0, 1), 2, options)
    found: list[tuple[float, Teller]] = []
    failures: list[Any] = []
    for way in _ways(generate, arguments, options):
        for one in _read(way, probe, failures):
            try:
                told = tell(one, probe, budget, time.monotonic() + 10)
            except Unreadable:
                continue
            if told.comparison.verdict == "exact":
                return one
            if told.comparison.crashed < 1 - 1e-9:
                found.append((told.comparison.tv, one))
            else:
                failures.append(next(iter(told.law)))
        if found:
            break
    if found:
        return min(found, key=lambda one: one[0])[1]
    if failures and isinstance(failures[0], engine.Unsupported):
        raise failures[0]
    crashed = next((one for one in failures if isinstance(one, engine.Crash)), None)
    if crashed is not None:
        return next(iter(_ways(generate, arguments, options)))
    raise ValueError(
        f"a generator is called as {CONTRACT['generator']}; what it returned are no texts; say what each "
        'parameter is given, as in arguments={"name": "target"}, or wrap it in a lambda of that form'
    )


def _read(way: Teller, probe: Asked, failures: list[Any]) -> Iterator[Teller]:
    """The readings that fit what one ordinary call returns."""
    with untouched_randomness():
        try:
            raw = engine.freeze(way(probe)[0])
        except engine.Unsupported as refused:
            failures.append(refused)
            return
        except Exception as error:
            failures.append(engine.Crash(type(error).__name__, str(error)))
            return
    of_rows = [one for one in readings([raw]) if one.parts is None or len(one.parts) == 1]
    for reading, with_prompt in product(of_rows, (False, True)):
        one = replace(way, reading=reading, with_prompt=with_prompt)
        with suppress(Unreadable):
            one.text(raw, probe)
            yield one


def _ways(
    generate: Callable[..., Any], arguments: Mapping[str, Any] | None, options: Mapping[str, Any]
) -> Iterator[Teller]:
    fresh = Renewed(generate)
    torch = speaks_of_torch(generate)
    for binding in bindings(generate, "generator", arguments, set(options)):
        for array in ("torch", "numpy") if torch else ("numpy", "list"):
            if array == "torch":
                import_module("torch")
            for form in PROMPT_FORMS:
                yield Teller(fresh, binding, options, array, form, "torch" if array == "torch" else "numpy")
