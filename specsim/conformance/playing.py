"""Decoders with known mistakes, played many at a time: what the sequential test is measured on.

>>> from specsim.conformance.mistakes import MISTAKES
>>> rows = random_rows(4, 2, np.random.default_rng(0))
>>> game = Game(3, 4, tuple(MISTAKES.values()), ())
>>> play_round(game, MISTAKES["lenience"].odds, rows, np.random.default_rng(1))
>>> game.log_evalue().round(2)
array([-0.02, -0.01, -0.01])
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .bets import Place
from .game import Game
from .measures import Odds, Rows, Seen, seen_at, softmax


@dataclass(frozen=True)
class RandomRows:
    """Laws of one verification: target (gamma + 1, V), draft (gamma, V), a law of its own in every row."""

    target: Rows
    draft: Rows

    @property
    def gamma(self) -> int:
        """How many tokens are drafted."""
        return len(self.draft)

    def seen(self, position: int) -> Seen:
        """What is known before the token at a position."""
        return seen_at(position, self.target, self.draft)


def random_rows(vocabulary: int, gamma: int, rng: np.random.Generator, spread: float = 2.0) -> RandomRows:
    """Softmaxes of normal logits; the draft's are the target's with noise of standard deviation 1."""
    logits = spread * rng.standard_normal((gamma + 1, vocabulary))
    return RandomRows(softmax(logits), softmax((logits + rng.standard_normal(logits.shape))[:gamma]))


def play_round(game: Game, odds: Callable[[Seen], Odds], rows: RandomRows, rng: np.random.Generator) -> None:
    """One round of each of the game's texts, by a decoder with these odds."""
    active = np.ones(len(game.impossible), bool)
    for position in range(rows.gamma + 1):
        seen = rows.seen(position)
        drafting = np.full(len(active), position < rows.gamma)
        token, kept = _emitted(odds(seen), drafting, rng)
        game.play(seen, token, Place(position, rows.gamma), active)
        active = active & kept


class TextPlayer:
    """Texts by a decoder with these odds, random laws of its own at each token; rounds are not shown."""

    def __init__(self, game: Game, odds: Callable[[Seen], Odds], vocabulary: int, gamma: int) -> None:
        self.game, self.odds, self.vocabulary, self.gamma = game, odds, vocabulary, gamma
        self._position = np.zeros(len(game.impossible), np.int64)
        self._last: tuple[Rows | None, Rows | None] = (None, None)

    def play(self, rng: np.random.Generator) -> None:
        """The next token of every text."""
        logits = 2.0 * rng.standard_normal((len(self._position), self.vocabulary))
        now = softmax(logits), softmax(logits + rng.standard_normal(logits.shape))
        seen = Seen(*now, *self._last)
        token, kept = _emitted(self.odds(seen), self._position < self.gamma, rng)
        self.game.play(seen, token)
        self._position, self._last = np.where(kept, self._position + 1, 0), now


def _emitted(odds: Odds, drafting: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A token (R,) of each text, and whether it was drafted and kept."""
    either = np.where(drafting[:, None], odds.corrected, odds.bonus)
    both = np.concatenate([np.where(drafting[:, None], odds.kept, 0), either], -1)
    upto = np.cumsum(both, -1)
    drawn = (upto <= rng.random((len(drafting), 1)) * upto[:, -1:]).sum(-1)
    size = either.shape[-1]
    return drawn % size, drawn < size
