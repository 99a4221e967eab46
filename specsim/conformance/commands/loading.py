"""The function that package.module:name or path/to/file.py:name stands for."""

import sys
from pathlib import Path
from typing import Any


def load(name: str) -> Any:
    """The object that module:name or file.py:name stands for. Raises ValueError where there is none."""
    place, colon, attribute = name.rpartition(":")
    if not colon or not place or not attribute:
        raise ValueError(
            f"a function is named package.module:function or path/to/file.py:function, got {name!r}"
        )
    found = _module(place)
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise ValueError(f"{place} has no {attribute!r}")
        found = getattr(found, part)
    if not callable(found):
        raise ValueError(f"{name} must be something to call, got {type(found).__name__}")
    return found


def _module(place: str) -> Any:
    from importlib import import_module
    from importlib.util import module_from_spec, spec_from_file_location

    path = Path(place)
    try:
        if path.suffix != ".py":
            sys.path.insert(0, "")
            return import_module(place)
        spec = spec_from_file_location(path.stem, path.resolve())
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        sys.modules.setdefault(path.stem, module)
        sys.path.insert(0, str(path.resolve().parent))
        spec.loader.exec_module(module)
        return module
    except Exception as error:  # whatever importing somebody's module raises
        raise ValueError(f"cannot import {place}: {type(error).__name__}: {error}") from error
