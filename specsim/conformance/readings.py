"""How what a verifier returns says which tokens it emitted.

The contract is the emitted tokens, perhaps padded with negative ids. In the wild one also meets (tokens,
count), (number kept, next token), (kept tokens, next token), masks of what was kept, dictionaries and named
tuples. Each is a reading; all that can read every outcome are tried, and the report says which one was taken.

>>> plainest, *others = readings([(1, 7), (0, 3)])
>>> kept = next(one for one in others if "kept drafted" in one.words)
>>> plainest((5, 7, -1), (5, 6)), kept((1, 7), (5, 6))
((5, 7), (5, 7))
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import permutations
from typing import Any

Tokens = tuple[int, ...]
Read = Callable[..., Tokens]

MOST_PARTS = 5
"""A result of more parts than this is read as tokens only."""


class Unreadable(Exception):
    """This reading does not fit this outcome."""


def _token(value: Any) -> int:
    if isinstance(value, tuple) and len(value) == 1:
        return _token(value[0])
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if isinstance(value, bool) or not whole:
        raise Unreadable
    return int(value)


def _row(value: Any) -> Tokens:
    """A flat row of tokens, up to its first negative id."""
    while isinstance(value, tuple) and len(value) == 1 and isinstance(value[0], tuple):
        value = value[0]
    row = [_token(one) for one in value] if isinstance(value, tuple) else [_token(value)]
    return tuple(row[: next((i for i, token in enumerate(row) if token < 0), len(row))])


def _count(value: Any, most: int) -> int:
    count = _token(value)
    if not 0 <= count <= most:
        raise Unreadable
    return count


def _first(row: Any, count: Any, tokens: Tokens) -> Tokens:
    found = _row(row)
    return found[: _count(count, len(found))]


def _first_and_one_more(row: Any, count: Any, tokens: Tokens) -> Tokens:
    found = _row(row)
    return found[: _count(count, len(found) - 1) + 1]


def _kept_then(count: Any, token: Any, tokens: Tokens) -> Tokens:
    return (*tokens[: _count(count, len(tokens))], *_next(token))


def _row_then(row: Any, token: Any, tokens: Tokens) -> Tokens:
    if not isinstance(row, tuple):
        raise Unreadable
    return (*_row(row), *_next(token))


def _mask_then(mask: Any, token: Any, tokens: Tokens) -> Tokens:
    if not isinstance(mask, tuple) or len(mask) != len(tokens) or not all(one in (0, 1) for one in mask):
        raise Unreadable
    kept = next((i for i, one in enumerate(mask) if not one), len(mask))
    return (*tokens[:kept], *_next(token))


def _next(token: Any) -> Tokens:
    """The token after the kept ones; none where there is None or a negative id."""
    if token is None or token == ():
        return ()
    found = _token(token)
    return (found,) if found >= 0 else ()


READINGS: dict[str, Read] = {
    "the first `count` tokens of (tokens, count)": _first,
    "the first `count` + 1 tokens of (tokens, count)": _first_and_one_more,
    "kept drafted tokens, next token": _kept_then,
    "kept tokens, next token": _row_then,
    "mask of the kept tokens, next token": _mask_then,
}
"""Readings of two parts of a result."""


@dataclass(frozen=True)
class Reading:
    """Which parts of a result are read, and how. words: for the report."""

    words: str
    parts: tuple[int, ...] | None
    read: Read

    def __call__(self, outcome: Any, tokens: Tokens) -> Tokens:
        """The emitted tokens, given those drafted. Raises Unreadable where the reading does not fit."""
        if self.parts is None:
            return self.read(outcome, tokens)
        parts = parts_of(outcome)
        if max(self.parts) >= len(parts):
            raise Unreadable
        return self.read(*(parts[i] for i in self.parts), tokens)


def parts_of(outcome: Any) -> tuple[Any, ...]:
    """The parts of a result: the values of a dictionary or a record, the entries of a tuple."""
    if isinstance(outcome, tuple) and len(outcome) == 2 and isinstance(outcome[0], str):
        outcome = outcome[1]  # a dataclass, as (its name, its fields)
    if isinstance(outcome, tuple) and outcome and all(map(_is_item, outcome)):
        return tuple(value for _, value in outcome)
    return outcome if isinstance(outcome, tuple) else (outcome,)


def _is_item(value: Any) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str)


def _whole(outcome: Any, tokens: Tokens) -> Tokens:
    return _row(outcome)


def _part(part: Any, tokens: Tokens) -> Tokens:
    if not isinstance(part, tuple):
        raise Unreadable
    return _row(part)


EMITTED = Reading("the emitted tokens", None, _whole)


def readings(outcomes: Iterable[Any]) -> list[Reading]:
    """The readings that the form of these outcomes allows, the plainest first."""
    counts = {len(parts_of(outcome)) for outcome in outcomes}
    if not counts or max(counts) > MOST_PARTS or min(counts) < 2:
        return [EMITTED, *_of_one_part(counts)]
    return [EMITTED, *_of_parts(min(counts))]


def _of_one_part(counts: set[int]) -> list[Reading]:
    return [Reading("the emitted tokens, its only entry", (0,), _part)] if counts == {1} else []


def _of_parts(count: int) -> Iterator[Reading]:
    for i in range(count):
        yield Reading(f"the emitted tokens, entry {i} of what is returned", (i,), _part)
    for words, read in READINGS.items():
        for i, j in permutations(range(count), 2):
            yield Reading(f"{words} (entries {i} and {j} of what is returned)", (i, j), read)
