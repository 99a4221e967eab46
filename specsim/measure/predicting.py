"""From what was read and what a pilot cost to tokens per round and speed-up, before the run."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..decode.lengths import Lengths, constant
from ..simulate.estimates import ratio_of
from ..theory import expected_rounds, expected_tokens, lockstep_tokens
from . import given_text
from .costs import Cost
from .course import Course
from .passes import Passes
from .reading import Reading, mean_overlap


def predicted_tokens(
    readings: Sequence[Reading], expected: Sequence[Course], rule: str, lengths: Lengths
) -> dict[str, Any]:
    """The three predictions of `Tokens`."""
    rounds = ratio_of(np.array([one.tokens for one in expected]), np.array([one.count for one in expected]))
    return {
        "textbook": textbook_tokens(readings, rule, lengths),
        "anywhere": _anywhere(readings, rule, lengths),
        "predicted": rounds,
    }


def _anywhere(readings: Sequence[Reading], rule: str, lengths: Lengths) -> float | None:
    if lengths != constant(lengths.most):
        return None
    along = [given_text.windows(one.survival(rule, lengths.most)) for one in readings]
    return float(np.concatenate(along).mean())


def textbook_tokens(readings: Sequence[Reading], rule: str, lengths: Lengths) -> float | None:
    """Tokens per round if each token were kept with chance alpha; None for lengths that change.

    Of a draft that proposes only here and there, rounds without a draft yield one token.
    """
    if lengths != constant(lengths.most):
        return None
    return 1 + drafting_share(readings) * (float(expected_tokens(_alpha(readings, rule), lengths.most)) - 1)


def drafting_share(readings: Sequence[Reading]) -> float:
    """The share of places where something is drafted."""
    return float(np.concatenate([one.drafted for one in readings]).mean())


def _alpha(readings: Sequence[Reading], rule: str) -> float:
    """alpha; 0 where nothing was ever drafted."""
    return mean_overlap(readings, rule).mean if drafting_share(readings) else 0.0


def textbook_speedup(tokens: float, drafting: float, gamma: int, c: float, passes: Passes) -> float:
    """tokens / (gamma c + v(gamma + 1)) where a share `drafting` of rounds drafts and the others cost 1.

    Leviathan et al. 2023 (2211.17192), Theorem 3.8, with v.
    """
    return tokens / (drafting * (gamma * c + passes.v(gamma + 1)) + 1 - drafting)


def predicted_speedup(expected: Sequence[Course], cost: Cost, opening: float) -> float:
    """Time of plain decoding of the texts over time of their expected rounds.

    cost: of rounds. opening: what the first step of plain decoding costs, which reads the prompt.
    """
    plain = sum(opening + one.tokens - 1 for one in expected)
    ours = sum(
        cost.opening + sum(often * cost.round(drafted) for drafted, often in one.rounds.items())
        for one in expected
    )
    return plain / ours


def batch_tokens(readings: Sequence[Reading], rule: str, gamma: int) -> dict[str, float]:
    """Tokens per round of texts side by side: in lock-step, ragged by the textbook, ragged given texts."""
    texts, alpha = len(readings), _alpha(readings, rule) * drafting_share(readings)
    tokens, length = sum(one.count for one in readings), max(one.count for one in readings)
    return {
        "lockstep": texts * float(lockstep_tokens(alpha, gamma, texts)),
        "textbook": tokens / float(expected_rounds(alpha, gamma, length, texts)),
        "predicted": tokens / given_text.slow_rounds([one.survival(rule, gamma) for one in readings]),
    }
