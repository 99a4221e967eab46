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

from .fixes import FIXES
from .measures import Odds, Seen, left, right, share, softmax, top, verified
from .report import Diagnosis
from .wrong_odds import at_power, bonus_from, greedy_draft, one_uniform, stale_rule, throughout, typical

OF_TEXTS = {
    "state": "Use the settings of the request wherever the target's law is computed.",
    "arithmetic": "Turn logits into probabilities once.",
}
"""What to do about kinds that mean something else where a whole text is off."""


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
        return Diagnosis(self.kind, self.words, (FIXES | OF_TEXTS)[self.kind])

    def applies(self, seen: Seen) -> bool:
        """Whether everything that it needs is known."""
        return all(getattr(seen, name) is not None for name in self.needs)

    def measures(self, seen: Seen) -> Odds:
        """Its measures where it applies, the right ones elsewhere."""
        return self.odds(seen) if self.applies(seen) else right(seen)


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
        stale_rule,
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
        typical,
    ),
    Mistake(
        "greedy draft",
        "draft",
        "The draft's most likely token is proposed while its whole law is declared.",
        greedy_draft,
    ),
    Mistake(
        "one uniform", "randomness", "The uniform that rejects also selects the correction.", one_uniform
    ),
    Mistake(
        "bonus from the draft",
        "bonus",
        "The token after a fully kept draft comes from the draft.",
        bonus_from("draft"),
    ),
    Mistake(
        "bonus from the row before",
        "bonus",
        "The token after a fully kept draft comes from the target's row of the last drafted token.",
        bonus_from("last_target"),
        ("draft", "last_target"),
    ),
    Mistake(
        "stale target",
        "context",
        "Tokens come from the target's law of the position before.",
        throughout(lambda s: s.last_target),
        ("last_target",),
    ),
    Mistake(
        "argmax",
        "randomness",
        "The target's most likely token is taken, not a draw.",
        throughout(lambda s: top(s.target)),
        (),
    ),
    Mistake(
        "softmax twice",
        "arithmetic",
        "Probabilities are treated as logits.",
        throughout(lambda s: softmax(s.target)),
        (),
    ),
    *(
        Mistake(
            f"temperature {1 / exponent:g}",
            "state",
            f"Tokens come from the target at {1 / exponent:g} times the declared temperature.",
            at_power(exponent),
            (),
        )
        for exponent in (2.0, 1.25, 0.8, 0.5)
    ),
)

MISTAKES: dict[str, Mistake] = {mistake.name: mistake for mistake in _TABLE}
"""The library, by name."""
