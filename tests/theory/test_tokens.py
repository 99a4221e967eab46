"""Tokens per round under constant alpha: formulas against enumeration, in every kind of number."""

import math
from fractions import Fraction as F
from itertools import product

import array_api_strict as strict
import numpy as np
import pytest
import sympy
import torch
from hypothesis import example, given
from hypothesis import strategies as st

from specsim.theory.inverse import alpha_from_ratio, alpha_from_tokens
from specsim.theory.tokens import (
    acceptance_ratio,
    accepted_per_round,
    expected_tokens,
    oracle_tokens,
    tokens_pmf,
    tokens_variance,
)

ALPHAS = st.fractions(0, 1, max_denominator=12)
GAMMAS = st.integers(1, 8)
FUNCTIONS = [expected_tokens, accepted_per_round, acceptance_ratio, tokens_variance]
ALPHA, GAMMA = sympy.symbols("alpha gamma", positive=True)

every_function = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)


def enumerated_pmf(alpha, gamma):
    """The twin: toss a coin for each drafted token, count up to the first failure, add one."""
    pmf = [F(0)] * (gamma + 1)
    for coins in product((True, False), repeat=gamma):
        kept = (*coins, False).index(False)
        pmf[kept] += math.prod(alpha if coin else 1 - alpha for coin in coins)
    return tuple(pmf)


def moment(pmf, power):
    return sum(F(k) ** power * chance for k, chance in enumerate(pmf, 1))


@pytest.mark.theorem("tokens-pmf")
@given(ALPHAS, GAMMAS)
@example(F(0), 1)
@example(F(1), 3)
def test_the_pmf_is_that_of_coins_tossed_in_turn(alpha, gamma):
    assert tokens_pmf(alpha, gamma) == enumerated_pmf(alpha, gamma)


@pytest.mark.theorem("tokens-mean", "tokens-variance", "kept-is-one-less")
@given(ALPHAS, GAMMAS)
@example(F(0), 1)
@example(F(1), 3)
def test_mean_and_variance_are_the_moments_of_the_pmf(alpha, gamma):
    pmf = enumerated_pmf(alpha, gamma)
    mean = moment(pmf, 1)
    assert expected_tokens(alpha, gamma) == mean
    assert accepted_per_round(alpha, gamma) == mean - 1
    assert acceptance_ratio(alpha, gamma) == (mean - 1) / gamma
    assert tokens_variance(alpha, gamma) == moment(pmf, 2) - mean**2


def test_the_known_values():
    assert expected_tokens(0.8, 5) == 3.68928
    assert expected_tokens(F(4, 5), 5) == F(11529, 3125)
    assert tokens_variance(0.8, 5) == pytest.approx(3.864093, abs=5e-7)
    assert acceptance_ratio(0.8, 5) == pytest.approx(0.5379, abs=5e-5)
    assert acceptance_ratio(0.7, 4) == pytest.approx(0.4433, abs=5e-5)


@pytest.mark.theorem("mixed-requests")
def test_an_even_mixture_of_requests_yields_more_than_their_mean_alpha():
    mixture = (expected_tokens(0.5, 4) + expected_tokens(0.9, 4)) / 2
    assert mixture > expected_tokens(0.7, 4)  # convex in alpha
    mixture = (expected_tokens(0.5, 5) + expected_tokens(0.9, 5)) / 2
    assert (round(mixture, 3), round(expected_tokens(0.7, 5), 3)) == (3.327, 2.941)


@every_function
def test_one_kind_goes_in_and_the_same_comes_out(function):
    assert type(function(0.7, 3)) is float
    assert type(function(np.float64(0.7), 3)) is float
    assert type(function(1, 3)) is F
    assert type(function(F(7, 10), 3)) is F
    assert isinstance(function(sympy.Rational(7, 10), 3), sympy.Rational)
    assert isinstance(function(ALPHA, 3), sympy.Expr)
    assert isinstance(function(ALPHA, GAMMA), sympy.Expr)
    assert isinstance(function(0.7, GAMMA), sympy.Expr)


@every_function
@pytest.mark.parametrize("array", [np.array, torch.tensor])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_arrays_keep_their_library_and_dtype(function, array, dtype):
    library = np if array is np.array else torch
    alphas = array([0.0, 0.3, 0.9999, 1.0], dtype=getattr(library, dtype))
    values = function(alphas, 3)
    assert type(values) is type(alphas)
    assert values.dtype == alphas.dtype
    expected = [function(float(alpha), 3) for alpha in alphas]
    assert np.allclose(values, expected, rtol=1e-13 if dtype == "float64" else 2e-6)


@every_function
def test_the_array_standard_is_all_that_is_asked_of_arrays(function):
    values = function(strict.asarray([0.0, 0.3, 1.0]), strict.asarray([1, 2, 3]))
    expected = [function(alpha, gamma) for alpha, gamma in ((0.0, 1), (0.3, 2), (1.0, 3))]
    assert [float(value) for value in values] == pytest.approx(expected, rel=1e-13)


@every_function
def test_arrays_of_alpha_and_of_gamma_broadcast(function):
    alphas, gammas = np.array([[0.2], [0.9]]), np.array([1, 4, 7])
    expected = [[function(alpha, int(gamma)) for gamma in gammas] for alpha in alphas[:, 0].tolist()]
    assert np.allclose(function(alphas, gammas), expected, rtol=1e-13)
    assert np.allclose(function(0.9, gammas), expected[1], rtol=1e-13)


@every_function
def test_arrays_of_fractions_stay_exact(function):
    alphas = [F(0), F(1, 3), F(1)]
    assert function(np.array(alphas), 3).tolist() == [function(alpha, 3) for alpha in alphas]


def test_the_pmf_of_an_array_has_one_more_axis():
    alphas = np.array([[0.0, 0.5, 1.0]])
    assert tokens_pmf(alphas, 2).tolist() == [[[1, 0, 0], [0.5, 0.25, 0.25], [0, 0, 1]]]
    assert tokens_pmf(torch.tensor([0.5]), 1).tolist() == [[0.5, 0.5]]


def test_a_gradient_flows_through_tensors():
    alpha = torch.tensor([0.3, 0.8], dtype=torch.float64, requires_grad=True)
    expected_tokens(alpha, 3).sum().backward()
    expected = [1 + 2 * a + 3 * a**2 for a in (0.3, 0.8)]
    assert np.allclose(alpha.grad, expected, rtol=1e-12)


@every_function
@given(ALPHAS, GAMMAS)
def test_symbols_give_polynomials_that_hold_at_every_alpha(function, alpha, gamma):
    expression = function(ALPHA, gamma)
    assert expression.is_polynomial(ALPHA)
    assert expression.subs(ALPHA, sympy.Rational(alpha)) == sympy.Rational(function(alpha, gamma))


@every_function
@given(ALPHAS, GAMMAS)
@example(F(1), 2)
@example(F(0), 2)
def test_a_symbolic_gamma_may_be_filled_in_later(function, alpha, gamma):
    late = function(ALPHA, GAMMA).subs({ALPHA: sympy.Rational(alpha), GAMMA: gamma})
    assert late == sympy.Rational(function(alpha, gamma))


def test_symbols_can_be_differentiated_and_their_limit_taken():
    slope = sympy.diff(expected_tokens(ALPHA, 2), ALPHA)
    assert slope == 1 + 2 * ALPHA
    inside = sympy.Symbol("gamma", positive=True, integer=True)
    assert sympy.limit(expected_tokens(sympy.Rational(4, 5), inside), inside, sympy.oo) == 5


@every_function
@given(ALPHAS, GAMMAS)
def test_a_rejection_chance_is_one_minus_alpha(function, alpha, gamma):
    assert function(None, gamma, rejection=1 - alpha) == function(alpha, gamma)
    assert function(gamma=gamma, rejection=float(alpha)) == pytest.approx(
        function(1 - float(alpha), gamma), rel=1e-12, abs=1e-300
    )


def test_the_oracle_is_the_limit_of_long_drafts():
    assert oracle_tokens(0.8) == pytest.approx(expected_tokens(0.8, 400), rel=1e-15)
    assert oracle_tokens(F(4, 5)) == 5
    assert oracle_tokens(ALPHA) == 1 / (1 - ALPHA)
    assert oracle_tokens(1.0) == oracle_tokens(F(1)) == math.inf
    assert oracle_tokens(sympy.Integer(1)) == sympy.oo
    assert oracle_tokens(np.array([0.5, 1.0])).tolist() == [2, math.inf]


@pytest.mark.theorem("ratio-below-alpha")
@given(st.floats(0, 1), st.integers(1, 50))
def test_alpha_is_recovered_from_what_decoders_log(alpha, gamma):
    assert alpha_from_ratio(acceptance_ratio(alpha, gamma), gamma) == pytest.approx(alpha, rel=1e-14)
    assert alpha_from_tokens(expected_tokens(alpha, gamma), gamma) == pytest.approx(alpha, abs=1e-13)


def test_a_share_above_one_by_rounding_counts_as_one():
    assert alpha_from_ratio(1 + 1e-9, 3) == alpha_from_tokens(4 + 1e-9, 3) == 1
    with pytest.raises(ValueError, match="ratio must be in"):
        alpha_from_ratio(F(10**9 + 1, 10**9), 3)


def test_inverses_are_exact_where_the_root_is():
    assert alpha_from_ratio(F(1, 3), 1) == F(1, 3)
    assert [alpha_from_tokens(F(n), 4) for n in (1, 5)] == [0, 1]
    assert alpha_from_ratio(F(3, 8), 2) == 0.5
    root = alpha_from_ratio(sympy.Rational(2, 3), 2)
    assert sympy.simplify(root**2 + root - sympy.Rational(4, 3)) == 0
    assert alpha_from_ratio(ALPHA, 1) == ALPHA
    assert np.allclose(alpha_from_ratio(np.array([F(0), F(3, 8), F(1)]), 2), [0, 0.5, 1])


@pytest.mark.parametrize(
    "alpha", [-0.1, 1.1, math.nan, F(-1, 9), 2, sympy.Rational(3, 2), sympy.nan, sympy.I]
)
@every_function
def test_alpha_outside_the_unit_interval_is_refused(function, alpha):
    with pytest.raises(ValueError, match=r"alpha must be in \[0, 1\], got .*; it is"):
        function(alpha, 3)


@pytest.mark.parametrize("array", [np.array, torch.tensor])
@pytest.mark.parametrize("wrong", [-0.1, 1.5, math.nan])
def test_one_bad_alpha_of_an_array_is_enough(array, wrong):
    with pytest.raises(ValueError, match="alpha must be in"):
        expected_tokens(array([0.5, wrong]), 3)


@pytest.mark.parametrize("gamma", [0, -1, 1.5, 5.0, None, "5", math.nan, np.array([1, 0]), np.array([1.5])])
@every_function
def test_gamma_must_be_a_whole_number_from_one_on(function, gamma):
    with pytest.raises(ValueError, match=r"gamma must be an integer >= 1, got .*; pass a whole number"):
        function(0.5, gamma)


def test_symbols_known_to_be_wrong_are_refused():
    with pytest.raises(ValueError, match="gamma must be an integer"):
        expected_tokens(0.5, sympy.Symbol("gamma", negative=True))
    with pytest.raises(ValueError, match="alpha must be in"):
        expected_tokens(sympy.Symbol("alpha", negative=True), 2)


def test_other_bad_arguments_are_named():
    with pytest.raises(ValueError, match="alpha must be a float, int, Fraction, array or sympy"):
        expected_tokens("0.5", 3)
    with pytest.raises(ValueError, match="alpha must be None where rejection is given"):
        expected_tokens(0.5, 3, rejection=0.5)
    with pytest.raises(ValueError, match=r"rejection must be in \[0, 1\]"):
        expected_tokens(gamma=3, rejection=-1e-9)
    with pytest.raises(ValueError, match="gamma must be one known integer"):
        tokens_pmf(0.5, GAMMA)
    with pytest.raises(ValueError, match="ratio must be in"):
        alpha_from_ratio(1.2, 3)
    with pytest.raises(ValueError, match=r"tokens must be between 1 and gamma \+ 1"):
        alpha_from_tokens(4.5, 3)
    with pytest.raises(ValueError, match="ratio must be a number"):
        alpha_from_ratio(ALPHA, 3)
