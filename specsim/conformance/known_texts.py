"""Known mistakes of a round that drafts one token, as laws of a text of two tokens.

The round drafts x, tests it, and emits one or two tokens; where it was one, the target goes on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .anatomy import Seen
from .models import Asked
from .parts import Part
from .wholes import Law, chances, emissions, lasts, stopping, tokenwise
from .wrong_draws import BONUS, CORRECTIONS
from .wrong_ends import ENDS
from .wrong_rows import ROWS
from .wrong_tests import KEPT


def two_tokens(asked: Asked, mistake: "Mistake") -> Law:
    """The law of two tokens, the first round drafting one."""
    found: Law = {}
    (target, draft), vocab = asked.pair.laws(asked.prompt), asked.pair.vocab
    for x, chance in enumerate(mistake.drawn(draft)):
        later = asked.pair.laws((*asked.prompt, x))
        seen = Seen(np.stack([target, later[0]]), draft[None], (x,), (0,), {}, 0.0, beyond=later[1])
        for text, share in mistake.predicted(seen).items():
            ends = np.eye(vocab)[text[1]] if len(text) > 1 else asked.pair.laws((*asked.prompt, *text))[0]
            for y, p in enumerate(ends):
                key = (text[0], y)
                found[key] = found.get(key, 0.0) + float(chance * share * p)
    return found


@dataclass(frozen=True)
class Mistake:
    """kind, words: of a Diagnosis. predicted: the law of what a round emits. drawn: that of drafted tokens,
    given the one that is declared."""

    kind: str
    words: str
    predicted: Callable[[Seen], Law]
    drawn: Callable[[np.ndarray], np.ndarray] = lambda declared: declared


def _right(seen: Seen) -> Law:
    return tokenwise(seen.target, seen.draft, seen.tokens)


def _drawn(words: str, drawn: Callable[[np.ndarray], np.ndarray]) -> Mistake:
    return Mistake("draft", words, _right, drawn)


def _best_of(count: int) -> Callable[[np.ndarray], np.ndarray]:
    """The law of the likeliest of some drawn tokens."""

    def drawn(law: np.ndarray) -> np.ndarray:
        order = np.argsort(law, kind="stable")
        below = np.cumsum(law[order]) ** count
        best = np.zeros_like(law)
        best[order] = np.diff(below, prepend=0.0)
        return best

    return drawn


def _warm(temperature: float) -> Callable[[np.ndarray], np.ndarray]:
    return lambda law: law ** (1 / temperature) / (law ** (1 / temperature)).sum()


def _coin_of_the_draft(seen: Seen) -> Law:
    """The uniform that drew the token tests it: given the token it lies in an interval."""
    (x,), p, q = seen.tokens, seen.target[0], seen.draft[0]
    low, high = q[:x].sum(), q[: x + 1].sum()
    keep = (np.clip(p[x] / q[x], low, high) - low) / (high - low)
    return emissions(seen.tokens, [1 - keep, keep], lasts(seen.target, seen.draft))


def _dropped_below(least: float) -> Callable[[Seen], Law]:
    """A token of less draft probability is dropped, and its position drawn from the target."""

    def predicted(seen: Seen) -> Law:
        if seen.draft[0][seen.tokens[0]] >= least:
            return _right(seen)
        return emissions((), [1.0], [seen.target[0]])

    return predicted


def _bonus_beyond(seen: Seen) -> Law:
    stop = stopping(chances(seen.target, seen.draft, seen.tokens))
    bonus = seen.target[-1] if seen.beyond is None else seen.beyond
    return emissions(seen.tokens, stop, [*lasts(seen.target, seen.draft)[:-1], bonus])


def _with_part(part: Part, place: str) -> Mistake:
    """The right rule on one drafted token with one part replaced."""

    def predicted(seen: Seen) -> Law:
        keep = chances(seen.target, seen.draft, seen.tokens)
        last = lasts(seen.target, seen.draft)
        i = 1 if place == "bonus" else 0
        found: Any = part.formula(seen, i)
        if place == "kept":
            keep = [found]
        elif found is not None:
            last[i] = found
        return emissions(seen.tokens, stopping(keep), last)

    return Mistake(part.kind, part.words, predicted)


KNOWN = (
    *(_with_part(part, "kept") for part in KEPT),
    *(_with_part(part, "correction") for part in CORRECTIONS),
    *(_with_part(part, "bonus") for part in BONUS),
    Mistake("bonus", "The bonus token is drawn from the draft model.", _bonus_beyond),
    Mistake(
        "randomness",
        "The uniform that drew a drafted token is also the coin that tests it.",
        _coin_of_the_draft,
    ),
    _drawn(
        "The most likely token is drafted, and its law is declared.",
        lambda law: np.eye(len(law))[law.argmax()],
    ),
    *(
        _drawn(f"The likeliest of {n} drawn tokens is drafted, and their law is declared.", _best_of(n))
        for n in (2, 3, 4, 5)
    ),
    *(
        _drawn(f"The draft is drawn at temperature {t:g}, and declared at 1.", _warm(t))
        for t in (0.5, 0.7, 0.8, 1.5, 2.0)
    ),
    *(
        Mistake(
            "draft",
            f"A drafted token of draft probability below {least:g} is dropped because of what it is.",
            _dropped_below(least),
        )
        for least in (0.1, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6)
    ),
    *(Mistake(one.kind, one.words, one.predicted) for one in (*ROWS, *ENDS)),
)
"""Mistakes of a round that drafts one token."""
