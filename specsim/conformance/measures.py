"""What a round emits, token by token, as three measures.

    kept(y)        drafted and kept, then the round goes on
    corrected(y)   emitted after a rejection, then a new round begins
    bonus(y)       emitted after all drafted tokens were kept

kept + corrected is a law, and bonus is one. The right decoder has kept = min(target, draft), corrected =
(target - draft)_+ and bonus = target, so that all its tokens have the target's law.

>>> seen = Seen(*(np.array([row]) for row in ([0.5, 0.5], [0.8, 0.2])))
>>> [part.round(4).tolist() for part in right(seen)]
[[[0.5, 0.2]], [[0.0, 0.3]], [[0.5, 0.5]]]

Leviathan et al. 2023 (2211.17192), Algorithm 1; Chen et al. 2023 (2302.01318), Algorithm 2.
"""

from typing import Any, NamedTuple

import numpy as np

Rows = np.ndarray


class Seen(NamedTuple):
    """What is known before a token appears: laws (R, V) here and one position earlier, for R texts.

    draft, last_target and last_draft are None where nothing is known of them.
    """

    target: Rows
    draft: Any = None
    last_target: Any = None
    last_draft: Any = None


def seen_at(position: int, target: Rows, draft: Rows | None) -> Seen:
    """What is known before the token at a position: target (n, V), draft (m, V) or None.

    Beyond the draft's last row, at the bonus, that row is repeated.
    """
    drafts = None if draft is None or not len(draft) else draft
    last = None if drafts is None else _row(drafts, position - 1)
    here = None if drafts is None else _row(drafts, min(position, len(drafts) - 1))
    return Seen(target[position : position + 1], here, _row(target, position - 1), last)


def _row(rows: Rows, position: int) -> Rows | None:
    return rows[position : position + 1] if 0 <= position < len(rows) else None


class Odds(NamedTuple):
    """The three measures of a mistake, each (R, V); kept + corrected and bonus sum to 1."""

    kept: Rows
    corrected: Rows
    bonus: Rows


def share(part: Rows, whole: Rows) -> Rows:
    """part / whole, 1 where the whole is 0, at most 1."""
    return np.divide(
        np.minimum(part, whole), whole, out=np.ones(np.broadcast(part, whole).shape), where=whole > 0
    )


def scaled(weights: Rows, otherwise: Rows) -> Rows:
    """Weights scaled to sum 1; where they are all 0, another law."""
    weights = np.where(weights.sum(-1, keepdims=True) > 0, weights, otherwise)
    return weights / weights.sum(-1, keepdims=True)


def left(target: Rows, draft: Rows) -> Rows:
    """(target - draft)_+: what the target still owes after a rejection."""
    return np.maximum(target - draft, 0)


def top(law: Rows) -> Rows:
    """The point mass of the most likely token, the first among equals."""
    return (np.arange(law.shape[-1]) == law.argmax(-1)[..., None]).astype(float)


def softmax(values: Rows) -> Rows:
    """exp(values), scaled to sum 1."""
    grown = np.exp(values - values.max(-1, keepdims=True))
    return grown / grown.sum(-1, keepdims=True)


def verified(seen: Seen, correction: Rows | None = None, accept: Rows | None = None) -> Odds:
    """A round with these weights of the correction and this chance of keeping each token, if not the right
    ones."""
    target, draft = seen.target, seen.draft
    kept = draft * (share(target, draft) if accept is None else accept)
    weights = left(target, draft) if correction is None else correction
    rejected = np.maximum(1 - kept.sum(-1, keepdims=True), 0)
    return Odds(kept, rejected * scaled(weights, target), target)


def right(seen: Seen) -> Odds:
    """No mistake: kept and corrected add up to the target."""
    return verified(seen)


def sharpened(law: Rows, exponent: float) -> Rows:
    """law ** exponent, scaled to sum 1: the law at temperature 1 / exponent."""
    return scaled(law**exponent, law)
