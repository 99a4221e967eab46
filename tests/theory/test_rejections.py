"""Rejections over a text: Theorem 1 of Yin et al. 2024 against enumeration, on every kind of pair."""

import itertools
from fractions import Fraction as F
from types import SimpleNamespace

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from specsim.models import Pair, iid, markov, ngram, table
from specsim.testing import pairs
from specsim.theory.batch_drafts import batch_rejections, oracle_calls, rejection_chances
from specsim.theory.overlap import total_variation
from specsim.theory.positions import positions
from specsim.theory.rejections import expected_rejections
from specsim.theory.rule_cost import rule_cost

FAIR, TILTED = iid([F(1, 2), F(1, 2)]), iid([F(3, 4), F(1, 4)])
BIGRAM = Pair(
    ngram.train([[0, 1, 2, 0, 1, 1, 2, 2, 0]], vocab_size=3, order=3),
    ngram.train([[0, 1, 2, 0, 2, 1]], vocab_size=3, order=2),
)


def by_strings(pair, horizon):
    """Sum over all strings of the target's chance of the string times TV after it; the dumbest way."""
    vocabulary, expected = len(pair.target(np.zeros((1, 0), int))[0]), 0
    for length in range(horizon):
        for text in itertools.product(range(vocabulary), repeat=length):
            context = np.array([text], dtype=int).reshape(1, -1)
            chance = 1
            for n in range(length):
                chance = chance * pair.target(context[:, :n])[0][text[n]]
            if chance:
                expected = expected + chance * total_variation(
                    pair.target(context)[0], pair.draft(context)[0]
                )
    return expected


@pytest.mark.theorem("rejections")
@given(pair=pairs(tokens=2), horizon=st.integers(1, 4))
def test_expected_rejections_are_the_sum_over_all_strings(pair, horizon):
    assert expected_rejections(pair, horizon) == by_strings(pair, horizon)


@pytest.mark.theorem("rejections")
@settings(max_examples=15)
@given(pair=pairs(tokens=2), horizon=st.integers(1, 3))
def test_expected_rejections_are_those_of_the_rule_token(pair, horizon):
    assert expected_rejections(pair, horizon) == rule_cost("token", pair, horizon).rejections


@pytest.mark.parametrize("horizon", [1, 2, 3, 5])
def test_models_of_different_order_share_their_states(horizon):
    assert expected_rejections(BIGRAM, horizon) == pytest.approx(by_strings(BIGRAM, horizon), abs=1e-13)


def test_matrices_per_position_are_used_in_their_order():
    rng = np.random.default_rng(0)
    models = [markov(rng.dirichlet(np.ones(3)), rng.dirichlet(np.ones(3), size=(4, 3))) for _ in range(2)]
    pair = Pair(*models)
    assert expected_rejections(pair, 5) == pytest.approx(by_strings(pair, 5), abs=1e-13)


@given(pair=pairs(tokens=3, kinds=("iid", "markov")), horizon=st.integers(1, 4))
def test_merging_strings_into_states_changes_nothing(pair, horizon):
    plain = SimpleNamespace(
        target=lambda tokens: pair.target(tokens), draft=lambda tokens: pair.draft(tokens)
    )
    assert expected_rejections(plain, horizon) == expected_rejections(pair, horizon)


def test_contexts_that_the_target_cannot_write_are_not_asked_for():
    target = table({(): [F(1), F(0)], (0,): [F(1, 2), F(1, 2)]})
    assert expected_rejections(Pair(target, FAIR), 2) == F(1, 2)


def test_plain_functions_on_symbols_give_an_expression():
    u, v = sympy.symbols("u v", positive=True)
    pair = SimpleNamespace(
        target=lambda tokens: np.array([[u, 1 - u]] * len(tokens)),
        draft=lambda tokens: np.array([[v, 1 - v]] * len(tokens)),
    )
    found = expected_rejections(pair, 2)
    assert found.subs({u: F(3, 4), v: F(1, 3)}) == found.subs({u: F(1, 3), v: F(3, 4)}) == 2 * F(5, 12)


@given(pair=pairs(tokens=2), horizon=st.integers(1, 4))
def test_a_pair_of_equal_models_rejects_nothing_and_calls_once(pair, horizon):
    equal = Pair(pair.target, pair.target)
    assert expected_rejections(equal, horizon) == 0
    assert oracle_calls(equal, horizon) == 1


@pytest.mark.theorem("oracle-calls")
@settings(max_examples=15)
@given(pair=pairs(tokens=2), horizon=st.integers(1, 3))
def test_calls_are_one_more_than_the_rejections_before_the_last_token(pair, horizon):
    before = expected_rejections(pair, horizon - 1) if horizon > 1 else 0
    assert oracle_calls(pair, horizon) == 1 + before == rule_cost("token", pair, horizon).calls


@pytest.mark.theorem("rejections-bound")
@settings(max_examples=15)
@given(pair=pairs(tokens=2))
def test_block_verification_never_rejects_more_than_the_token_wise_bound(pair):
    assert rule_cost("block", pair, 2).rejections <= expected_rejections(pair, 2)


def test_a_longer_text_only_adds_its_last_position():
    assert rejection_chances(BIGRAM, 4)[:3].tolist() == rejection_chances(BIGRAM, 3).tolist()


def test_a_homogeneous_pair_has_one_position_from_its_order_on():
    found = list(positions(BIGRAM, 6))
    assert [place.target.shape[0] for place in found] == [1, 3, 9, 9, 9, 9]
    assert found[2] is found[5]


@pytest.mark.parametrize(
    "ask", [expected_rejections, oracle_calls, lambda *args: batch_rejections(*args, drafts=2)]
)
def test_what_cannot_be_computed_is_refused(ask):
    short = markov([F(1, 2)] * 2, [[[F(1, 2)] * 2] * 2])
    wrong = SimpleNamespace(target=lambda tokens: np.array([[0.5, 0.6]] * len(tokens)), draft=FAIR)
    wide = iid(np.full(40, 1 / 40))
    with pytest.raises(ValueError, match="horizon must be an integer >= 1, got 0"):
        ask(Pair(FAIR, TILTED), 0)
    with pytest.raises(ValueError, match=r"got 2\.5"):
        ask(Pair(FAIR, TILTED), 2.5)
    with pytest.raises(ValueError, match="up to 2 tokens"):
        ask(Pair(FAIR, short), 3)
    with pytest.raises(ValueError, match=r"target law at 0 sums to 1\.1"):
        ask(wrong, 2)
    with pytest.raises(ValueError, match="shorten the horizon"):
        ask(SimpleNamespace(target=lambda tokens: wide(tokens), draft=wide), 9)
    with pytest.raises(ValueError, match="over the same V"):
        ask(SimpleNamespace(target=FAIR, draft=wide), 1)
