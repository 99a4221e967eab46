"""How well a draft agrees with its target along a text.

At one prefix the chance that the first drafted token is kept depends on both next-token laws there. Its
mean needs a law over prefixes: *teacher-forced* takes the prefixes of given texts, *on-policy* those of
texts that the target itself wrote, which is what decoding meets.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core import Shape, along, grow, rules, siblings
from ..core.draft import children
from ..models import Pair, session
from ..simulate.estimates import Estimate, ratio_of
from .texts import Text

DRAWS = 16
"""Drafts at each prefix to estimate what a rule keeps."""

Fork = tuple[str, int, str]
"""A rule, the number of children of one node, and how they are chosen."""


@dataclass(frozen=True)
class Reading:
    """Sums over the last `count` tokens of one text.

    overlap: of sum over x of min(target(x), draft(x)). kept: of the chances that the first, second, ... child
    of a node is kept. target_bits, draft_bits: of -log2 of the probability of the token that came.
    """

    domain: str
    count: int
    overlap: float
    kept: dict[Fork, np.ndarray]
    target_bits: float
    draft_bits: float


def read(
    pair: Pair, text: Text, count: int, forks: Iterable[Fork], warp: Any, rng: np.random.Generator
) -> Reading:
    """Both models' laws before each of the last `count` tokens, given all tokens before it, summed up.

    count: less than the number of tokens. forks: whose acceptances are wanted. warp: from logits to laws, as
    in `models.session`.
    """
    before, came = text.tokens[None, :-1], text.tokens[-count:]
    target, draft = (session(m, warp).extend(before, keep=count)[0] for m in (pair.target, pair.draft))
    with np.errstate(divide="ignore"):
        bits = [-np.log2(laws[np.arange(count), came]).sum(dtype=float) for laws in (target, draft)]
    return Reading(
        text.domain,
        count,
        float(np.minimum(target, draft).sum(dtype=float)),
        {fork: _kept(fork, target, draft, rng) for fork in forks},
        float(bits[0]),
        float(bits[1]),
    )


def _kept(fork: Fork, target: np.ndarray, draft: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Sums over prefixes of the chances that the rule keeps each child: unbiased, for every rule.

    Children are drafted DRAWS times at each prefix, and the plan gives the exact chance that each is kept.
    """
    name, width, how = fork
    kernel, shape = rules.get(name).kernel, siblings(width, how)
    uniforms, nothing = rng.random((len(draft), DRAWS, width)), np.zeros((len(draft), 0), np.int64)
    everywhere, kept = np.repeat(target[:, None], width + 1, axis=1), np.zeros(width)
    for i in range(DRAWS):
        drafted = grow(lambda _: draft, nothing, shape, along(uniforms[:, i]))[1]
        kept += kernel(everywhere, drafted).stop[:, 1:].sum(axis=0, dtype=float)
    return kept / DRAWS


def forks(rule: str, shape: Shape) -> list[Fork]:
    """The forks of a tree, each once.

    >>> forks("token", Shape((0, 0, 1), "top"))
    [('token', 2, 'top'), ('token', 1, 'top')]
    """
    widths = dict.fromkeys(len(below) for below in children(shape.parent) if below)
    return [(rule, width, shape.how) for width in widths]


def promised_tokens(readings: Sequence[Reading], rule: str, shape: Shape) -> float:
    """Tokens per round by the textbook: each child is kept with its mean chance, independently of all others.

    tokens = sum over nodes of the product of acceptances along the path. For a chain it is
    `theory.expected_tokens`, and where all nodes have equally many children `theory.tree_tokens`.
    """
    kept = {fork: mean_kept(readings, fork) for fork in forks(rule, shape)}
    reached = np.ones(len(shape.parent) + 1)
    for node, below in enumerate(children(shape.parent)):
        if below:
            reached[list(below)] = reached[node] * kept[rule, len(below), shape.how]
    return float(reached.sum())


def mean_overlap(readings: Sequence[Reading]) -> Estimate:
    """alpha: the mean overlap over prefixes, texts as clusters."""
    return ratio_of(np.array([one.overlap for one in readings]), _counts(readings))


def mean_kept(readings: Sequence[Reading], fork: Fork) -> np.ndarray:
    """The mean chances that the first, second, ... child of such a node is kept."""
    return sum(one.kept[fork] for one in readings) / _counts(readings).sum()


def bits_per_token(readings: Sequence[Reading]) -> tuple[float, float]:
    """Mean -log2 probability of a token under target and draft."""
    count = sum(one.count for one in readings)
    return sum(one.target_bits for one in readings) / count, sum(one.draft_bits for one in readings) / count


def _counts(readings: Sequence[Reading]) -> np.ndarray:
    return np.array([one.count for one in readings])
