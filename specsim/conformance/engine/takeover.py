"""Putting the engine's generators in the place of all others for the time of a walk."""

import builtins
import contextlib
import functools
import importlib
import random
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from . import hidden, maths, numpy_module, python_random, surroundings
from .law import Unsupported
from .reach import Reach
from .walk import Walk


class Takeover(Reach):
    """Replaces names of modules, too."""

    def __init__(self) -> None:
        super().__init__()
        self.patches: list[tuple[Any, str, Any, Any]] = []

    def module(self, module: types.ModuleType, names: dict[str, Any]) -> None:
        """Replace names of a module, and remember what stands in for what."""
        for name, new in names.items():
            old = getattr(module, name)
            self.aliases[id(old)] = new
            self.kept.append(old)
            setattr(module, name, new)
            self.patches.append((module, name, old, new))
            self.undo.append(functools.partial(setattr, module, name, old))

    def modules(self, replacements: list[tuple[types.ModuleType, dict[str, Any]]]) -> None:
        """Replace names of several modules."""
        for module, names in replacements:
            self.module(module, names)

    def imports(self) -> None:
        """Let modules that are imported for the first time draw from the real generators."""
        for module, name in ((builtins, "__import__"), (importlib, "import_module")):
            real = getattr(module, name)
            self.module(module, {name: functools.partial(self._import, real)})

    def _import(self, real: Callable[..., Any], name: str, *args: Any, **kwargs: Any) -> Any:
        if _absolute(name, *args, **kwargs) in sys.modules:
            return real(name, *args, **kwargs)
        with self._suspended():
            return real(name, *args, **kwargs)

    @contextlib.contextmanager
    def _suspended(self) -> Iterator[None]:
        """The real functions for a while; the global generators are afterwards as they were before."""
        numpy_state, python_state = _legacy().get_state(), _hidden().getstate()
        for module, name, old, _ in self.patches:
            setattr(module, name, old)
        try:
            yield
        finally:
            for module, name, _, new in self.patches:
                setattr(module, name, new)
            _legacy().set_state(numpy_state)
            _hidden().setstate(python_state)

    def torch(self) -> Callable[[], None]:
        """Take torch over, and hand back what starts a run."""
        from .torch_mode import Mode, replacements

        mode = Mode()
        self.modules(replacements(mode))
        mode.__enter__()
        self.undo += [functools.partial(mode.__exit__, None, None, None), mode.draws.rewind]
        return mode.begin


@contextlib.contextmanager
def taken_over(
    function: Callable[..., Any], walk: Walk
) -> Iterator[tuple[Callable[..., Any], Callable[[], None], bool]]:
    """The function with the engine's generators where it can reach one, what starts a run, and is it new?

    Undone afterwards. Unsupported where one of the global generators was drawn from all the same.
    """
    takeover = Takeover()
    before = _global_states()
    try:
        for replaced in (numpy_module, python_random, maths):
            takeover.modules(replaced.replacements())
        takeover.modules(surroundings.replacements(walk))
        begin = takeover.torch() if "torch" in sys.modules else _nothing
        takeover.imports()
        taken = takeover.everywhere(function)
        new = hidden.is_new(frozenset(takeover.codes))
        watched = hidden.live() if new else []
        yield taken, begin, new
    finally:
        for undo in reversed(takeover.undo):
            undo()
    if any(hidden.state(item) != state for item, state in watched):
        raise Unsupported(
            "the function draws from a generator that the engine did not find, for it is kept where the "
            "function's own variables do not lead; pass it to the function"
        )
    if _global_states() != before:
        raise Unsupported(
            "a global generator of random or numpy.random was drawn from by code that the engine did not "
            "reach; pass the generator to the function"
        )


def _nothing() -> None:
    """Nothing to do before a run."""


def _global_states() -> tuple[Any, ...]:
    _, words, *rest = _legacy().get_state()
    return (_hidden().getstate(), words.tobytes(), *rest)


def _legacy() -> Any:
    """The generator behind the functions of numpy.random."""
    return np.random.mtrand._rand


def _hidden() -> Any:
    """The generator behind the functions of random."""
    return random._inst


def _absolute(name: str, scope: Any = None, _locals: Any = None, _items: Any = (), level: int = 0) -> str:
    """The full name of a module that __import__ or import_module is asked for, relative ones too."""
    if isinstance(scope, str):
        bare = name.lstrip(".")
        package, level, name = scope, len(name) - len(bare), bare
    else:
        package = (scope or {}).get("__package__") or ""
    return f"{package.rsplit('.', level - 1)[0]}.{name}" if level and package else name
