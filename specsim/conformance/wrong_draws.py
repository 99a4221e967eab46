"""Known ways to draw the last token wrongly: its law after a rejection, and after full acceptance.

The right laws are norm((target - draft)_+) in the rows of the rejected position, and the target's last row.
"""

import numpy as np

from .anatomy import Seen
from .parts import Part, row_at


def _owed(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    rest = np.maximum(p - q, 0)
    return _law(rest) if rest.sum() > 0 else _law(p)


def _law(weights: np.ndarray) -> np.ndarray:
    return weights / weights.sum()


def _softmax(logits: np.ndarray) -> np.ndarray:
    return _law(np.exp(logits - logits.max()))


def _point(token: int, vocab: int) -> np.ndarray:
    return np.eye(vocab)[token]


def _strike(law: np.ndarray, token: int) -> np.ndarray | None:
    rest = np.where(np.arange(len(law)) == token, 0.0, law)
    return _law(rest) if rest.sum() > 0 else None


def _cut(seen: Seen, i: int) -> np.ndarray:
    """A residual that is not normalised, inverted at one uniform: what is missing goes to the last token."""
    rest = np.maximum(seen.target[i] - seen.draft[i], 0)
    return np.array([*rest[:-1], 1 - rest[:-1].sum()])


CORRECTIONS = (
    Part(
        "correction",
        "After a rejection the token is drawn from the target itself: the draft is not subtracted.",
        lambda s, i: _law(s.target[i]),
    ),
    Part(
        "correction",
        "After a rejection the token is drawn from the draft's law.",
        lambda s, i: _law(s.draft[i]),
    ),
    Part(
        "correction",
        "The correction comes from |target - draft|.",
        lambda s, i: _law(abs(s.target[i] - s.draft[i])) if (s.target[i] != s.draft[i]).any() else None,
    ),
    Part(
        "correction",
        "The correction comes from (draft - target)_+.",
        lambda s, i: _owed(s.draft[i], s.target[i]),
    ),
    Part(
        "correction",
        "The residual goes through a softmax instead of being divided by its sum.",
        lambda s, i: _softmax(np.maximum(s.target[i] - s.draft[i], 0)),
    ),
    Part(
        "correction",
        "The correction comes from the target without the rejected token, which fits a chosen token only.",
        lambda s, i: _strike(s.target[i], s.tokens[i]),
    ),
    Part(
        "correction",
        "The correction comes from the target's row after the rejected token.",
        lambda s, i: _law(s.target[i + 1]),
    ),
    Part(
        "correction",
        "The residual subtracts the draft's row of the position before.",
        lambda s, i: _owed(s.target[i], row_at(s.draft, i - 1)),
    ),
    Part(
        "correction",
        "The residual subtracts the draft's row of the next position.",
        lambda s, i: _owed(s.target[i], row_at(s.draft, i + 1)),
    ),
    Part(
        "correction",
        "The residual is built on the target's row of the next position.",
        lambda s, i: _owed(s.target[i + 1], s.draft[i]),
    ),
    Part(
        "correction",
        "The correction is the most likely token of the residual: an argmax in a sampled place.",
        lambda s, i: _point(int(np.maximum(s.target[i] - s.draft[i], 0).argmax()), s.vocab),
    ),
    Part(
        "correction",
        "The correction is the target's most likely token: an argmax in a sampled place.",
        lambda s, i: _point(int(s.target[i].argmax()), s.vocab),
    ),
    Part("correction", "The correction is uniform.", lambda s, i: np.full(s.vocab, 1 / s.vocab)),
    Part("correction", "The residual is used without being divided by its sum.", _cut),
)
"""Wrong laws after a rejection."""

BONUS = (
    Part(
        "bonus",
        "The bonus token is drawn from the draft's last row.",
        lambda s, i: _law(row_at(s.draft, i - 1)),
    ),
    Part(
        "bonus",
        "The bonus token is drawn from the target's row of the last drafted token, one too early.",
        lambda s, i: _law(s.target[i - 1]),
    ),
    Part("bonus", "The bonus token is drawn from the target's first row.", lambda s, i: _law(s.target[0])),
    Part(
        "bonus",
        "The bonus token is drawn from a residual, the draft's last row subtracted.",
        lambda s, i: _owed(s.target[i], row_at(s.draft, i - 1)),
    ),
    Part(
        "bonus",
        "The bonus token is the target's most likely one: an argmax in a sampled place.",
        lambda s, i: _point(int(s.target[i].argmax()), s.vocab),
    ),
    Part("bonus", "The bonus token is uniform.", lambda s, i: np.full(s.vocab, 1 / s.vocab)),
)
"""Wrong laws after a draft that was kept in full."""
