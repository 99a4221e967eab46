"""A test that may be stopped at any time: is every token a draw from the target's law?

Three gamblers (`bets`, `learned`) stake one third each against that claim; their wealth together is the
e-value. While the claim holds, the chance that the e-value ever reaches 1 / alpha is at most alpha, however
long one looks and whenever one stops (Ville's inequality). So look after every token, stop as soon as it is
clear, save, and go on tomorrow.

>>> test = EProcess(alpha=1e-3)
>>> for token in 7 * [1]:
...     test = test.update([token], [[0.9, 0.1]], np.zeros((0, 2)))
>>> test.tokens, test.rejected, round(test.evalue)
(7, True, 11426)

It is valid for rounds and for whole texts: given the tokens before, the next one has the target's law if and
only if the decoder is exact, whatever the rounds were, and a round that ends early takes part as if the
target had completed it.

Ville 1939; Grünwald, de Heide and Koolen 2024 (1906.07801); Ramdas et al. 2023 (2210.01948).
"""

from collections.abc import Sequence
from math import log, sqrt
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from specsim.core.checks import check_tokens

from .bets import SHARES, Place, cap
from .game import Game
from .measures import Seen, seen_at
from .mistakes import MISTAKES
from .report import Diagnosis
from .rows import emitted, laws
from .saving import read_state, write_state
from .wealth import Wealth

GAMMAS = (2, 4, 7)
"""Draft lengths that are tried where a text does not show its rounds."""


class EProcess(Wealth):
    """Evidence that grows only if tokens do not have the target's law; may be looked at after every token.

    alpha, evalue, peak, rejected: as of `Wealth`. tokens, blocks: how many it saw.
    library: "default", or the names of the MISTAKES to bet on; power depends on them, validity does not.
    tolerance: total variation per token by which the given laws may differ from those that are meant, as
    from rounding. gamma: drafted tokens per round, where a text does not show its rounds; by default a few
    are tried. Raises ValueError for alpha outside (0, 1), a tolerance outside [0, 0.5), unknown mistakes.
    """

    def __init__(
        self,
        alpha: float = 1e-6,
        library: str | Sequence[str] = "default",
        *,
        tolerance: float = 0.0,
        gamma: int | None = None,
    ) -> None:
        super().__init__(alpha)
        self.tolerance, self.library = _tolerance(tolerance), _names(library)
        self.gammas = GAMMAS if gamma is None else (gamma,)
        self.tokens = self.blocks = 0
        self._vocabulary = 0
        self._game: Game | None = None

    def update(self, tokens: Any, target_rows: npt.ArrayLike, draft_rows: npt.ArrayLike) -> "EProcess":
        """See one verification: the tokens that it emitted.

        tokens: (m,), 1 <= m <= gamma + 1; a negative id ends them. target_rows: (gamma + 1, V) laws along the
        drafted tokens; draft_rows: (gamma, V). Returns the test itself. ValueError where these do not fit.
        """
        ids, seen = self._checked(tokens, target_rows, draft_rows)
        gamma = len(seen.draft)
        if len(ids) > gamma + 1:
            raise ValueError(f"a round emits at most gamma + 1 = {gamma + 1} tokens, got {len(ids)}")
        for position, token in enumerate(ids):
            self._play(seen, position, token, Place(position, gamma))
        self.blocks += 1
        return self._look()

    def read(
        self,
        tokens: Any,
        target_rows: npt.ArrayLike,
        draft_rows: npt.ArrayLike | None = None,
        places: Sequence[Place] | None = None,
    ) -> "EProcess":
        """See one text from its beginning: tokens (n,), their laws (n, V) given the tokens before them.

        places: where in its round each token stood; by default that is not known. Nor need the draft's laws
        be. Returns the test; it stops once it rejects.
        """
        ids, seen = self._checked(tokens, target_rows, draft_rows)
        if seen.draft is not None and len(seen.draft) < len(ids):
            raise ValueError(
                f"a text needs one draft row per token: got {len(seen.draft)} for {len(ids)} tokens"
            )
        self._opened(seen.target.shape[-1]).restart()
        for position, token in enumerate(ids):
            self._play(seen, position, token, places[position] if places else None)
            if self._look().rejected:
                break
        return self

    @property
    def suspect(self) -> Diagnosis | None:
        """The known mistake that the tokens look most like; None unless rejected on such a bet."""
        if self._game is None or not self.rejected or self._game.impossible[0]:
            return None
        gambler, name = self._game.richest()
        return MISTAKES[name].diagnosis if gambler == "known" else None

    @property
    def impossible(self) -> bool:
        """Whether a token came to which the target gives no chance; proof, unless there is a tolerance."""
        return self._game is not None and bool(self._game.impossible[0])

    def caught(self, probability: float = 0.99) -> float:
        """The smallest total variation of a known mistake that this many tokens would have revealed.

            (sqrt(2 L / 0.75) + z) / (2 sqrt(n)),   L = log(bets / alpha), z the normal quantile

        A mistake in a share f of n tokens adds about n (f chi)^2 / 2 to its log wealth, give or take
        f chi sqrt(n), and its total variation is at most f chi / 2; bets on the nearest share win at least
        3/4 of that. A tolerance t costs t times the largest factor per token. A mean over tokens, in normal
        approximation.
        """
        if self.tokens == 0:
            return 1.0
        bets = 3 * len(self.library) * len(SHARES) * (1 if self.blocks else len(self.gammas))
        needed = log(bets / self.alpha)
        free = (sqrt(2 * needed / 0.75) + NormalDist().inv_cdf(probability)) / (2 * sqrt(self.tokens))
        toll = self.tolerance * cap(self.tolerance) if self.tolerance else 0.0
        return min((free + sqrt(free**2 + toll)) / 2, 1.0)

    def save(self, path: str | Path) -> None:
        """Write everything that is needed to go on, as JSON."""
        state = None if self._game is None else self._game.state()
        write_state(path, {name: getattr(self, name) for name in _SAVED}, state)

    @classmethod
    def load(cls, path: str | Path) -> "EProcess":
        """The test that `save` wrote, at the same point. Raises ValueError for a file that is none."""
        found, game = read_state(path, _SAVED, cls.__name__)
        test = cls(found["alpha"], found["library"], tolerance=found["tolerance"])
        for name in _SAVED:
            setattr(test, name, found[name])
        if game is not None:
            test._opened(test._vocabulary).restore(game)
        return test

    def _checked(self, tokens: Any, target: Any, draft: Any) -> tuple[list[int], Seen]:
        ids, rows = emitted(tokens), laws(target, "target rows")
        vocabulary = rows.shape[-1]
        drafts = None if draft is None else laws(draft, "draft rows", vocabulary)
        if len(ids) > len(rows):
            raise ValueError(f"each token needs its target row: got {len(ids)} tokens and {len(rows)} rows")
        check_tokens(ids, vocabulary)
        if self._vocabulary not in (0, vocabulary):
            raise ValueError(f"this test is over {self._vocabulary} tokens, the rows are over {vocabulary}")
        return ids.tolist(), Seen(rows, drafts)

    def _opened(self, vocabulary: int) -> Game:
        if self._game is None:
            self._vocabulary = vocabulary
            known = [MISTAKES[name] for name in self.library]
            self._game = Game(1, vocabulary, known, self.gammas, self.tolerance)
        return self._game

    def _play(self, seen: Seen, position: int, token: int, place: Place | None) -> None:
        now = seen_at(position, seen.target, seen.draft)
        self._opened(seen.target.shape[-1]).play(now, np.array([token]), place)
        self.tokens += 1

    def _look(self) -> "EProcess":
        if self._game is not None:
            self.now = float(self._game.log_evalue()[0])
        return self


_SAVED = ("alpha", "tolerance", "library", "gammas", "tokens", "blocks", "_now", "_peak", "_vocabulary")


def _tolerance(tolerance: float) -> float:
    if not 0 <= tolerance < 0.5:
        raise ValueError(
            f"a tolerance is a total variation in [0, 0.5), got {tolerance!r}; try 1e-6 for float32"
        )
    return float(tolerance)


def _names(library: str | Sequence[str]) -> tuple[str, ...]:
    names = tuple(MISTAKES) if library == "default" else tuple(library)
    unknown = [name for name in names if name not in MISTAKES]
    if unknown or not names:
        raise ValueError(
            f"library must be 'default' or name MISTAKES, got {library!r}; there are {tuple(MISTAKES)}"
        )
    return names
