"""Batches, stacked drafts and hardware: exact values against enumeration of what the decoder does."""

import math
from fractions import Fraction as F
from itertools import product

import numpy as np
import pytest
import sympy
import torch
from hypothesis import example, given
from hypothesis import strategies as st

from specsim.theory.batching import expected_rounds, lockstep_tokens
from specsim.theory.hierarchy import hierarchical_improvement, substituted_improvement
from specsim.theory.roofline import Device, ModelSize, pass_costs, pass_time, ridge
from specsim.theory.speedup import optimal_gamma, walltime_improvement
from specsim.theory.tokens import expected_tokens, tokens_pmf

ALPHAS = st.fractions(0, 1, max_denominator=8)


@pytest.mark.theorem("lockstep")
@given(ALPHAS, st.integers(1, 4), st.integers(1, 4))
@example(F(1), 3, 2)
@example(F(0), 3, 2)
def test_lockstep_is_the_mean_of_the_minimum_over_the_batch(alpha, gamma, batch):
    pmf = tokens_pmf(alpha, gamma)
    minimum = sum(
        min(tokens) * math.prod(pmf[n - 1] for n in tokens)
        for tokens in product(range(1, gamma + 2), repeat=batch)
    )
    assert lockstep_tokens(alpha, gamma, batch) == minimum
    assert minimum == expected_tokens(alpha**batch, gamma)


def rounds_law(alpha, gamma, length):
    """The twin: P(R = n) by following every sequence of rounds until it has its tokens."""
    law = {}

    def follow(tokens, rounds, chance):
        if tokens >= length:
            law[rounds] = law.get(rounds, 0) + chance
            return
        for step, share in enumerate(tokens_pmf(alpha, gamma), 1):
            follow(tokens + step, rounds + 1, chance * share)

    follow(0, 0, F(1))
    return law


@pytest.mark.theorem("ragged")
@given(ALPHAS, st.integers(1, 3), st.integers(1, 5), st.integers(1, 3))
@example(F(1), 2, 5, 3)
@example(F(0), 2, 5, 3)
def test_rounds_of_a_ragged_batch_are_those_of_its_slowest_request(alpha, gamma, length, batch):
    law = rounds_law(alpha, gamma, length)
    slowest = sum(max(n) * math.prod(law[k] for k in n) for n in product(law, repeat=batch))
    assert expected_rounds(alpha, gamma, length, batch) == slowest


def test_rounds_of_one_request_are_the_visits_below_its_length():
    """Renewal theory's route: E[R] is the sum over x < length of the chance that the total meets x."""
    pmf, visit = tokens_pmf(0.8, 5), [1.0]
    for x in range(1, 200):
        visit.append(sum(pmf[k - 1] * visit[x - k] for k in range(1, min(6, x) + 1)))
    assert expected_rounds(0.8, 5, 200) == pytest.approx(sum(visit), rel=1e-13)


def test_batches_of_every_kind_of_number():
    alpha = sympy.Symbol("alpha")
    assert sympy.expand(expected_rounds(alpha, 1, 3, 2)) == -(alpha**4) + 4 * alpha**3 - 4 * alpha**2 + 3
    assert lockstep_tokens(alpha, 1, 2).subs(alpha, 1) == 2
    assert expected_rounds(1, 5, 13) == 3
    assert type(expected_rounds(0.5, 2, 3)) is float
    alphas = [0.5, 0.8]
    rounds = expected_rounds(np.array(alphas), 5, 20, 4)
    assert rounds.tolist() == [expected_rounds(a, 5, 20, 4) for a in alphas]
    assert expected_rounds(rejection=np.array([0.5]), gamma=5, length=20)[0] == pytest.approx(
        expected_rounds(0.5, 5, 20)
    )
    assert lockstep_tokens(torch.tensor([0.5]), 2, 3).tolist() == [lockstep_tokens(0.5, 2, 3)]


def test_batches_refuse_bad_sizes():
    with pytest.raises(ValueError, match="batch must be an integer >= 1, got 0"):
        lockstep_tokens(0.5, 3, 0)
    with pytest.raises(ValueError, match="length must be an integer >= 1, got None"):
        expected_rounds(0.5, 3)


@given(ALPHAS, st.integers(1, 5), st.fractions(0, 1, max_denominator=9))
def test_a_stack_of_one_draft_is_plain_speculation(alpha, gamma, c):
    plain = walltime_improvement(alpha, gamma, c)
    assert hierarchical_improvement([alpha], [gamma], [c]) == plain
    assert substituted_improvement([alpha], [gamma], [c]) == plain


def followed_improvement(alphas, gammas, costs):
    """The twin for two levels: every way in which the middle model collects its tokens."""

    def collect(held, time, chance):
        if held >= gammas[1]:
            return np.array([chance * expected_tokens(alphas[1], held), chance * (time + 1)])
        inner = gammas[0] * costs[0] + costs[1]
        steps = enumerate(tokens_pmf(alphas[0], gammas[0]), 1)
        return sum(collect(held + step, time + inner, chance * share) for step, share in steps)

    tokens, time = collect(0, F(0), F(1))
    return tokens / time


@pytest.mark.theorem("hierarchy")
@given(ALPHAS, ALPHAS, st.integers(1, 3), st.integers(1, 5))
@example(F(1), F(1), 2, 3)
def test_two_levels_are_what_following_every_round_gives(inner, outer, gamma, goal):
    stack = (inner, outer), (gamma, goal), (F(1, 50), F(1, 9))
    assert hierarchical_improvement(*stack) == followed_improvement(*stack)


def test_the_substitution_is_exact_where_nothing_overshoots_and_off_by_per_cents_elsewhere():
    sure = (1.0, 0.7), (3, 8), (0.01, 0.1)  # rounds of exactly 4 tokens meet 8
    assert substituted_improvement(*sure) == pytest.approx(hierarchical_improvement(*sure), rel=1e-14)
    ratios = [
        substituted_improvement((0.8, 0.8), (inner, outer), (0.01, 0.1))
        / hierarchical_improvement((0.8, 0.8), (inner, outer), (0.01, 0.1))
        for inner in (1, 2, 4)
        for outer in (4, 8, 12)
    ]
    assert (min(ratios), max(ratios)) == pytest.approx((0.9385, 1.0286), abs=5e-5)


def test_stacks_refuse_what_does_not_fit():
    with pytest.raises(ValueError, match=r"must be of one length, got \(2, 1, 1\)"):
        hierarchical_improvement((0.5, 0.5), (3,), (0.1,))
    with pytest.raises(ValueError, match="gamma must be an integer >= 1, got 0"):
        substituted_improvement((0.5,), (0,), (0.1,))
    with pytest.raises(ValueError, match="cost must be finite and >= 0, got -1"):
        hierarchical_improvement((0.5,), (3,), (-1,))


TARGET, DRAFT = ModelSize(parameters=7e9, kv_bytes=2**19), ModelSize(parameters=7e9 / 50, kv_bytes=2**15)
GPU = Device(bandwidth=2e12, flops=0.6 * 312e12)


def best(batch, context):
    c, verify_cost = pass_costs(TARGET, DRAFT, GPU, batch, context)
    gamma = optimal_gamma(0.8, c, verify_cost=verify_cost, max_gamma=64)
    return gamma, walltime_improvement(0.8, gamma, c, verify_cost=verify_cost)


@pytest.mark.theorem("verification-cost")
def test_tokens_are_free_below_the_ridge_and_linear_above():
    times = [pass_time(TARGET, GPU, batch=1, tokens=n, context=0) for n in (1, 93, 94, 188)]
    assert times[0] == times[1] == pytest.approx(0.007)
    assert times[0] < times[2] == pytest.approx(times[3] / 2)
    assert 93 < ridge(GPU) < 94


@pytest.mark.theorem("verification-cost")
def test_the_gain_falls_with_the_batch_to_a_floor_and_rises_again_with_the_context():
    gains = [best(batch, 1024)[1] for batch in (1, 8, 32, 64, 128, 256, 1024)]
    assert gains == sorted(gains, reverse=True)
    assert gains[-1] == pytest.approx(gains[-3], rel=1e-12)
    assert best(128, 32_000)[1] > 1.5 * best(128, 1024)[1]  # reading caches dominates: verifying is free


def test_the_roofline_refuses_negative_sizes():
    with pytest.raises(ValueError, match="batch must be a finite number >= 0, got -1"):
        pass_time(TARGET, GPU, batch=-1, tokens=1, context=0)
