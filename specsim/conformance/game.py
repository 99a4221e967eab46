"""The three gamblers at one table: their wealth together is the e-value.

>>> from specsim.conformance.mistakes import MISTAKES
>>> game = Game(2, 2, tuple(MISTAKES.values()), ())
>>> for token in 8 * [[0, 1]]:
...     game.play(Seen(np.array([[0.9, 0.1]])), np.array(token), Place(0, 0))
>>> game.log_evalue().round(1)
array([ 0.1, 11.5])
"""

from collections.abc import Sequence
from math import inf
from typing import Any

import numpy as np

from .bets import Gambler, Known, Place, at
from .learned import Binned, Blind, Tilted
from .measures import Seen
from .mistakes import Mistake

GAMBLERS = ("known", "binned", "tilted", "blind")
"""Who plays."""


class Game:
    """The three gamblers, for R texts at once, and their wealth together.

    vocabulary: V. mistakes: those bet on. gammas: () if the place in the round is always known.
    slack: total variation up to which the laws are known. impossible (R,): a token of law 0 came;
    proof, unless there is slack.
    """

    def __init__(
        self,
        runs: int,
        vocabulary: int,
        mistakes: Sequence[Mistake],
        gammas: Sequence[int],
        slack: float = 0.0,
    ) -> None:
        self.slack, self.impossible = slack, np.zeros(runs, bool)
        known, blind = Known(runs, mistakes, gammas, slack), Blind(runs, vocabulary, slack)
        players = known, Binned(runs, slack), Tilted(runs, slack), blind
        self.gamblers: dict[str, Gambler] = dict(zip(GAMBLERS, players))

    def play(self, seen: Seen, token: np.ndarray, place: Place | None = None, active: Any = True) -> None:
        """One token (R,) of each active text. place: its place in the round, None where unknown."""
        active = np.broadcast_to(active, token.shape)
        for gambler in self.gamblers.values():
            gambler.play(seen, token, place, active)
        self.impossible |= active & (at(seen.target, token) <= 0)

    def restart(self) -> None:
        """A new text begins."""
        for gambler in self.gamblers.values():
            gambler.restart()

    def log_evalue(self, without: str | None = None, among: Sequence[str] = GAMBLERS) -> np.ndarray:
        """Natural logarithm of the e-value, (R,).

        without: a known mistake to leave out, to see how the test fares against what nobody knew of. among:
        the gamblers that count.
        """
        chosen = [self.gamblers[who] for who in among]
        means = [_log_mean(_left(gambler, without)) for gambler in chosen]
        return np.where(self.impossible & (self.slack == 0), inf, _log_mean(np.stack(means)))

    def richest(self) -> tuple[str, str]:
        """(gambler, strategy) with the greatest wealth on the first text."""
        found = [
            (float(wealth[0]), who, name)
            for who, gambler in self.gamblers.items()
            for name, wealth in zip(gambler.names, gambler.strategies())
        ]
        _, who, name = max(found)
        return who, name

    def state(self) -> dict[str, Any]:
        """What has to be saved, as nested dictionaries of arrays."""
        return {"impossible": self.impossible, **{who: g.state() for who, g in self.gamblers.items()}}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a saved state."""
        self.impossible = state["impossible"]
        for who, gambler in self.gamblers.items():
            gambler.restore(state[who])


def _left(gambler: Gambler, without: str | None) -> np.ndarray:
    """Log wealth of a gambler's strategies, one mistake left out."""
    logs = gambler.strategies()
    return logs if without is None else logs[[name != without for name in gambler.names]]


def _log_mean(logs: np.ndarray) -> np.ndarray:
    """log of the mean of exp(logs) over the first axis."""
    most = logs.max(0)
    return most + np.log(np.exp(logs - most).mean(0))
