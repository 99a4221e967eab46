"""A sequential test on disk: JSON, every float as it was, arrays as nested lists."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

FORMAT = 1
"""Version of the saved form."""


def write_state(path: str | Path, values: dict[str, Any], state: Any) -> None:
    """Write values, numbers and lists, and a state: nested dictionaries of arrays, or None."""
    found = {name: value if not isinstance(value, float) else repr(value) for name, value in values.items()}
    game = None if state is None else _lists(state)
    Path(path).write_text(json.dumps({"format": FORMAT, **found, "game": game}) + "\n")


def read_state(path: str | Path, names: Sequence[str], test: str) -> tuple[dict[str, Any], Any]:
    """What `write_state` wrote: values by name, lists as tuples, and the state. test: the name of its class.

    Raises ValueError for any other file.
    """
    try:
        found = json.loads(Path(path).read_text())
        state = found.pop("game")
        if found.pop("format") != FORMAT or found.keys() != set(names):
            raise KeyError("format")
        values = {name: _value(value) for name, value in found.items()}
        return values, None if state is None else _arrays(state)
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, AttributeError, TypeError) as broken:
        raise ValueError(
            f"expected a test of format {FORMAT} as {test}.save writes it, {path}: {broken!r}"
        ) from None


def _value(value: Any) -> Any:
    return float(value) if isinstance(value, str) else _tuples(value)


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _lists(state: Any) -> Any:
    if isinstance(state, dict):
        return {name: _lists(value) for name, value in state.items()}
    return state.tolist()


def _arrays(state: Any) -> Any:
    if isinstance(state, dict):
        return {name: _arrays(value) for name, value in state.items()}
    return np.array(state)
