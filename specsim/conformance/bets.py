"""Three gamblers who play against "the next token has the target's law", and whose wealth is evidence.

A bet is a law b over the next token that is fixed before the token appears; it multiplies the gambler's
wealth by b(y) / target(y). If the token does have the target's law, the expected factor is 1, whatever b is:
wealth is a martingale, and the chance that it ever reaches 1 / alpha is at most alpha (Ville). The three
differ in what they expect:

    Known     one of the mistakes of `mistakes`, diluted: in a share eps of the rounds
    Binned    something that acts through a score, such as target / draft: learns the chance of 8 bins that
              are equally likely under the target
    Blind     anything: learns how often each token comes, relative to how often it should

All play R texts at once, so that 2,000 runs cost little more than one; wealth is kept as a natural logarithm.

Where laws are known up to a total variation of `slack` only, a factor f in [0, cap] has mean at most
1 + slack * cap, and is divided by that: the bets stay fair against every law that near.

Ville 1939; Waudby-Smith and Ramdas 2024 (2010.09686); Ramdas et al. 2023 (2210.01948), section 4.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from .measures import Rows, Seen
from .mistakes import Mistake

SHARES = (0.9, 0.3, 0.1, 0.03, 0.01)
"""How much of the text a mistake is taken to spoil."""


class Place(NamedTuple):
    """Where in a round a token stands. The bonus has position gamma, the number of drafted tokens."""

    position: int
    gamma: int


def at(rows: Rows, tokens: np.ndarray) -> np.ndarray:
    """rows[..., tokens[r]] for each text r: rows (R, V) or (1, V), tokens (R,)."""
    return rows[0, tokens] if len(rows) == 1 else rows[np.arange(len(tokens)), tokens]


def cap(slack: float) -> float:
    """The largest factor that a bet may win if laws are known up to `slack`."""
    return np.inf if slack == 0 else float(np.clip(0.003 / slack, 3, 100))


def damped(ratio: Rows, slack: float, share: Any = 1.0) -> Rows:
    """The factor of betting a share of the wealth on a ratio, fair against all laws within `slack`."""
    if slack == 0:
        return 1 + share * (ratio - 1)
    most = cap(slack)
    return (1 + share * (np.minimum(ratio, most) - 1)) / (1 + share * slack * most)


class Gambler(Protocol):
    """Someone who bets. names, strategies(): one name and one log wealth (R,) per strategy."""

    names: tuple[str, ...]

    def strategies(self) -> Rows: ...
    def play(self, seen: Seen, token: np.ndarray, place: Place | None, active: np.ndarray) -> None: ...
    def restart(self) -> None: ...
    def state(self) -> dict[str, Any]: ...
    def restore(self, state: dict[str, Any]) -> None: ...


class Known:
    """Bets on known mistakes, each with each share.

    Where the place in the round is unknown, as in a text, a filter follows it for each draft length in
    `gammas`: the chance of each position given the tokens so far, were the mistake there in full.
    """

    def __init__(self, runs: int, mistakes: Sequence[Mistake], gammas: Sequence[int], slack: float) -> None:
        self.mistakes, self.gammas, self.slack = tuple(mistakes), tuple(gammas), slack
        self.log = np.zeros((len(mistakes), len(SHARES), max(len(gammas), 1), runs))
        each = self.log[0, ..., 0].size
        self.names = tuple(mistake.name for mistake in self.mistakes for _ in range(each))
        self._filters = [np.tile(np.eye(1, gamma + 1), (len(mistakes), runs, 1)) for gamma in gammas]

    def strategies(self) -> Rows:
        """Log wealth (strategies, R)."""
        return self.log.reshape(-1, self.log.shape[-1])

    def play(self, seen: Seen, token: np.ndarray, place: Place | None, active: np.ndarray) -> None:
        """Bet, see the token (R,), settle for the active texts."""
        chances = np.stack([_chances(mistake, seen, token) for mistake in self.mistakes])
        known = at(seen.target, token)
        shares = np.array(SHARES)[:, None, None]
        chance = _placed(chances, place) if place is not None else self._filtered(chances, active)
        factor = damped(_over(chance, known, self.slack)[:, None], self.slack, shares)
        self.log += np.where(active, np.log(factor), 0)

    def restart(self) -> None:
        """A new text begins: its first token opens a round."""
        for weights in self._filters:
            weights[:] = np.eye(1, weights.shape[-1])

    def _filtered(self, chances: Rows, active: np.ndarray) -> Rows:
        """The chance of the token under each mistake and draft length, (M, G, R); moves the filters on."""
        found = []
        for weights in self._filters:
            kept, corrected, bonus = chances.transpose(1, 0, 2)
            drafting, last = weights[..., :-1], weights[..., -1]
            moved = np.empty_like(weights)
            moved[..., 1:] = drafting * kept[..., None]
            moved[..., 0] = drafting.sum(-1) * corrected + last * bonus
            chance = moved.sum(-1)
            lost = (chance <= 0)[..., None]
            scaled = np.where(
                lost, np.eye(1, weights.shape[-1]), moved / np.where(lost, 1, chance[..., None])
            )
            weights[:] = np.where(active[:, None], scaled, weights)
            found.append(chance)
        return np.stack(found, 1)

    def state(self) -> dict[str, Any]:
        """What has to be saved, as arrays."""
        return {"log": self.log, **{f"filter {gamma}": w for gamma, w in zip(self.gammas, self._filters)}}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a saved state."""
        self.log = state["log"]
        self._filters = [state[f"filter {gamma}"] for gamma in self.gammas]


def _over(chance: Rows, known: Rows, slack: float) -> Rows:
    """chance / known. Where known is 0: 1 if that is certain (`Game` records it), else the most one may
    win."""
    beyond = np.where(chance > 0, cap(slack) if slack else 1.0, 1.0)
    return np.divide(chance, known, out=beyond, where=known > 0)


def _chances(mistake: Mistake, seen: Seen, token: np.ndarray) -> Rows:
    """What the mistake gives the token as kept, corrected and bonus, (3, R); where mute, the target's law."""
    if not mistake.applies(seen):
        fair = at(seen.target, token)
        return np.stack([np.zeros_like(fair), fair, fair])
    return np.stack([np.maximum(at(rows, token), 0) for rows in mistake.odds(seen)])


def _placed(chances: Rows, place: Place) -> Rows:
    """The chance of the token at a known place, (M, 1, R)."""
    kept, corrected, bonus = chances.transpose(1, 0, 2)
    return (kept + corrected if place.position < place.gamma else bonus)[:, None]
