"""What is called a standard error is one: intervals cover the exact number as often as they say."""

import math

import numpy as np
import pytest

from specsim import theory
from specsim.core import chain
from specsim.models import load_pair
from specsim.simulate import chi_square_p_value, run, sequences
from specsim.simulate.estimates import Estimate, mean_of, mean_of_counts, ratio_of, share

RUNS = 200
LOW, HIGH = 103, 167  # of 200 intervals that cover with chance 0.68: outside with chance 1e-6


def covered(estimates, exact):
    """How many 68 % intervals hold the exact number."""
    return sum(low <= exact <= high for low, high in (one.interval(0.68) for one in estimates))


@pytest.mark.parametrize("rule", ["token", "block"])
def test_intervals_of_rounds_cover_the_exact_mean(rule):
    pair, rng = load_pair("toy"), np.random.default_rng(31)
    found = [run(rule, pair, chain(3), rounds=200, rng=rng).tokens_per_round for _ in range(RUNS)]
    assert LOW <= covered(found, theory.tokens_per_round(rule, pair, chain(3))) <= HIGH


def test_intervals_of_correlated_rounds_cover_the_long_run():
    pair, asked = load_pair("regimes"), {"length": 400, "warm_up": 300, "last_draft": "beyond"}
    result = sequences("token", pair, chain(3), sequences=60 * RUNS, rng=32, context=[0], **asked)
    parts = zip(np.split(result.emitted, RUNS), np.split(result.rounds, RUNS))
    exact = theory.long_run_tokens_per_round("token", pair, chain(3))
    assert LOW <= covered([ratio_of(*part) for part in parts], exact) <= HIGH


def test_estimates_equal_the_textbook_formulas():
    values = np.array([1.0, 2.0, 2.0, 5.0])
    by_hand = Estimate(2.5, math.sqrt(3.0 / 4))
    assert mean_of(values) == mean_of_counts(np.array([0, 1, 2, 0, 0, 1])) == by_hand
    assert ratio_of(values, np.ones(4)) == by_hand
    assert share(3, 4).mean == 0.75


def test_what_was_not_measured_is_not_a_number():
    assert math.isnan(share(0, 0).mean)
    assert math.isnan(mean_of(np.array([2])).standard_error)
    assert math.isnan(ratio_of(np.array([4]), np.array([2])).standard_error)
    assert math.isnan(ratio_of(np.array([4, 4]), np.array([0, 0])).mean)


def test_without_spread_only_the_exact_number_agrees():
    certain = Estimate(2.0, 0.0)
    assert (certain.z(2), certain.z(1), certain.z(3)) == (0, math.inf, -math.inf)
    assert certain.agrees(2)
    assert not certain.agrees(3)


def test_chi_square_refuses_outcomes_that_cannot_happen():
    assert chi_square_p_value({"a": 5, "b": 1}, {"a": 1.0}) == 0
    assert chi_square_p_value({"a": 5}, {"a": 1.0}) == 1
    assert chi_square_p_value({"a": 1000}, {"a": 0.5, "b": 0.5}) < 1e-200
