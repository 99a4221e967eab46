"""Statements on overlap, tokens, speed and bias that have no test elsewhere."""

import math
from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from specsim.core import chain
from specsim.models import Pair, markov
from specsim.testing import law_pairs, laws
from specsim.theory import (
    acceptance_ratio,
    bias,
    decoding_opt,
    decoding_uno,
    emitted_law,
    expected_tokens,
    long_run_tokens_per_round,
    optimal_gamma,
    oracle_improvement,
    overlap,
    rejected,
    total_variation,
    walltime_improvement,
)

HALF = [F(1, 2), F(1, 2)]
CHANCES = st.fractions(0, 1, max_denominator=12)


def at_zero(law):
    """The law at temperature 0."""
    return [F(token == law.index(max(law))) for token in range(len(law))]


@pytest.mark.theorem("temperature-not-monotone")
def test_a_lower_temperature_may_raise_the_overlap_or_end_it():
    near, far = (
        ([F(51, 100), F(49, 100)], [F(49, 100), F(51, 100)]),
        ([F(9, 10), F(1, 10)], [F(3, 5), F(2, 5)]),
    )
    assert (overlap(*near), overlap(*map(at_zero, near))) == (F(49, 50), 0)
    assert (overlap(*far), overlap(*map(at_zero, far))) == (F(7, 10), 1)


@pytest.mark.theorem("temperature-not-monotone")
@given(law_pairs(3))
def test_at_temperature_zero_the_overlap_says_whether_the_argmaxes_agree(both):
    points = [at_zero(law.tolist()) for law in both]
    assert overlap(*points) == (points[0] == points[1])


@pytest.mark.theorem("ratio-below-alpha")
@given(st.fractions(F(1, 12), F(11, 12), max_denominator=12), st.integers(1, 8))
def test_the_share_of_kept_tokens_falls_from_alpha(alpha, gamma):
    assert acceptance_ratio(alpha, 1) == alpha
    assert acceptance_ratio(alpha, gamma + 1) < acceptance_ratio(alpha, gamma)


@pytest.mark.theorem("mixed-requests")
@given(CHANCES, CHANCES, st.integers(1, 8))
def test_a_mixture_never_yields_less_than_its_mean_alpha(one, other, gamma):
    mixture = (expected_tokens(one, gamma) + expected_tokens(other, gamma)) / 2
    gap = mixture - expected_tokens((one + other) / 2, gamma)
    assert gap >= 0
    assert (gap == 0) == (gamma == 1 or one == other)


@pytest.mark.theorem("round-start-tilt")
@given(st.lists(st.fractions(F(1, 4), F(3, 4), max_denominator=8), min_size=2, max_size=2), st.integers(1, 4))
def test_one_overlap_in_all_states_makes_the_formula_exact(ones, gamma):
    target = markov(HALF, [[1 - p, p] for p in ones])
    draft = markov(HALF, [[1 - p - F(1, 5), p + F(1, 5)] for p in ones])
    assert long_run_tokens_per_round("token", Pair(target, draft), chain(gamma)) == expected_tokens(
        F(4, 5), gamma
    )


def oracle_gain(alpha, c):
    return oracle_improvement(alpha, c) / walltime_improvement(alpha, optimal_gamma(alpha, c), c)


@pytest.mark.theorem("oracle")
def test_the_oracles_gain_tends_to_e_over_e_minus_1_and_stays_below():
    most = math.e / (math.e - 1)
    assert oracle_gain(1 - (math.e - 2) * 1e-6, 1e-6) == pytest.approx(most, rel=1e-5)
    assert max(oracle_gain(a / 50, c / 100) for a in range(1, 50) for c in range(1, 2 * a)) < most


@pytest.mark.theorem("opt-and-uno")
@given(law_pairs(3), st.fractions(0, 1, max_denominator=6))
def test_opt_lies_on_the_line_and_uno_not_below(both, epsilon):
    target, draft = both
    opt, uno = (rule(target, draft, epsilon) for rule in (decoding_opt, decoding_uno))
    assert rejected(draft, opt.accept) + bias(target, draft, opt) == total_variation(target, draft)
    assert rejected(draft, uno.accept) + bias(target, draft, uno) >= total_variation(target, draft)


@pytest.mark.theorem("target-after-rejection", "opt-and-uno")
@given(law_pairs(3))
def test_to_sample_the_target_after_a_rejection_is_off_by_a_quarter_at_most(both):
    target, draft = both
    beta, found = overlap(target, draft), bias(target, draft, decoding_uno(target, draft, 0))
    assert found == sum(abs(np.minimum(target, draft) - beta * target)) / 2
    assert found <= beta * (1 - beta) <= F(1, 4)


@pytest.mark.theorem("target-after-rejection")
def test_a_quarter_is_attained():
    assert emitted_law([F(0), F(1)], decoding_uno(HALF, [F(0), F(1)], 0)).tolist() == [F(1, 4), F(3, 4)]


@pytest.mark.theorem("maximal-coupling")
@given(laws(9))
def test_no_joint_law_makes_two_tokens_equal_more_often(cells):
    together = cells.reshape(3, 3)
    assert together.trace() <= overlap(together.sum(axis=1), together.sum(axis=0))
