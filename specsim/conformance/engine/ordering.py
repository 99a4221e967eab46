"""argmax, argmin and sorting of noisy numbers, see races.py. Each noise term may decide one race only."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np

from .lazy import Pick, plain
from .races import Noise, race
from .streams import categorical_lattice, exact_cuts, symbol_named
from .uniforms import Uniform
from .walk import the_walk


def argbest(terms: Sequence[Any], largest: bool) -> Any:
    """The place of the largest (smallest) term, an integer; carried until somebody looks."""
    return next(_ordered(terms, largest))


def order(terms: Sequence[Any], largest: bool, count: int | None = None) -> np.ndarray:
    """The first `count` places, the largest (smallest) first: draws without replacement (Plackett, Luce)."""
    return np.array([int(plain(j)) for j in islice(_ordered(terms, largest), count)], dtype=np.int64)


def _ordered(terms: Sequence[Any], largest: bool) -> Iterator[Any]:
    """The places of a race, one after the other."""
    if not any(isinstance(term, Uniform) for term in terms):
        numbers = np.array([float(term) for term in terms])
        yield from np.argsort(-numbers if largest else numbers, kind="stable")
        return
    weights = chances(terms, largest)
    _spend(terms)
    walk = the_walk()
    name = ("race", *(term.symbol.name for term in terms if isinstance(term, Uniform)))
    left = list(range(len(terms)))
    while left:
        cuts = exact_cuts([weights[j] for j in left])
        if cuts[-1] == 0:
            yield from left
            return
        place = Pick(symbol_named((*name, len(left)), categorical_lattice(cuts)), cuts, left, np.int64)
        walk.races.append(([terms[j] for j in left], largest, place))
        yield place
        left = [j for j in left if j != place.force()]


def chances(terms: Sequence[Any], largest: bool) -> Any:
    """The chance of each term to win; Unsupported where the terms are not a race."""
    noise: list[Any] = [term.noise if isinstance(term, Uniform) else float(term) for term in terms]
    if all(isinstance(term, Noise) and term == noise[0] for term in noise):
        return np.full(len(noise), 1 / len(noise))  # equal terms: every order is as likely
    weights = None if any(term is None for term in noise) else race(noise, largest)
    if weights is None:
        raise the_walk().refuse(
            "drawn numbers were compared with each other in a way that is not an exponential or Gumbel race "
            "(sorting or maximising over them); the engine cannot follow their order"
        )
    return weights


def _spend(terms: Sequence[Any]) -> None:
    """A noise term decides one race and is known no more after it."""
    for term in terms:
        if isinstance(term, Uniform):
            symbol = term.symbol
            if symbol.raced or (symbol.low, symbol.high) != (0, symbol.lattice.points):
                raise the_walk().refuse(
                    "noise that was already used decided a race; the joint law of two uses is not followed"
                )
            symbol.raced = True
            the_walk().slack += term.noise.slack if term.noise else 0.0
