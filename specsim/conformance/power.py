"""How often the sequential test rejects what is right, and how soon it finds what is wrong.

`false_alarms` plays the right decoder many times and counts how often the e-value ever crosses 1 / level: by
Ville's inequality no more often than `level`. `power_table` plays one mistake after the other and counts
rounds, or tokens of texts that do not show their rounds, until the e-value reaches 1 / alpha.

>>> false_alarms(runs=200, tokens=40, levels=(0.2, 0.05), rng=np.random.default_rng(1))
{0.2: 0.03, 0.05: 0.005}
>>> rows = random_rows(8, 2, np.random.default_rng(5))
>>> found = rounds_until_found(MISTAKES["bonus from the draft"], rows, runs=5, rng=np.random.default_rng(4))
>>> found.known, found.unknown
(23.0, 24.0)
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf, log

import numpy as np

from .game import Game
from .measures import Odds, Seen, right, scaled, sharpened, verified
from .mistakes import MISTAKES, Mistake
from .playing import RandomRows, TextPlayer, play_round, random_rows
from .sequential import GAMMAS

LEVELS = (0.2, 0.1, 0.02, 0.01)
"""Levels at which crossings are counted."""

LEARNED = ("binned", "tilted", "blind")
"""The gamblers that know no mistake."""

CHOSEN = (
    "correction from the target",
    "comparison turned round",
    "bonus from the draft",
    "bonus from the row before",
    "ratio upside down",
    "draft row off by one",
    "one uniform",
    "correction with another draft row",
    "no coin",
    "lenience",
)
"""Mistakes of the library that the table plays."""


def _drafted_colder(seen: Seen) -> Odds:
    odds, colder = right(seen), sharpened(seen.draft, 1.25)
    kept = odds.kept * np.divide(colder, seen.draft, out=np.zeros_like(colder), where=seen.draft > 0)
    return Odds(kept, (1 - kept.sum(-1, keepdims=True)) * scaled(odds.corrected, seen.target), odds.bonus)


def _corrected_colder(seen: Seen) -> Odds:
    odds = right(seen)
    rejected = odds.corrected.sum(-1, keepdims=True)
    return odds._replace(corrected=rejected * sharpened(scaled(odds.corrected, seen.target), 2.0))


def _foreign(accept: bool) -> Callable[[Seen], Odds]:
    """Correction, and perhaps coin, with the draft row of another request: here the row rotated."""

    def odds(seen: Seen) -> Odds:
        other = np.roll(seen.draft, 1, axis=-1)
        return verified(seen, np.maximum(seen.target - other, 0), seen.target / other if accept else None)

    return odds


OUTSIDERS = (
    Mistake("correction with another request's row", "row", "", _foreign(False)),
    Mistake("draft row of another request", "row", "", _foreign(True)),
    Mistake("drafted at temperature 0.8, declared at 1", "draft", "", _drafted_colder),
    Mistake("correction at temperature 0.5", "correction", "", _corrected_colder),
)
"""Mistakes that are in no library."""


@dataclass(frozen=True)
class Found:
    """Median number of rounds, or of tokens of a text, until a mistake is found; inf where it was not.

    tv: total variation per token, mean over the tokens of a round; None for texts. known, unknown: with the
    mistake in the library and without it. learned: by the learned bets alone.
    """

    mistake: str
    vocabulary: int
    tv: float | None
    known: float
    unknown: float
    learned: float


def false_alarms(
    runs: int = 2000,
    tokens: int = 1000,
    levels: Sequence[float] = LEVELS,
    *,
    vocabulary: int = 5,
    gamma: int = 2,
    text: bool = False,
    rng: np.random.Generator,
) -> dict[float, float]:
    """In which share of runs of a right decoder the e-value has ever reached 1 / level.

    tokens: per run, at least. text: tokens come without their rounds, each after random laws of its own.
    """
    game = Game(runs, vocabulary, tuple(MISTAKES.values()), GAMMAS if text else ())
    rows, player = random_rows(vocabulary, gamma, rng), TextPlayer(game, right, vocabulary, gamma)
    peak = np.zeros(runs)
    for _ in range(tokens if text else -(-tokens // (gamma + 1))):
        if text:
            player.play(rng)
        else:
            play_round(game, right, rows, rng)
        peak = np.maximum(peak, game.log_evalue())
    return {level: float((peak >= -log(level)).mean()) for level in levels}


def rounds_until_found(
    mistake: Mistake,
    rows: RandomRows,
    *,
    runs: int = 15,
    alpha: float = 1e-6,
    most: int = 5000,
    rng: np.random.Generator,
) -> Found:
    """Median number of rounds until each form of the test rejects a decoder with this mistake."""
    vocabulary = rows.target.shape[-1]
    game = Game(runs, vocabulary, tuple(MISTAKES.values()), ())
    found = _medians(game, mistake.name, lambda: play_round(game, mistake.measures, rows, rng), alpha, most)
    return Found(mistake.name, vocabulary, per_token(mistake, rows), *found)


def tokens_until_found(
    mistake: Mistake,
    vocabulary: int,
    gamma: int,
    *,
    runs: int = 15,
    alpha: float = 1e-6,
    most: int = 5000,
    rng: np.random.Generator,
) -> Found:
    """Median number of tokens of a text until the test rejects, rounds and draft length unknown."""
    game = Game(runs, vocabulary, tuple(MISTAKES.values()), GAMMAS)
    player = TextPlayer(game, mistake.measures, vocabulary, gamma)
    found = _medians(game, mistake.name, lambda: player.play(rng), alpha, most)
    return Found(mistake.name, vocabulary, None, *found)


def _medians(
    game: Game, name: str, play: Callable[[], None], alpha: float, most: int
) -> tuple[float, float, float]:
    """After how many plays half of the runs are rejected: by all bets, without one mistake, by learned."""
    played = np.full((3, len(game.impossible)), inf)
    for number in range(1, most + 1):
        play()
        wealth = np.stack([game.log_evalue(), game.log_evalue(name), game.log_evalue(among=LEARNED)])
        played = np.where((wealth >= -log(alpha)) & np.isinf(played), number, played)
        if np.isfinite(np.median(played, axis=1)).all():
            break
    known, unknown, learned = np.median(played, axis=1).tolist()
    return known, unknown, learned


def per_token(mistake: Mistake, rows: RandomRows) -> float:
    """Total variation between what a decoder with this mistake emits and the target, mean over its tokens."""
    reach, far, tokens = 1.0, 0.0, 0.0
    for position in range(rows.gamma + 1):
        seen = rows.seen(position)
        odds = mistake.measures(seen)
        law = odds.kept + odds.corrected if position < rows.gamma else odds.bonus
        far += reach * float(abs(law - seen.target).sum()) / 2
        tokens += reach
        reach *= float(odds.kept.sum())
    return far / tokens


def power_table(
    vocabulary: int,
    *,
    gamma: int = 2,
    runs: int = 15,
    seed: int = 0,
    most: int = 5000,
    text: bool = False,
) -> tuple[Found, ...]:
    """Rounds until found, for the mistakes of the table and for some that are in no library.

    text: tokens of a text instead, rounds and draft length unknown.
    """
    rng = np.random.default_rng(seed)
    rows = random_rows(vocabulary, gamma, rng)
    chosen = [*(MISTAKES[name] for name in CHOSEN), *OUTSIDERS]
    if text:
        return tuple(
            tokens_until_found(one, vocabulary, gamma, runs=runs, most=most, rng=rng) for one in chosen
        )
    return tuple(rounds_until_found(one, rows, runs=runs, most=most, rng=rng) for one in chosen)


def table_text(found: Sequence[Found]) -> str:
    """The table in words, one line per mistake."""
    head = f"{'mistake':<44}{'V':>6}{'TV/token':>10}{'known':>8}{'unknown':>9}{'learned':>9}"
    return "\n".join([head, *map(_line, found)])


def _line(one: Found) -> str:
    tv = "" if one.tv is None else f"{one.tv:.3f}"
    counts = f"{one.known:>8.0f}{one.unknown:>9.0f}{one.learned:>9.0f}"
    return f"{one.mistake:<44}{one.vocabulary:>6}{tv:>10}{counts}"
