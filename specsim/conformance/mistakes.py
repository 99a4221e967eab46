"""Known mistakes as laws: what would the next token be distributed by if the decoder had this fault?

A test that knows what it is looking for needs few samples: the likelihood ratio of a mistake against the
target grows at the rate of their divergence, whatever the size of the vocabulary. Mistakes need not be
complete or exact: they only direct the bets of `sequential.EProcess`, which stays valid whatever they say,
and they put a name to what `inject` measures.

>>> seen = Seen(*(np.array([row]) for row in ([0.5, 0.5], [0.8, 0.2])))
>>> MISTAKES["correction from the target"].odds(seen).corrected.round(4)
array([[0.15, 0.15]])
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .measures import Odds, Rows, Seen, left, right, scaled, share, sharpened, softmax, top, verified
from .report import Diagnosis

FIXES = {
    "acceptance": "Keep a drafted token where uniform * draft(token) < target(token).",
    "correction": "Draw it from norm((target - draft)_+) at the rejected position.",
    "bonus": "Draw it from the target's row after the last drafted token, target[gamma].",
    "row": "Read row i of target and draft for the token at position i.",
    "draft": "Declare the law that the token was drawn from: a point mass if it was chosen, not drawn.",
    "randomness": "Draw every coin and every token with randomness of its own.",
    "context": "Let the target read every emitted token before its next law is used.",
    "state": "Use the settings of the request wherever the target's law is computed.",
    "arithmetic": "Turn logits into probabilities once.",
}
"""What to do about a mistake of each kind."""


@dataclass(frozen=True)
class Mistake:
    """A known fault: its kind and words as in a Diagnosis, its three measures, and the fields of Seen that
    it cannot do without."""

    name: str
    kind: str
    words: str
    odds: Callable[[Seen], Odds]
    needs: tuple[str, ...] = ("draft",)

    @property
    def diagnosis(self) -> Diagnosis:
        """The fault in words, and what to do."""
        return Diagnosis(self.kind, self.words, FIXES[self.kind])

    def applies(self, seen: Seen) -> bool:
        """Whether everything that it needs is known."""
        return all(getattr(seen, name) is not None for name in self.needs)

    def measures(self, seen: Seen) -> Odds:
        """Its measures where it applies, the right ones elsewhere."""
        return self.odds(seen) if self.applies(seen) else right(seen)


def _typical(seen: Seen) -> Odds:
    target = seen.target
    entropy = -(target * np.log(np.maximum(target, 1e-300))).sum(-1, keepdims=True)
    return verified(seen, top(target), (target > np.minimum(0.3, 0.09 * np.exp(-entropy))) * 1.0)


def _greedy_draft(seen: Seen) -> Odds:
    """The draft's favourite is proposed; the rule believes it was drawn."""
    kept = top(seen.draft) * share(seen.target, seen.draft)
    rejected = 1 - kept.sum(-1, keepdims=True)
    return Odds(kept, rejected * scaled(left(seen.target, seen.draft), seen.target), seen.target)


def _one_uniform(seen: Seen) -> Odds:
    """The uniform that rejected a token also selects the correction, by inversion.

    Given u, a drafted x is rejected where u >= share(x); the correction y is selected where u lies between
    the cumulative residual before y and after it. So y gets G(after) - G(before) with
    G(s) = sum over x of draft(x) * (s - share(x))_+.
    """
    target, draft = seen.target, seen.draft
    chance = share(target, draft)
    upto = np.cumsum(scaled(left(target, draft), target), -1)
    grown = _overlap_beyond(draft, chance, np.minimum(upto, 1))
    return Odds(draft * chance, np.maximum(np.diff(grown, axis=-1, prepend=0), 0), target)


def _overlap_beyond(draft: Rows, chance: Rows, points: Rows) -> Rows:
    """G at these points, by one sort of chances and points together."""
    size = draft.shape[-1]
    order = np.argsort(np.concatenate([chance, points], -1), -1, kind="stable")
    mass = np.concatenate([draft, np.zeros_like(draft)], -1)
    moment = np.concatenate([draft * chance, np.zeros_like(draft)], -1)
    sums = [np.cumsum(np.take_along_axis(x, order, -1), -1) for x in (mass, moment)]
    place = np.argsort(order, -1)[..., size:]
    below, weighted = (np.take_along_axis(x, place, -1) for x in sums)
    return points * below - weighted


def _throughout(law: Callable[[Seen], Rows]) -> Callable[[Seen], Odds]:
    """Every token comes from this law."""

    def odds(seen: Seen) -> Odds:
        found = law(seen)
        return Odds(found, np.zeros_like(found), found)

    return odds


def _stale_rule(seen: Seen) -> Odds:
    return verified(seen, left(seen.target, seen.last_draft), share(seen.target, seen.last_draft))


def _power(exponent: float) -> Callable[[Seen], Odds]:
    return _throughout(lambda seen: sharpened(seen.target, exponent))


def _bonus(name: str) -> Callable[[Seen], Odds]:
    return lambda seen: verified(seen)._replace(bonus=getattr(seen, name))


_STALE = ("draft", "last_draft")
_TABLE: tuple[Mistake, ...] = (
    Mistake(
        "correction from the target",
        "correction",
        "The token after a rejection comes from the target, not from the residual.",
        lambda s: verified(s, s.target),
    ),
    Mistake(
        "correction from a softmax",
        "correction",
        "The residual is treated as logits.",
        lambda s: verified(s, softmax(left(s.target, s.draft))),
    ),
    Mistake(
        "correction from |target - draft|",
        "correction",
        "The residual takes the absolute difference, not the positive part.",
        lambda s: verified(s, abs(s.target - s.draft)),
    ),
    Mistake(
        "correction from (draft - target)_+",
        "correction",
        "The residual swaps target and draft.",
        lambda s: verified(s, left(s.draft, s.target)),
    ),
    Mistake(
        "correction by argmax",
        "correction",
        "The token after a rejection is the residual's most likely one, not a draw.",
        lambda s: verified(s, top(left(s.target, s.draft))),
    ),
    Mistake(
        "correction with another draft row",
        "row",
        "The residual subtracts the draft's row of the position before.",
        lambda s: verified(s, left(s.target, s.last_draft)),
        _STALE,
    ),
    Mistake(
        "draft row off by one",
        "row",
        "Coin and residual read the draft's row of the position before.",
        _stale_rule,
        _STALE,
    ),
    Mistake(
        "ratio upside down",
        "acceptance",
        "Tokens are kept with chance min(1, draft / target).",
        lambda s: verified(s, accept=share(s.draft, s.target)),
    ),
    Mistake(
        "comparison turned round",
        "acceptance",
        "Tokens are kept where the uniform is above target / draft, not below.",
        lambda s: verified(s, accept=1 - share(s.target, s.draft)),
    ),
    Mistake(
        "no coin",
        "acceptance",
        "Tokens are kept if and only if target >= draft, without a uniform.",
        lambda s: verified(s, accept=(s.target >= s.draft) * 1.0),
    ),
    Mistake(
        "lenience",
        "acceptance",
        "Tokens are kept with chance min(1, target / (0.7 draft)).",
        lambda s: verified(s, accept=share(s.target, 0.7 * s.draft)),
    ),
    Mistake(
        "everything kept",
        "acceptance",
        "Drafted tokens are emitted unverified.",
        lambda s: verified(s, accept=np.ones_like(s.target)),
    ),
    Mistake(
        "relative to the most likely",
        "acceptance",
        "Tokens are kept with chance target / max(target).",
        lambda s: verified(s, accept=s.target / s.target.max(-1, keepdims=True)),
    ),
    Mistake(
        "typical acceptance",
        "acceptance",
        "Tokens are kept if likely enough for the target's entropy.",
        _typical,
    ),
    Mistake(
        "greedy draft",
        "draft",
        "The draft's most likely token is proposed while its whole law is declared.",
        _greedy_draft,
    ),
    Mistake(
        "one uniform", "randomness", "The uniform that rejects also selects the correction.", _one_uniform
    ),
    Mistake(
        "bonus from the draft",
        "bonus",
        "The token after a fully kept draft comes from the draft.",
        _bonus("draft"),
    ),
    Mistake(
        "bonus from the row before",
        "bonus",
        "The token after a fully kept draft comes from the target's row of the last drafted token.",
        _bonus("last_target"),
        ("draft", "last_target"),
    ),
    Mistake(
        "stale target",
        "context",
        "Tokens come from the target's law of the position before.",
        _throughout(lambda s: s.last_target),
        ("last_target",),
    ),
    Mistake(
        "argmax",
        "randomness",
        "The target's most likely token is taken, not a draw.",
        _throughout(lambda s: top(s.target)),
        (),
    ),
    Mistake(
        "softmax twice",
        "arithmetic",
        "Probabilities are treated as logits.",
        _throughout(lambda s: softmax(s.target)),
        (),
    ),
    *(
        Mistake(
            f"temperature {1 / exponent:g}",
            "state",
            f"Tokens come from the target at {1 / exponent:g} times the declared temperature.",
            _power(exponent),
            (),
        )
        for exponent in (2.0, 1.25, 0.8, 0.5)
    ),
)

MISTAKES: dict[str, Mistake] = {mistake.name: mistake for mistake in _TABLE}
"""The library, by name."""
