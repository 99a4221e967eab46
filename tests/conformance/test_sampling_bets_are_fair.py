"""While the target's law holds every bet has mean 1: exactly, for every history, so no test may cheat."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from specsim.conformance.bets import Place, cap, damped
from specsim.conformance.game import Game
from specsim.conformance.measures import Seen, right
from specsim.conformance.mistakes import MISTAKES

SIZE = 4


def rows(rng: np.random.Generator) -> np.ndarray:
    """A law (1, SIZE), sometimes with zeros."""
    weights = rng.random(SIZE) ** 3 * (rng.random(SIZE) < 0.8)
    weights[rng.integers(SIZE)] += 0.1
    return weights[None] / weights.sum()


def seen(rng: np.random.Generator, fields: int = 4) -> Seen:
    return Seen(*(rows(rng) if i < fields else None for i in range(4)))


def after(rng: np.random.Generator, fields: int, place: Place | None, slack: float) -> Game:
    """One game per next token, all with the same history of tokens that the target could emit."""
    game = Game(SIZE, SIZE, tuple(MISTAKES.values()), (2, 3), slack)
    for _ in range(int(rng.integers(8))):
        past = seen(rng, fields)
        token = rng.choice(SIZE, p=past.target[0])
        game.play(past, np.full(SIZE, token), place)
    return game


def factors(game: Game, now: Seen, place: Place | None) -> np.ndarray:
    """The factor of every strategy, (strategies, SIZE), if the next token is 0, 1, ..."""
    before = [g.strategies().copy() for g in game.gamblers.values()]
    game.play(now, np.arange(SIZE), place)
    return np.exp(np.concatenate([g.strategies() - b for g, b in zip(game.gamblers.values(), before)]))


@pytest.mark.parametrize("place", [None, Place(0, 2), Place(2, 2)], ids=["text", "drafted", "bonus"])
@pytest.mark.parametrize("fields", [1, 2, 4])
@given(st.integers(0, 10**6))
def test_every_strategy_has_mean_one_under_the_target(fields, place, seed):
    rng = np.random.default_rng(seed)
    game, now = after(rng, fields, place, 0.0), seen(rng, fields)
    means = factors(game, now, place) @ now.target[0]
    assert means.max() < 1 + 1e-12
    if now.target.min() > 0:
        assert means.min() > 1 - 1e-12


@pytest.mark.parametrize("slack", [1e-6, 1e-3, 0.05])
@given(st.integers(0, 10**6))
def test_no_strategy_gains_from_laws_within_the_tolerance(slack, seed):
    rng = np.random.default_rng(seed)
    game, now = after(rng, 4, None, slack), seen(rng)
    won = factors(game, now, None)
    taken = np.minimum(now.target[0], slack * rng.dirichlet(np.ones(SIZE)))
    nearby = now.target[0] - taken
    worst = won @ nearby + taken.sum() * won.max(-1)
    assert worst.max() <= 1 + 1e-12


def test_a_factor_is_never_more_than_its_cap():
    assert damped(np.array([1e9]), 1e-3) <= cap(1e-3)


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=lambda mistake: mistake.name)
@given(st.integers(0, 10**6))
def test_every_mistake_is_a_law(mistake, seed):
    odds = mistake.odds(seen(np.random.default_rng(seed)))
    assert min(part.min() for part in odds) >= 0
    assert abs((odds.kept + odds.corrected).sum() - 1) < 1e-12
    assert abs(odds.bonus.sum() - 1) < 1e-12


@given(st.integers(0, 10**6))
def test_without_a_mistake_the_target_comes_out(seed):
    now = seen(np.random.default_rng(seed))
    odds = right(now)
    assert abs(odds.kept + odds.corrected - now.target).max() < 1e-12
    assert (odds.bonus == now.target).all()
