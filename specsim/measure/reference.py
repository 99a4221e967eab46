"""What a round should keep: the exact expectation, and a simulation of it.

Pairs whose laws depend on few tokens have an exact long run: the law of a round at every state, and the
stationary law of the states in which rounds begin. For all others the expectation is exact given the
drafts that were met: each recorded plan says with what chance each node would have been the last.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import theory
from ..core import Shape, paths
from ..core.arrays import invert
from ..decode import Generation
from ..models import Pair
from ..simulate import Estimate, sequences

REDRAWS = 400
"""How often each recorded plan is drawn again."""

STATES = 5_000
"""Largest number of (state, draft) rows for which the long run is enumerated."""


def has_long_run(pair: Pair, shape: Shape) -> bool:
    """Whether the long run of this pair is enumerated: finite order, same law everywhere, few tokens."""
    models = (pair.target, pair.draft)
    if any(model.order is None or not model.homogeneous for model in models):
        return False
    return pair.vocab_size ** (max(model.order for model in models) + len(shape.parent)) <= STATES


def long_run(rule: str, pair: Pair, shape: Shape, rng: np.random.Generator) -> tuple[float, Estimate]:
    """Tokens per round in the long run: exactly, and over texts too long for their start to count."""
    exact = float(theory.long_run_tokens_per_round(rule, pair, shape))
    drawn = sequences(rule, pair, shape, length=4000, sequences=250, rng=rng, last_draft="beyond")
    return exact, drawn.tokens_per_round


def stops(generations: Sequence[Generation], shape: Shape) -> np.ndarray:
    """The stop laws (rounds, n + 1) of all rounds that drafted the whole shape."""
    nodes = len(shape.parent)
    found: list[Any] = [one.stop for text in generations for one in text.rounds if one.drafted == nodes]
    return np.stack(found)


def tokens_at(shape: Shape) -> np.ndarray:
    """The tokens of a round that ends at each node, (n + 1,).

    >>> tokens_at(Shape((0, 0, 1)))
    array([1, 2, 2, 3])
    """
    return np.array([1 + len(path) for path in paths(shape.parent)])


def conditional(stop: np.ndarray, tokens: np.ndarray) -> tuple[float, float]:
    """Mean tokens per round given the plans that were met, and the standard deviation of that mean.

    stop: (rounds, n + 1). tokens: (n + 1,) of a round that ends at each node.
    """
    mean = stop @ tokens
    variance = stop @ tokens**2 - mean**2
    return float(mean.mean()), float(np.sqrt(np.maximum(variance, 0).sum()) / len(stop))


def redrawn(stop: np.ndarray, tokens: np.ndarray, rng: np.random.Generator) -> Estimate:
    """Tokens per round when every plan is drawn REDRAWS times more."""
    drawn = tokens[invert(stop, rng.random((REDRAWS, len(stop))))]
    return Estimate(float(drawn.mean()), conditional(stop, tokens)[1] / np.sqrt(REDRAWS))
