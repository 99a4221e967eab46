"""Laws of strings: what a model writes, and what comes out when it goes on with what is there already.

A round may emit more or fewer tokens, so its law cannot be compared with the target's as it stands. A rule is
exact if, whatever was emitted, going on with the target gives the target's own law of strings:

>>> from specsim.models import load_pair
>>> from specsim.theory.output import output_law
>>> pair = load_pair("bernoulli")
>>> emitted = output_law("token", pair, (0,))
>>> sorted(emitted), string_law(pair.target, 2).keys() == completed(emitted, pair.target, 2).keys()
([(0, 0), (0, 1), (1,), (1, 0), (1, 1)], True)
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from specsim.core.grow import Model

Law = dict[tuple[int, ...], Any]
"""From tuples of tokens to their probabilities; what has probability 0 is left out."""

LARGEST = 5_000_000
"""How many probabilities may be listed at once."""


def completed(law: Law, model: Any, length: int, context: Sequence[int] = ()) -> Law:
    """The law of the first `length` tokens when each emitted tuple is gone on with by the model.

    law: as `output_law` returns it, begun after `context`. Longer tuples are cut. A rule is exact if and only
    if this is the `string_law` of the target, for a length of at least the longest tuple.

    >>> coin = lambda tokens: np.full((len(tokens), 2), 0.5)
    >>> completed({(0,): 0.75, (1, 1): 0.25}, coin, 2)
    {(0, 0): 0.375, (0, 1): 0.375, (1, 1): 0.25}
    """
    by_length: list[Law] = [{} for _ in range(length + 1)]
    for emitted, p in law.items():
        add(by_length[min(len(emitted), length)], emitted[:length], p)
    for shorter, longer in pairwise(by_length):
        for string, p in extended(shorter, model, context):
            add(longer, string, p)
    return listed(by_length[length].items())


def string_law(model: Any, length: int, context: Sequence[int] = ()) -> Law:
    """The law of the first `length` tokens that a model writes after the context.

    Raises ValueError where there are too many strings to list.

    >>> string_law(lambda tokens: np.array([[0.5, 0.5, 0.0]] * len(tokens)), 1)
    {(0,): 0.5, (1,): 0.5}
    """
    return completed({(): 1}, model, length, context)


def extended(strings: Law, model: Model, context: Sequence[int]) -> Iterator[tuple[tuple[int, ...], Any]]:
    """Each of these strings of one length with each next token of the model, and the chance of both."""
    if not strings:
        return
    laws = model(np.array([(*context, *string) for string in strings], dtype=int))
    check_size(laws.size)
    for (string, p), row in zip(strings.items(), laws.tolist()):
        yield from (((*string, token), p * q) for token, q in enumerate(row) if q != 0)


def add(found: dict[Any, Any], key: Any, p: Any) -> None:
    """Add p to the entry of this key."""
    found[key] = found[key] + p if key in found else p


def listed(found: Iterable[tuple[Any, Any]]) -> dict[Any, Any]:
    """What is possible, sorted."""
    return dict(sorted((key, p) for key, p in found if p != 0))


def check_size(count: int) -> None:
    """Raise ValueError where this is too much to be listed."""
    if count > LARGEST:
        raise ValueError(
            f"an exact law lists every case, at most {LARGEST} probabilities, here {count} or more; take "
            "fewer or shorter drafts, or estimate with specsim.simulate.run(rule, pair, shape, ...)"
        )
