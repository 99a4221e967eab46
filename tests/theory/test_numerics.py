"""Floats against mpmath: every scalar function within 1e-13 over its whole domain, gamma up to a million.

mpmath evaluates the textbook formula at the very float that was passed, with more digits than its
cancellations can eat. Values that underflow are compared absolutely.
"""

import math

import mpmath
import numpy as np
import pytest
import torch

from specsim.theory.adaptive import schedule_improvement, schedule_tokens
from specsim.theory.batching import expected_rounds, lockstep_tokens
from specsim.theory.inverse import alpha_from_tokens
from specsim.theory.speedup import (
    break_even_alpha,
    operations_factor,
    optimal_gamma,
    oracle_improvement,
    walltime_improvement,
)
from specsim.theory.tokens import (
    acceptance_ratio,
    accepted_per_round,
    expected_tokens,
    oracle_tokens,
    tokens_pmf,
    tokens_variance,
)

RANDOM = np.random.default_rng(11)
ALPHAS = [
    0.0,
    5e-324,
    1e-300,
    1e-20,
    0.01,
    0.3,
    0.5 - 2**-54,
    0.5,
    0.8,
    0.99,
    1 - 1e-5,
    1 - 1e-10,
    1 - 2**-53,
    1.0,
]
ALPHAS += RANDOM.random(6).tolist()
REJECTIONS = [
    0.0,
    1e-300,
    1e-160,
    1e-100,
    1e-30,
    1e-17,
    1e-12,
    1e-7,
    1e-6,
    1e-5,
    1e-3,
    0.1,
    0.6,
    1 - 2**-53,
    1.0,
]
REJECTIONS += (10 ** RANDOM.uniform(-8, 0, 6)).tolist()
CHANCES = [{"alpha": value} for value in ALPHAS] + [{"rejection": value} for value in REJECTIONS]
GAMMAS = [1, 2, 3, 10, 100, 3333, 10**6]
C = 0.07


@pytest.fixture(autouse=True)
def many_digits():
    with mpmath.workdps(1000):
        yield


def exact_alpha(alpha=None, rejection=None):
    return mpmath.mpf(alpha) if rejection is None else 1 - mpmath.mpf(rejection)


def mean(alpha, gamma):
    return (1 - alpha ** (gamma + 1)) / (1 - alpha) if alpha != 1 else mpmath.mpf(gamma + 1)


def variance(alpha, gamma):
    m, miss = 2 * gamma + 1, 1 - alpha
    return (alpha * (1 - alpha**m) - m * miss * alpha ** (gamma + 1)) / miss**2 if miss else mpmath.mpf(0)


def agree(value, exact, rel=1e-13):
    return abs(value - exact) <= rel * abs(exact) or max(abs(value), abs(exact)) < 1e-290


TEXTBOOK = {
    expected_tokens: mean,
    accepted_per_round: lambda alpha, gamma: alpha * mean(alpha, gamma - 1),
    acceptance_ratio: lambda alpha, gamma: alpha * mean(alpha, gamma - 1) / gamma,
    tokens_variance: variance,
}


@pytest.mark.parametrize("function", TEXTBOOK, ids=lambda f: f.__name__)
@pytest.mark.parametrize("gamma", GAMMAS)
def test_moments(function, gamma):
    for chance in CHANCES:
        exact = TEXTBOOK[function](exact_alpha(**chance), gamma)
        assert agree(function(gamma=gamma, **chance), exact), chance


@pytest.mark.parametrize("array", [np.array, torch.tensor], ids=["numpy", "torch"])
@pytest.mark.parametrize("function", TEXTBOOK, ids=lambda f: f.__name__)
def test_arrays_are_as_good_as_floats(function, array):
    for gamma in (1, 100, 10**6):
        found = function(gamma=gamma, alpha=array(ALPHAS, **_double(array)))
        assert np.allclose(found, [function(alpha, gamma) for alpha in ALPHAS], rtol=1e-13, atol=1e-300)
        found = function(gamma=gamma, rejection=array(REJECTIONS, **_double(array)))
        expected = [function(gamma=gamma, rejection=rejection) for rejection in REJECTIONS]
        assert np.allclose(found, expected, rtol=1e-13, atol=1e-300)


def _double(array):
    return {"dtype": torch.float64} if array is torch.tensor else {}


@pytest.mark.parametrize("gamma", [1, 2, 100, 3333])
def test_the_whole_pmf(gamma):
    for chance in CHANCES[::2]:
        alpha, pmf = exact_alpha(**chance), tokens_pmf(gamma=gamma, **chance)
        for k in {1, gamma // 2 + 1, gamma}:
            assert agree(pmf[k - 1], alpha ** (k - 1) * (1 - alpha)), chance
        assert agree(pmf[gamma], alpha**gamma), chance


@pytest.mark.parametrize("gamma", GAMMAS)
def test_speeds_and_operations(gamma):
    for chance in CHANCES:
        alpha, c = exact_alpha(**chance), mpmath.mpf(C)
        tokens = mean(alpha, gamma)
        assert agree(walltime_improvement(gamma=gamma, c=C, **chance), tokens / (gamma * c + 1))
        dear = walltime_improvement(gamma=gamma, c=C, verify_cost=1.5, overhead=0.25, **chance)
        assert agree(dear, tokens / (gamma * c + 1.75))
        assert agree(operations_factor(gamma=gamma, c_hat=C, **chance), (gamma * c + gamma + 1) / tokens)
        assert agree(lockstep_tokens(gamma=gamma, batch=16, **chance), mean(alpha**16, gamma))


def test_oracles():
    for chance in CHANCES:
        alpha = exact_alpha(**chance)
        assert agree(oracle_improvement(c=C, **chance), 1 / (1 - alpha + alpha * mpmath.mpf(C)))
        if alpha == 1:
            assert oracle_tokens(**chance) == oracle_improvement(c=0.0, **chance) == math.inf
        else:
            assert agree(oracle_tokens(**chance), 1 / (1 - alpha))


@pytest.mark.parametrize("gamma", GAMMAS)
def test_inverses_bracket_the_root(gamma):
    for ratio in [0.0, 1e-300, 1e-5, 0.5, 0.999, 1 - 1e-12, 1 - 2**-53, 1.0]:
        root = mpmath.mpf(break_even_alpha(gamma, ratio))
        low, high = root * (1 - mpmath.mpf(1e-15)), min(1, root * (1 + mpmath.mpf(1e-15)))
        assert low * mean(low, gamma - 1) <= gamma * mpmath.mpf(ratio) <= high * mean(high, gamma - 1)
    for alpha in (0.0, 0.3, 0.999, 1.0):
        tokens = expected_tokens(alpha, gamma)
        assert alpha_from_tokens(tokens, gamma) == pytest.approx(alpha, rel=1e-13)


def test_the_best_gamma_beats_its_neighbours():
    for chance in CHANCES:
        alpha = exact_alpha(**chance)
        for c in (1e-20, 1e-6, 0.01, 0.5, 0.999, 1.0, 3.0):
            gamma = optimal_gamma(c=c, **chance)
            if gamma == math.inf:
                assert alpha == 1
            elif gamma < 1e15:
                at = {g: mean(alpha, g) / (1 + g * mpmath.mpf(c)) for g in range(gamma - 1, gamma + 2) if g}
                assert at[gamma] == max(at.values()), (chance, c)


def test_the_best_gamma_beyond_what_a_float_counts():
    """alpha^g (1 - c) > c * sum over k < g of (alpha^k - alpha^g) up to g^2 = 2 (1 - c) / (c (1 - alpha))."""
    gamma = optimal_gamma(c=0.5, rejection=1e-300)
    assert gamma == pytest.approx(math.sqrt(2) * 1e150, rel=1e-14)


def schedule(alpha, c, most):
    """Tokens per round and speed, from the cut equations solved upwards."""
    law = [mpmath.mpf(0), mpmath.mpf(1)]
    for g in range(1, most):
        up = law[g] * alpha**g + law[g - 1] * alpha ** (g - 1)
        law.append(up / (1 - alpha ** (g + 1)))
    tokens = sum(share * mean(alpha, g) for g, share in enumerate(law)) / sum(law)
    return tokens, tokens / (1 + c * sum(g * share for g, share in enumerate(law)) / sum(law))


def test_the_schedule():
    for chance in CHANCES:
        alpha = exact_alpha(**chance)
        if alpha != 1:
            tokens, speed = schedule(alpha, mpmath.mpf(C), 40)
            assert agree(schedule_tokens(max_gamma=40, **chance), tokens), chance
            assert agree(schedule_improvement(c=C, max_gamma=40, **chance), speed), chance


def rounds(alpha, gamma, length, batch):
    """Sum over n of 1 - P(R <= n)^batch, the law of the tokens carried along in mpmath."""
    steps = [alpha**k * (1 - alpha) for k in range(gamma)] + [alpha**gamma]
    made, total = {0: mpmath.mpf(1)}, mpmath.mpf(0)
    while made:
        total += 1 - (1 - sum(made.values())) ** batch
        after = {}
        for tokens, chance in made.items():
            for step, share in enumerate(steps, 1):
                if tokens + step < length:
                    after[tokens + step] = after.get(tokens + step, 0) + chance * share
        made = after
    return total


def test_rounds_of_batches():
    for chance in CHANCES[::3]:
        for batch in (1, 1000):
            exact = rounds(exact_alpha(**chance), 5, 12, batch)
            assert agree(expected_rounds(gamma=5, length=12, batch=batch, **chance), exact), chance
