"""Finding the generators that a function can reach: closures, defaults, attributes, globals, containers."""

import contextlib
import functools
import random
import sys
import types
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np

from . import maths, numpy_module, python_random
from .drawing import REAL_GENERATOR, REAL_STATE
from .law import Unsupported

_LIBRARIES = {"numpy", "torch", "scipy", "sympy", "mpmath", "array_api_compat", "transformers"}
_FOREIGN = {*sys.stdlib_module_names, *_LIBRARIES, "pytest", "_pytest", "hypothesis", "pluggy"}
MOST_OBJECTS = 20_000
_PLAIN = {int, float, str, bytes, bool, complex, type(None), np.ndarray, np.float64, np.int64, range}


class Reach:
    """Replaces what it finds, and remembers how to undo it."""

    def __init__(self) -> None:
        self.undo: list[Callable[[], Any]] = []
        self.aliases: dict[int, Any] = {}  # id of a replaced function -> what stands in for it
        self.seen: dict[int, Any] = {}
        self.codes: list[types.CodeType] = []  # of the functions found
        self.kept: list[Any] = []  # alive, for things are known by identity
        self.waiting: deque[Any] = deque()  # found, and to be replaced inside

    def everywhere(self, item: Any) -> Any:
        """What to use in place of an object, all that can be reached from it replaced, the nearest first."""
        new = self.swap(item)
        while self.waiting:
            self._inside(self.waiting.popleft())
        return new

    def swap(self, item: Any) -> Any:
        """What to use in place of an object: itself, its insides waiting, or the engine's generator."""
        if id(item) in self.aliases:
            return self.aliases[id(item)]
        if id(item) in self.seen:
            return self.seen[id(item)]
        if type(item) in _PLAIN or len(self.seen) > MOST_OBJECTS:
            return item
        self.kept.append(item)
        self.seen[id(item)] = item
        self.seen[id(item)] = out = self._swapped(item)
        return out

    def _swapped(self, item: Any) -> Any:
        if isinstance(item, REAL_GENERATOR | REAL_STATE):
            return numpy_module.stand_in(item)
        if isinstance(item, python_random.REAL_RANDOM) and type(item) is not random.SystemRandom:
            return python_random.stand_in(item)
        owner = getattr(item, "__self__", None)
        if isinstance(item, types.MethodType | types.BuiltinMethodType) and owner is not None:
            new = self.swap(owner)
            if new is not owner and not isinstance(owner, types.ModuleType):
                return getattr(new, item.__name__)
            return item if not isinstance(item, types.MethodType) else self._visit(item, item.__func__)
        if isinstance(item, functools.partial):
            return self._partial(item)
        if type(item) is tuple:
            new_items = tuple(self.swap(part) for part in item)
            return new_items if any(a is not b for a, b in zip(item, new_items)) else item
        self.waiting.append(item)
        return item

    def _inside(self, item: Any) -> None:
        """Replace what an object holds."""
        if isinstance(item, types.FunctionType):
            self._function(item)
        elif hasattr(item, "cache_info"):
            self.swap(item.__wrapped__)
        elif isinstance(item, types.GeneratorType):
            self._frame(item)
        elif isinstance(item, list):
            self._items(item, enumerate(list(item)) if len(item) < 1000 else ())
        elif isinstance(item, dict):
            self._items(item, list(item.items()) if len(item) < 1000 else ())
        elif not isinstance(item, types.ModuleType):
            self._object(item)

    def _visit(self, item: Any, inside: Any) -> Any:
        self.swap(inside)
        return item

    def _items(self, box: Any, items: Any) -> None:
        for key, value in items:
            new = self.swap(value)
            if new is not value:
                box[key] = new
                self.undo.append(functools.partial(box.__setitem__, key, value))

    def _partial(self, item: functools.partial) -> Any:
        parts: list[Any] = [self.swap(part) for part in (item.func, *item.args)]
        named = {name: self.swap(value) for name, value in item.keywords.items()}
        same = all(a is b for a, b in zip(parts, (item.func, *item.args)))
        same = same and all(named[name] is item.keywords[name] for name in named)
        return item if same else functools.partial(parts[0], *parts[1:], **named)

    def _frame(self, item: types.GeneratorType) -> None:
        """A suspended function: its variables cannot be replaced."""
        held = item.gi_frame.f_locals.values() if item.gi_frame else ()
        if any(isinstance(value, (REAL_GENERATOR, REAL_STATE, python_random.REAL_RANDOM)) for value in held):
            raise Unsupported(
                f"the suspended generator function {item.__name__} holds a random generator, which cannot be "
                "taken over; call it inside the function"
            )
        self.codes.append(item.gi_code)

    def _function(self, function: types.FunctionType) -> None:
        if _foreign(function.__module__ or ""):
            return
        self.codes.append(function.__code__)
        for cell in function.__closure__ or ():
            with contextlib.suppress(ValueError):  # an empty cell
                self._attribute(cell, "cell_contents", cell.cell_contents)
        for name in ("__defaults__", "__kwdefaults__"):
            value = getattr(function, name)
            if value is not None:
                self._attribute(function, name, value)
        self._names(function.__globals__, _names(function.__code__))
        wrapped = getattr(function, "__wrapped__", None)
        if wrapped is not None:
            self.swap(wrapped)

    def _names(self, scope: dict[str, Any], names: tuple[str, ...]) -> None:
        """Globals that the code names, attributes of modules that it names too, and its own number types."""
        for name in names:
            if name in scope:
                value = scope[name]
                if isinstance(value, types.ModuleType):
                    self._module_names(value, names)
                    continue
                new = self.swap(value)
                if new is not value:
                    self._global(scope, name, new)
            elif name in maths.TYPES:
                self._global(scope, name, maths.TYPES[name])
            elif name in sys.modules:  # imported inside the function
                self._module_names(sys.modules[name], names)

    def _module_names(self, module: types.ModuleType, names: tuple[str, ...]) -> None:
        if _foreign(module.__name__) or id(module) in self.seen:
            return
        self.seen[id(module)] = module
        for name in names:
            value = vars(module).get(name)
            if isinstance(value, types.ModuleType):
                self._module_names(value, names)
            elif value is not None:
                new = self.swap(value)
                if new is not value:
                    self._global(vars(module), name, new)

    def _global(self, scope: dict[str, Any], name: str, new: Any) -> None:
        if name in scope:
            self.undo.append(functools.partial(scope.__setitem__, name, scope[name]))
        else:
            self.undo.append(functools.partial(scope.pop, name, None))
        scope[name] = new

    def _attribute(self, owner: Any, name: str, value: Any) -> None:
        new = self.swap(value)
        if new is not value:
            setattr(owner, name, new)
            self.undo.append(functools.partial(setattr, owner, name, value))

    def _object(self, item: Any) -> None:
        kind = item if isinstance(item, type) else type(item)
        if _foreign(kind.__module__):
            return
        if isinstance(getattr(item, "__dict__", None), dict):
            self._items(item.__dict__, list(item.__dict__.items()))
        for base in kind.__mro__:
            if _foreign(base.__module__):
                continue
            for name in getattr(base, "__slots__", ()) if not isinstance(item, type) else ():
                if hasattr(item, name):
                    self._attribute(item, name, getattr(item, name))
            for name, value in list(vars(base).items()):
                inner = getattr(value, "__func__", getattr(value, "fget", value))
                if isinstance(inner, types.FunctionType):
                    self.swap(inner)
                elif isinstance(value, REAL_GENERATOR | REAL_STATE | python_random.REAL_RANDOM | list | dict):
                    self._attribute(base, name, value)


def _foreign(module: str) -> bool:
    """Modules whose functions hold no generator of the user's; the engine itself must not be taken over."""
    return module.split(".")[0] in _FOREIGN or module.startswith(__package__)


@functools.lru_cache(maxsize=4096)
def _names(code: types.CodeType) -> tuple[str, ...]:
    """All global and attribute names in a code object and those inside it."""
    names = dict.fromkeys(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names.update(dict.fromkeys(_names(constant)))
    return tuple(names)
