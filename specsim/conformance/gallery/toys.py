"""Small pairs of models on which every exhibit shows what it does, all of them written down.

A toy is a Markov chain for the target and one for the draft, a prompt of one token, and how many tokens are
drafted per round. After the prompt of "toy" the laws overlap by 0.6455.

>>> toy = TOYS["toy"]
>>> float(np.minimum(toy.target(toy.prompt), toy.draft(toy.prompt)).sum().round(4))
0.6455
"""

from dataclasses import dataclass

import numpy as np

from .reference import Model


@dataclass(frozen=True, eq=False)
class Toy:
    """target, draft: from a context to the next law (V,). gamma: tokens drafted per round. prompt: tokens."""

    target: Model
    draft: Model
    gamma: int
    prompt: tuple[int, ...] = (0,)


def markov(*rows: tuple[float, ...]) -> Model:
    """The model whose law after a context is the row of its last token, rows[context[-1]]."""
    laws = np.array(rows)
    laws.flags.writeable = False
    return lambda context: laws[context[-1]]


_TARGET = markov(
    (0.099, 0.3668, 0.0735, 0.4607),
    (0.20, 0.15, 0.55, 0.10),
    (0.10, 0.60, 0.05, 0.25),
    (0.30, 0.10, 0.25, 0.35),
)
_DRAFT = markov(
    (0.4535, 0.2724, 0.0454, 0.2287),
    (0.35, 0.30, 0.25, 0.10),
    (0.15, 0.30, 0.35, 0.20),
    (0.10, 0.45, 0.25, 0.20),
)
_GREEDY = markov((1, 0, 0, 0), (1, 0, 0, 0), (0, 0, 1, 0), (0, 1, 0, 0))
_SMALL_TARGET = markov((0.5, 0.3, 0.2), (0.6, 0.1, 0.3), (0.2, 0.5, 0.3))
_SMALL_DRAFT = markov((0.2, 0.5, 0.3), (0.3, 0.4, 0.3), (0.5, 0.2, 0.3))

TOYS = {
    "toy": Toy(_TARGET, _DRAFT, 3),
    "greedy": Toy(_TARGET, _GREEDY, 3),
    "small": Toy(_SMALL_TARGET, _SMALL_DRAFT, 2),
    "short": Toy(_SMALL_TARGET, _SMALL_DRAFT, 1),
    "two": Toy(markov((0.7, 0.3), (0.4, 0.6)), markov((0.45, 0.55), (0.8, 0.2)), 1),
    "zeros": Toy(markov((0, 0.7, 0.3), (0.5, 0.5, 0), (0.2, 0, 0.8)), _SMALL_DRAFT, 2),
    "equal": Toy(_SMALL_TARGET, _SMALL_TARGET, 2),
    "ties": Toy(markov((0.2, 0.4, 0.4), (0.4, 0.2, 0.4), (0.4, 0.4, 0.2)), _SMALL_DRAFT, 2),
}
"""By name: "greedy" has a draft of point masses (the most likely token of the toy's draft), "small" three
tokens, "short" the same and drafts of one token, "two" has two tokens, for batches, "zeros" tokens that the
target never emits, "equal" a draft that is the target, "ties" targets with two most likely tokens."""
