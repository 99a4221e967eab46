"""How well a draft agrees with its target along a text.

At one prefix the chance that the first drafted token is kept depends on both next-token laws there. Its
mean needs a law over prefixes: *teacher-forced* takes the prefixes of given texts, *on-policy* those of
texts that the target itself wrote, which is what decoding meets.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core import Draft, along, chain, rules
from ..models import Pair, session
from ..simulate.estimates import Estimate, ratio_of
from .texts import Text

DRAWS = 16
"""Tokens drafted at each prefix to estimate what a rule keeps."""


@dataclass(frozen=True)
class Reading:
    """Sums over the last `count` tokens of one text.

    overlap: of sum over x of min(target(x), draft(x)). kept: by rule, of the chance that a single drafted
    token is kept. target_bits, draft_bits: of -log2 of the probability of the token that came.
    """

    domain: str
    count: int
    overlap: float
    kept: dict[str, float]
    target_bits: float
    draft_bits: float


def read(
    pair: Pair, text: Text, count: int, names: Sequence[str], warp: Any, rng: np.random.Generator
) -> Reading:
    """Both models' laws before each of the last `count` tokens, given all tokens before it, summed up.

    count: less than the number of tokens. names: of rules. warp: from logits to laws, as in `models.session`.
    """
    before, came = text.tokens[None, :-1], text.tokens[-count:]
    target, draft = (session(m, warp).extend(before, keep=count)[0] for m in (pair.target, pair.draft))
    with np.errstate(divide="ignore"):
        bits = [-np.log2(laws[np.arange(count), came]).sum(dtype=float) for laws in (target, draft)]
    return Reading(
        text.domain,
        count,
        float(np.minimum(target, draft).sum(dtype=float)),
        {name: _kept(rules.get(name), target, draft, rng) for name in names},
        float(bits[0]),
        float(bits[1]),
    )


def _kept(rule: rules.Rule, target: np.ndarray, draft: np.ndarray, rng: np.random.Generator) -> float:
    """Sum over prefixes of the chance that the rule keeps one drafted token: unbiased, for every rule.

    DRAWS tokens are drafted at each prefix, and the plan gives the exact chance that each is kept.
    """
    pick, both = along(rng.random((len(draft), DRAWS))), np.stack([target, target], axis=1)
    kept = 0.0
    for i in range(DRAWS):
        _, tokens, _ = pick(draft, i)
        plan = rule.kernel(both, Draft(tokens[:, None], draft[:, None], chain(1)))
        kept += float(plan.stop[:, 1].sum(dtype=float))
    return kept / DRAWS


def mean_overlap(readings: Sequence[Reading]) -> Estimate:
    """alpha: the mean overlap over prefixes, texts as clusters."""
    return ratio_of(np.array([one.overlap for one in readings]), _counts(readings))


def mean_kept(readings: Sequence[Reading], rule: str) -> Estimate:
    """The mean chance that a rule keeps one drafted token, texts as clusters."""
    return ratio_of(np.array([one.kept[rule] for one in readings]), _counts(readings))


def bits_per_token(readings: Sequence[Reading]) -> tuple[float, float]:
    """Mean -log2 probability of a token under target and draft."""
    count = sum(one.count for one in readings)
    return sum(one.target_bits for one in readings) / count, sum(one.draft_bits for one in readings) / count


def _counts(readings: Sequence[Reading]) -> np.ndarray:
    return np.array([one.count for one in readings])
