"""How well a draft agrees with its target along a text.

At one prefix the chance that the first drafted token is kept depends on both next-token laws there. Its
mean needs a law over prefixes: *teacher-forced* takes the prefixes of given texts, *on-policy* those of
texts that the target itself wrote, which is what decoding meets.

Both models read a text once; what they say serves every temperature, top-p, rule and draft length.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..core import Shape, along, grow, rules, siblings
from ..core.draft import children
from ..decode.sampling import warp as unwarped
from ..models import Pair, session
from ..models.texts import Text
from ..simulate.estimates import Estimate, ratio_of
from . import given_text

DRAWS = 16
"""Drafts at each prefix to estimate what a rule keeps."""

Fork = tuple[str, int, str]
"""A rule, the number of children of one node, and how they are chosen."""


@dataclass(frozen=True, eq=False)
class Reading:
    """What both laws were before each of the last T tokens of one text.

    overlap: (T,) sum over x of min(target(x), draft(x)), what `token` keeps of one drafted token; 0 where
        none is drafted. agreement: (T,) sum of target(x) draft(x), what `match` keeps.
    target, draft: (T,) the chance that each gave the token that came. sure: (T,) sum of draft(x)^2, the
        chance that a drafted token was given on average.
    kept: sums over the T prefixes of the chances that the first, second, ... child of a node is kept.
    copies: for drafts that are chosen, not drawn: what is proposed before each token; it may be nothing.
    """

    domain: str
    tokens: np.ndarray
    overlap: np.ndarray
    agreement: np.ndarray
    target: np.ndarray
    draft: np.ndarray
    sure: np.ndarray
    kept: dict[Fork, np.ndarray] = field(default_factory=dict)
    copies: Sequence[Sequence[int]] | None = None

    @property
    def count(self) -> int:
        """How many tokens were read."""
        return len(self.tokens)

    @property
    def drafted(self) -> np.ndarray:
        """Whether something is drafted before each token, (T,)."""
        return (
            np.ones(self.count, bool) if self.copies is None else np.array([len(c) > 0 for c in self.copies])
        )

    def survival(self, rule: str, gamma: int) -> np.ndarray:
        """The chances (T, gamma) that a round from each token on keeps so many, given the text."""
        if self.copies is not None:
            return given_text.copied_survivals(self.tokens, self.copies, gamma)
        return given_text.survivals(rule, self.target, self.draft, gamma)


def read(
    pair: Pair, text: Text, count: int, forks: Iterable[Fork], warp: Any, rng: np.random.Generator
) -> Reading:
    """Both models' laws before each of the last `count` tokens, given all tokens before it, compared.

    count: less than the number of tokens. forks: whose acceptances are wanted. warp: from logits to laws;
    None: as they are.
    """
    models, warped = (pair.target, pair.draft), warp or unwarped()
    target, draft = (warped(logits(model, text.tokens, count)) for model in models)
    return compare(text, target, draft, forks, rng)


def logits(model: Any, tokens: np.ndarray, count: int) -> np.ndarray:
    """What a model says before each of the last `count` tokens, (count, V); of a plain model, log laws."""
    return session(model, lambda found: found).extend(tokens[None, :-1], keep=count)[0]


def compare(
    text: Text,
    target: np.ndarray,
    draft: np.ndarray,
    forks: Iterable[Fork] = (),
    rng: np.random.Generator | None = None,
) -> Reading:
    """The reading of the last tokens of a text, T of them, from both laws (T, V); rng: for forks."""
    rows, came = np.arange(len(target)), text.tokens[-len(target) :]
    return Reading(
        text.domain,
        came,
        np.minimum(target, draft).sum(axis=1, dtype=float),
        (target * draft).sum(axis=1, dtype=float),
        target[rows, came].astype(float),
        draft[rows, came].astype(float),
        (draft**2).sum(axis=1, dtype=float),
        {fork: _kept(fork, target, draft, rng or np.random.default_rng(0)) for fork in forks},
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


def expected_tokens(readings: Sequence[Reading], rule: str, gamma: int) -> Estimate:
    """Tokens per round of a chain, given the texts: their tokens over their expected rounds.

    No acceptance is taken to be independent of another, and rounds begin where they do begin (`given_text`);
    texts as clusters.
    """
    rounds = [given_text.expected_rounds(one.survival(rule, gamma)) for one in readings]
    return ratio_of(_counts(readings), np.array(rounds, float))


def mean_overlap(readings: Sequence[Reading], rule: str = "token") -> Estimate:
    """alpha: what is kept of one drafted token, on average over prefixes that draft; texts as clusters."""
    kept = [(one.agreement if rule == "match" else one.overlap).sum() for one in readings]
    return ratio_of(np.array(kept), np.array([one.drafted.sum() for one in readings]))


def mean_kept(readings: Sequence[Reading], fork: Fork) -> np.ndarray:
    """The mean chances that the first, second, ... child of such a node is kept."""
    return sum(one.kept[fork] for one in readings) / _counts(readings).sum()


def bits_per_token(readings: Sequence[Reading]) -> tuple[float, float]:
    """Mean -log2 probability of a token under target and draft."""
    count = _counts(readings).sum()
    with np.errstate(divide="ignore"):
        target = sum(-np.log2(one.target).sum() for one in readings)
        draft = sum(-np.log2(one.draft).sum() for one in readings)
    return float(target / count), float(draft / count)


def _counts(readings: Sequence[Reading]) -> np.ndarray:
    return np.array([one.count for one in readings])
