"""A sequential test on disk: JSON, every float as it was, arrays as nested lists."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

FORMAT = 1
"""Version of the saved form."""


def write_state(path: str | Path, values: dict[str, Any], game: Any) -> None:
    """Write values, and the state of a game (None: not begun)."""
    found = {name: value if not isinstance(value, float) else repr(value) for name, value in values.items()}
    state = None if game is None else _lists(game.state())
    Path(path).write_text(json.dumps({"format": FORMAT, **found, "game": state}) + "\n")


def read_state(path: str | Path, names: Sequence[str]) -> tuple[dict[str, Any], Any]:
    """What `write_state` wrote: values by name, and the state of the game. ValueError for any other file."""
    try:
        found = json.loads(Path(path).read_text())
        state = found.pop("game")
        if found.pop("format") != FORMAT or found.keys() != set(names):
            raise KeyError("format")
        values = {name: _value(name, value) for name, value in found.items()}
        return values, None if state is None else _arrays(state)
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, AttributeError, TypeError) as broken:
        raise ValueError(
            f"expected a test of format {FORMAT} as EProcess.save writes it, {path}: {broken!r}"
        ) from None


def _value(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    return float(value) if isinstance(value, str) else value


def _lists(state: Any) -> Any:
    if isinstance(state, dict):
        return {name: _lists(value) for name, value in state.items()}
    return state.tolist()


def _arrays(state: Any) -> Any:
    if isinstance(state, dict):
        return {name: _arrays(value) for name, value in state.items()}
    return np.array(state)
