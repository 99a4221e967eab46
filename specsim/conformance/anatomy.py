"""A verifier's law taken apart: with which chance is each drafted token kept, and what comes after?

Given what was drafted, a law of emitted tokens of the usual form (kept tokens and one more) is the same as

    kept[i]     chance that token i is kept, given that those before it were
    last[i]     law of the token after i kept ones, given that no more were kept

Both can be read off the exact law, and held against what a rule should show there.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from specsim.core import Draft, rules
from specsim.core.draft import Parent

from .engine import Crash
from .readings import Tokens
from .trials import Trial

SEEN = 1e-4
"""Parts of less chance than this are not read: too little of them is there."""


@dataclass(frozen=True, eq=False)
class Seen:
    """One request's round: what it was given, and the law of what it emitted.

    target (n + 1, V), draft (n, V), tokens (n,). mates: target and draft of the other requests of its batch,
    the next one first. beyond: the draft's law after the last drafted token, where it is known.
    """

    target: np.ndarray
    draft: np.ndarray
    tokens: Tokens
    parent: Parent
    law: dict[Tokens, float]
    crashed: float
    mates: tuple[tuple[np.ndarray, np.ndarray], ...] = ()
    beyond: np.ndarray | None = None

    @property
    def n(self) -> int:
        """The number of drafted tokens."""
        return len(self.tokens)

    @property
    def vocab(self) -> int:
        """The number of tokens that exist."""
        return self.target.shape[-1]


@dataclass(frozen=True, eq=False)
class Anatomy:
    """kept (n,), last (n + 1, V); reached (n,), stopped (n + 1,): the chances that both are conditional on.

    strange: chance of emissions of another form.
    """

    kept: np.ndarray
    last: np.ndarray
    reached: np.ndarray
    stopped: np.ndarray
    strange: float = 0.0


def rounds_seen(trials: Iterable[Trial]) -> Iterator[Seen]:
    """The rounds of these trials, request by request."""
    for trial in trials:
        for one in trial.rounds:
            for b, drafted in enumerate(one.batch):
                law: dict[Tokens, float] = {}
                for key, chance in one.law.items():
                    if not isinstance(key, Crash):
                        law[key[b]] = law.get(key[b], 0.0) + chance
                mates = tuple((mate.target, mate.draft) for mate in (*one.batch[b + 1 :], *one.batch[:b]))
                crashed = max(0.0, 1 - sum(law.values()))
                yield Seen(drafted.target, drafted.draft, drafted.tokens, drafted.parent, law, crashed, mates)


def emits_no_bonus(rounds: Sequence[Seen]) -> bool:
    """Whether a draft that is kept in full is all that comes out."""
    return not any(len(text) > one.n for one in rounds for text in one.law)


def anatomy(seen: Seen, no_bonus: bool = False) -> Anatomy:
    """The parts of a round's law on a chain."""
    stopped, last, strange = np.zeros(seen.n + 1), np.zeros((seen.n + 1, seen.vocab)), seen.crashed
    for text, chance in seen.law.items():
        kept = len(text) - 1
        if no_bonus and text == seen.tokens:
            stopped[seen.n] += chance
        elif 0 <= kept <= seen.n and text[:-1] == seen.tokens[:kept] and 0 <= text[-1] < seen.vocab:
            stopped[kept] += chance
            last[kept, text[-1]] += chance
        else:
            strange += chance
    return _conditional(stopped, last, strange)


def _conditional(stopped: np.ndarray, weights: np.ndarray, strange: float = 0.0) -> Anatomy:
    reach = stopped[::-1].cumsum()[::-1]
    with np.errstate(invalid="ignore", divide="ignore"):
        kept = np.array([later / here if here > 0 else np.nan for here, later in pairwise(reach)])
        last = weights / weights.sum(axis=-1, keepdims=True)
    return Anatomy(kept, last, reach[:-1], stopped, strange)


def expected(seen: Seen, rule: str) -> Anatomy:
    """The parts that a rule of the core shows on this round; "point": where drafts count as chosen tokens."""
    draft = seen.draft
    if rule == "point":
        draft, rule = np.eye(seen.vocab)[list(seen.tokens)].reshape(draft.shape), "token"
    if not seen.n:
        return _conditional(np.ones(1), seen.target)
    plan = rules.get(rule)(seen.target, Draft(np.array(seen.tokens), draft, seen.parent))
    return _conditional(plan.stop, plan.stop[:, None] * plan.residual)


@dataclass(frozen=True)
class Gaps:
    """The largest differences in tests, corrections and bonus; strange: chance of other forms."""

    kept: float
    corrections: float
    bonus: float
    strange: float

    def count(self, tolerance: float) -> int:
        """How many parts differ."""
        return sum(gap > tolerance for gap in (self.kept, self.corrections, self.bonus, self.strange))


def gaps(came: Anatomy, due: Anatomy) -> Gaps:
    """Where a round differs from what a rule shows."""
    n = len(came.kept)
    apart = [
        0.5 * abs(came.last[i] - due.last[i]).sum() if min(came.stopped[i], due.stopped[i]) > SEEN else 0.0
        for i in range(n + 1)
    ]
    off = [abs(came.kept[i] - due.kept[i]) for i in range(n) if min(came.reached[i], due.reached[i]) > SEEN]
    return Gaps(max(off, default=0.0), max(apart[:n], default=0.0), _number(apart[n]), came.strange)


def _number(value: float) -> float:
    return 0.0 if np.isnan(value) else float(value)
