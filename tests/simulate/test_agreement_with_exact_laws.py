"""Simulations agree with exact laws: fixed seeds; a right simulator fails each test with chance 1e-6."""

import numpy as np
import pytest

from specsim import theory
from specsim.core import chain, siblings, tree
from specsim.models import Pair, iid, load_pair
from specsim.simulate import chi_square_p_value, run, sequences

from .pairs import PAIRS

FALSE_ALARM = 1e-6


@pytest.mark.parametrize(
    "rule, shape",
    [("token", chain(3)), ("block", chain(3)), ("match", tree(2, 1)), ("token", siblings(2, how="distinct"))],
    ids=str,
)
@pytest.mark.parametrize("name", ["toy", "markov", "table"])
def test_emitted_tokens_have_the_exact_law(name, rule, shape):
    result = run(rule, PAIRS[name], shape, rounds=50_000, rng=21)
    assert chi_square_p_value(result.emitted, theory.output_law(rule, PAIRS[name], shape)) > FALSE_ALARM
    assert result.tokens_per_round.agrees(theory.tokens_per_round(rule, PAIRS[name], shape), FALSE_ALARM)


def test_each_position_is_accepted_with_the_overlap():
    result = run("token", PAIRS["toy"], chain(3), rounds=50_000, rng=22)
    assert all(position.agrees(0.7, FALSE_ALARM) for position in result.acceptance)


@pytest.mark.parametrize("last_draft", ["before", "at", "beyond"])
@pytest.mark.parametrize("rule", ["token", "block"])
def test_sequences_have_the_targets_own_law(rule, last_draft):
    result = sequences(
        rule, PAIRS["markov"], chain(2), length=4, sequences=30_000, rng=23, last_draft=last_draft, keep=True
    )
    texts, counts = np.unique(result.tokens, axis=0, return_counts=True)
    seen = {tuple(text): int(count) for text, count in zip(texts.tolist(), counts)}
    assert chi_square_p_value(seen, theory.string_law(PAIRS["markov"].target, 4)) > FALSE_ALARM


@pytest.mark.parametrize("name", ["toy", "markov", "by position"])
def test_rejections_up_to_a_horizon_are_the_total_variation_met(name):
    horizon = 6
    result = sequences("token", PAIRS[name], chain(horizon), length=horizon, sequences=20_000, rng=24)
    exact = theory.expected_rejections(PAIRS[name], horizon)
    assert result.rejections_per_sequence.agrees(float(exact), FALSE_ALARM)


@pytest.mark.parametrize("last_draft", ["before", "at"])
def test_target_calls_are_one_more_than_rejections_before_the_last_token(last_draft):
    horizon = 6
    result = sequences(
        "token",
        PAIRS["markov"],
        chain(horizon),
        length=horizon,
        sequences=20_000,
        rng=25,
        last_draft=last_draft,
    )
    exact = 1 + theory.expected_rejections(PAIRS["markov"], horizon - 1)
    assert result.rounds_per_sequence.agrees(float(exact), FALSE_ALARM)


def test_independent_rounds_need_no_warm_up():
    result = sequences(
        "token", PAIRS["toy"], chain(4), length=11, sequences=20_000, rng=26, last_draft="beyond"
    )
    assert result.tokens_per_round.agrees(theory.expected_tokens(0.7, 4), FALSE_ALARM)


@pytest.mark.parametrize("rule", ["token", "block"])
def test_after_a_warm_up_the_mean_is_that_of_the_long_run(rule):
    pair = load_pair("regimes")
    exact = theory.long_run_tokens_per_round(rule, pair, chain(3))
    asked = {"length": 600, "sequences": 2000, "rng": 27, "context": [0], "last_draft": "beyond"}
    assert sequences(rule, pair, chain(3), warm_up=500, **asked).tokens_per_round.agrees(exact, FALSE_ALARM)
    assert not sequences(rule, pair, chain(3), **asked).tokens_per_round.agrees(exact, FALSE_ALARM)


def test_equal_models_keep_everything():
    pair = Pair(iid([0.5, 0.5]), iid([0.5, 0.5]))
    result = run("token", pair, chain(3), rounds=100, rng=1)
    assert (result.mean, result.standard_error, result.z(4)) == (4, 0, 0)


def test_an_empty_draft_is_plain_sampling():
    result = run("token", PAIRS["toy"], (), rounds=20_000, rng=28)
    assert result.mean == 1
    assert chi_square_p_value(result.emitted, {(0,): 0.5, (1,): 0.3, (2,): 0.2}) > FALSE_ALARM
