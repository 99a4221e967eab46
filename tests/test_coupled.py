"""Coupled verification: the chance of a match, its bounds, and a text that no draft can change."""

from fractions import Fraction as F
from math import sqrt

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from specsim.coupled import decode, match_bounds, match_probability, race, verify
from specsim.models import Pair, iid, load_pair
from specsim.testing import law_pairs
from specsim.theory import expected_tokens, total_variation

TARGET, DRAFT = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.5, 0.3])
Z = 4.9  # a deviation of more standard errors than this has chance 1e-6
laws = st.integers(1, 5).flatmap(law_pairs)


def by_definition(target, draft):
    """sum over x of 1 / sum over y of max(t(y) / t(x), d(y) / d(x)), as it stands."""
    return sum(
        (
            1 / sum(max(t / target[x], d / draft[x]) for t, d in zip(target, draft))
            for x in range(len(target))
            if target[x] and draft[x]
        ),
        F(0),
    )


def noise(*shape, seed=1):
    return np.random.default_rng(seed).exponential(size=shape)


@pytest.mark.theorem("match-law")
@given(pair=laws)
def test_the_match_by_sorting_is_the_double_sum(pair):
    assert match_probability(*pair) == by_definition(*pair)


@pytest.mark.theorem("match-bounds")
@given(pair=laws)
def test_the_match_lies_within_its_bounds(pair):
    low, high = match_bounds(total_variation(*pair))
    assert low <= match_probability(*pair) <= high


@pytest.mark.theorem("match-bounds")
def test_the_bounds_are_never_further_apart_than_stated():
    gap = [high - low for low, high in map(match_bounds, np.linspace(0, 1, 10_001))]
    assert max(gap) == pytest.approx(3 - 2 * sqrt(2), abs=1e-7)
    low, high = match_bounds(sqrt(2) - 1)
    assert high - low == pytest.approx(3 - 2 * sqrt(2), abs=1e-15)


@given(pair=laws)
def test_equal_laws_always_match_and_disjoint_ones_never(pair):
    assert match_probability(pair[0], pair[0]) == 1
    if total_variation(*pair) == 1:
        assert match_probability(*pair) == 0


def test_with_two_tokens_nothing_is_lost():
    for t, d in [(F(1, 2), F(3, 4)), (F(1, 10), F(9, 10)), (F(2, 3), F(1, 3))]:
        pair = [t, 1 - t], [d, 1 - d]
        assert match_probability(*pair) == match_bounds(abs(t - d))[1]


@pytest.mark.theorem("race-law", "match-law")
def test_races_are_won_by_the_law_and_match_as_often_as_stated():
    rounds = 200_000
    e = noise(rounds, 3)
    winners = race(np.tile(TARGET, (rounds, 1)), e)
    for token, p in enumerate(TARGET):
        assert abs(np.mean(winners == token) - p) <= Z * sqrt(p * (1 - p) / rounds)
    p = match_probability(TARGET, DRAFT)
    matched = np.mean(winners == race(np.tile(DRAFT, (rounds, 1)), e))
    assert abs(matched - p) <= Z * sqrt(p * (1 - p) / rounds)


def test_a_large_vocabulary_is_no_obstacle():
    rng = np.random.default_rng(0)
    target, draft = rng.dirichlet(np.ones(150_000), size=2)
    low, high = match_bounds(total_variation(target, draft))
    assert low <= match_probability(target, draft) <= high


def test_tokens_of_law_0_never_win():
    assert race(np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([[0.0, 5.0], [5.0, 0.0]])).tolist() == [1, 0]


def test_numpy_and_torch_agree():
    target, draft, e = noise(50, 7), noise(50, 7, seed=2), noise(50, 7, seed=3)
    target, draft = (x / x.sum(-1, keepdims=True) for x in (target, draft))
    tensors = [torch.from_numpy(x) for x in (target, draft, e)]
    assert race(tensors[0], tensors[2]).tolist() == race(target, e).tolist()
    assert match_probability(*tensors[:2]).numpy() == pytest.approx(match_probability(target, draft))
    chain = (
        torch.from_numpy(target).reshape(10, 5, 7),
        torch.ones((10, 4), dtype=int),
        tensors[2].reshape(10, 5, 7),
    )
    plain = verify(*(np.asarray(x) for x in chain))
    for a, b in zip(verify(*chain), plain):
        assert a.tolist() == b.tolist()


@pytest.mark.theorem("race-law")
@pytest.mark.parametrize("seed", range(5))
def test_no_draft_can_change_the_text(seed):
    """What comes out is the race of the target alone: drafter invariance."""
    e, target = noise(12, 2, seed=seed), load_pair("bernoulli").target
    alone: tuple = ()
    while len(alone) < 12:
        alone += (int(race(target(np.array([alone], dtype=int))[0], e[len(alone)])),)
    for draft in (target, iid([0.9, 0.1]), iid([0.0, 1.0])):
        for gamma in (1, 3, 20):
            found = decode(Pair(target, draft), e, gamma)
            assert found.tokens == alone
            assert sum(found.rounds) == 12


def test_a_draft_equal_to_the_target_is_kept_whole():
    found = decode(Pair(iid(TARGET), iid(TARGET)), noise(12, 3), 3)
    assert found.rounds == (4, 4, 4)


def test_tokens_per_round_are_those_of_the_match_probability():
    """With independent positions the match plays the part of alpha."""
    rounds, gamma = 100_000, 3
    e = noise(rounds, gamma + 1, 3)
    drafted = race(np.broadcast_to(DRAFT, e.shape), e)[:, :-1]
    kept, _ = verify(np.broadcast_to(TARGET, e.shape), drafted, e)
    expected = expected_tokens(match_probability(TARGET, DRAFT), gamma)
    assert abs(kept.mean() + 1 - expected) <= Z * kept.std() / sqrt(rounds)


def test_a_draft_of_no_tokens_is_refused():
    with pytest.raises(ValueError, match="gamma must be at least 1"):
        decode(load_pair("toy"), noise(3, 3), 0)
