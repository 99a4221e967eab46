"""Draft lengths that change: the schedule as a Markov chain, optimal stopping, the bias of discarding."""

from fractions import Fraction as F
from itertools import product

import numpy as np
import pytest
import sympy
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from specsim.core import Draft, Plan, chain, rules
from specsim.models import Pair, iid
from specsim.theory import completed, output_law, string_law
from specsim.theory.adaptive import (
    discard_law,
    schedule_improvement,
    schedule_law,
    schedule_tokens,
    stopping_rule,
)
from specsim.theory.speedup import optimal_gamma, walltime_improvement
from specsim.theory.tokens import expected_tokens, tokens_pmf

ALPHAS = st.fractions(0, 1, max_denominator=10)
TARGET, DRAFT = [F(5, 10), F(3, 10), F(2, 10)], [F(2, 10), F(5, 10), F(3, 10)]


def next_length(gamma, kept, most):
    """The schedule of transformers, read off its source: all kept, two more; else one less, at least one."""
    return min(gamma + 2, most) if kept == gamma else max(1, gamma - 1)


@pytest.mark.theorem("schedule")
@given(ALPHAS, st.integers(1, 9))
@example(F(0), 4)
@example(F(1), 4)
@example(F(1, 2), 1)
def test_the_law_of_the_schedule_is_stationary(alpha, most):
    law = schedule_law(alpha, most)
    after = [F(0)] * most
    for gamma, share in enumerate(law, 1):
        for kept, chance in enumerate(tokens_pmf(alpha, gamma)):
            after[next_length(gamma, kept, most) - 1] += share * chance
    assert tuple(after) == law
    assert sum(law) == 1


def test_a_bound_beyond_reach_changes_nothing():
    near, far = schedule_law(0.8, 40), schedule_law(0.8, 60)
    assert near == pytest.approx(far[:40], rel=1e-13)
    assert sum(far[40:]) < 1e-30


def test_long_schedules_do_not_underflow():
    """Near alpha = 1 drafts grow until all of them are kept a third of the time: 2 alpha^g = 1 - alpha^g."""
    law = schedule_law(rejection=2e-3, max_gamma=1000)
    assert sum(law) == pytest.approx(1, rel=1e-12)
    assert sum(g * share for g, share in enumerate(law, 1)) == pytest.approx(np.log(3) * 500, rel=0.01)


@pytest.mark.theorem("schedule")
@given(ALPHAS, st.integers(1, 6), st.fractions(0, 1, max_denominator=10))
def test_tokens_and_time_of_the_schedule_are_means_over_its_law(alpha, most, c):
    law = list(enumerate(schedule_law(alpha, most), 1))
    tokens = sum(share * expected_tokens(alpha, gamma) for gamma, share in law)
    assert schedule_tokens(alpha, most) == tokens
    assert schedule_improvement(alpha, c, most) == tokens / sum(
        share * (1 + gamma * c) for gamma, share in law
    )


@given(st.floats(0, 1), st.floats(0.001, 1))
def test_no_schedule_beats_the_best_fixed_length(alpha, c):
    best = walltime_improvement(alpha, optimal_gamma(alpha, c, max_gamma=30), c)
    assert schedule_improvement(alpha, c, 30) <= best * (1 + 1e-13)


def test_the_schedule_takes_symbols_arrays_and_rejection_chances():
    alpha = sympy.Symbol("alpha")
    shares = [share.subs(alpha, sympy.Rational(1, 2)) for share in schedule_law(alpha, 3)]
    assert shares == [sympy.Rational(share) for share in schedule_law(F(1, 2), 3)]
    assert [share.subs(alpha, 1) for share in schedule_law(alpha, 3)] == [0, 0, 1]
    rows = schedule_law(np.array([0.5, 1.0]), 3)
    assert rows.tolist() == pytest.approx(np.array([schedule_law(0.5, 3), (0, 0, 1)]))
    assert schedule_law(rejection=F(1, 2), max_gamma=3) == schedule_law(F(1, 2), 3)
    assert schedule_improvement(torch.tensor([0.5]), 0.1, 3).tolist() == pytest.approx(
        [schedule_improvement(0.5, 0.1, 3)]
    )


@given(st.fractions(0, F(9, 10), max_denominator=10), st.fractions(F(1, 20), F(3, 2), max_denominator=20))
def test_for_constant_alpha_stopping_is_the_best_gamma_or_none(alpha, c):
    survival = [[alpha**k for k in range(1, 80)]]
    rate, (length,) = stopping_rule(survival, [1], c)
    assert rate == max(1, walltime_improvement(alpha, optimal_gamma(alpha, c), c))
    assert (length > 0) == (alpha >= c)


ROUNDS = st.lists(
    st.lists(st.fractions(0, 1, max_denominator=6), max_size=3).map(
        lambda row: list(np.cumprod([1, *row])[1:])
    ),
    min_size=1,
    max_size=3,
)


@pytest.mark.theorem("stop-drafting")
@given(ROUNDS, st.fractions(F(1, 10), 1, max_denominator=10))
def test_stopping_attains_the_best_rate_of_all_policies(rounds, c):
    weights = [F(1, len(rounds))] * len(rounds)

    def rate(lengths):
        tokens = sum(w * (1 + sum(row[:g])) for w, row, g in zip(weights, rounds, lengths))
        return tokens / sum(w * (1 + g * c) for w, g in zip(weights, lengths))

    best, lengths = stopping_rule(rounds, weights, c)
    assert rate(lengths) == best
    assert best == max(rate(policy) for policy in product(*(range(len(row) + 1) for row in rounds)))


def test_stopping_beats_a_fixed_length_where_rounds_differ():
    rounds = [[F(9, 10) ** k for k in range(1, 30)], [F(3, 10) ** k for k in range(1, 30)]]
    best, (easy, hard) = stopping_rule(rounds, [F(1, 2), F(1, 2)], F(1, 20))

    def fixed(gamma):
        return sum(1 + sum(row[:gamma]) for row in rounds) / 2 / (1 + gamma * F(1, 20))

    assert best > max(fixed(gamma) for gamma in range(1, 30))
    assert easy > hard


def test_bad_survivals_are_refused():
    with pytest.raises(ValueError, match="survivals must be non-increasing"):
        stopping_rule([[0.5, 0.6]], [1], 0.1)
    with pytest.raises(ValueError, match="weights must be positive, one per row"):
        stopping_rule([[0.5]], [0.5, 0.5], 0.1)
    with pytest.raises(ValueError, match="c must be finite and >= 0, got -1"):
        stopping_rule([[0.5]], [1], -1)


LAWS = (
    st.lists(st.integers(0, 5), min_size=3, max_size=3)
    .filter(any)
    .map(lambda row: [F(x, sum(row)) for x in row])
)


def stopping(doubts, short, long):
    """How a draft is verified that ends with its first token if that is in doubt, else with its second."""

    def rule(target, draft):
        stops = np.array([token in doubts for token in draft.tokens[:, 0]])
        whole, first = long(target, draft), Draft(draft.tokens[:, :1], draft.laws[:, :1], chain(1))
        part = short(target[:, :2], first)
        stop = np.where(stops[:, None], np.pad(part.stop, [(0, 0), (0, 1)]), whole.stop)
        padded = np.pad(part.residual, [(0, 0), (0, 1), (0, 0)])
        return Plan(stop, np.where(stops[:, None, None], padded, whole.residual))

    return rule


def is_exact(rule, pair):
    return completed(output_law(rule, pair, chain(2)), pair.target, 3) == string_law(pair.target, 3)


@pytest.mark.theorem("decide-then-draw")
@pytest.mark.parametrize("rule", [rules.token, rules.block, rules.match], ids=repr)
@settings(deadline=None, max_examples=25)
@given(LAWS, LAWS, st.sets(st.integers(0, 2)))
@example(TARGET, DRAFT, {0, 2})
def test_a_draft_may_stop_because_of_a_token_that_is_verified(rule, target, draft, doubts):
    assert is_exact(stopping(doubts, rule, rule), Pair(iid(target), iid(draft)))


@pytest.mark.theorem("lengths-must-agree")
def test_rules_that_are_exact_at_each_length_may_be_biased_together():
    pair = Pair(iid(TARGET), iid(DRAFT))
    assert not is_exact(stopping({1}, rules.match, rules.token), pair)
    assert is_exact(stopping({1}, rules.match, rules.match), pair)
    assert is_exact(stopping({1}, rules.token, rules.block), pair)  # both keep the first one as often


def enumerated_discard_law(target, draft, discard):
    """The twin: the decoder that drops a drawn token by its value, outcome by outcome."""
    law = [F(0)] * len(target)
    spare = [max(t - d, 0) for t, d in zip(target, draft)]
    for token, chance in enumerate(draft):
        if not chance:
            continue
        kept = F(0) if token in discard else min(F(1), target[token] / chance)
        other = target if token in discard or not sum(spare) else [x / sum(spare) for x in spare]
        law[token] += chance * kept
        law = [x + chance * (1 - kept) * y for x, y in zip(law, other)]
    return law


@pytest.mark.theorem("discard-is-biased")
@given(LAWS, LAWS, st.sets(st.integers(0, 2)))
@example(TARGET, DRAFT, {0, 2})
def test_the_law_after_discarding_is_that_of_the_decoder(target, draft, discard):
    law = discard_law(target, draft, discard).tolist()
    assert law == enumerated_discard_law(target, draft, discard)
    if not discard or len(discard) == 3:
        assert law == target


@pytest.mark.theorem("discard-is-biased")
def test_discarding_drawn_tokens_is_biased():
    assert discard_law([F(1, 2)] * 2, [F(1, 2)] * 2, {1}).tolist() == [F(3, 4), F(1, 4)]
    law = discard_law(TARGET, DRAFT, {0, 2}).tolist()
    assert law == [F(45, 100), F(45, 100), F(10, 100)]
    assert sum(abs(x - t) for x, t in zip(law, TARGET)) / 2 == F(15, 100)


@pytest.mark.parametrize("array", [np.array, torch.tensor])
def test_discarding_works_on_rows_of_floats(array):
    target, draft = array([[0.5, 0.3, 0.2]] * 2), array([[0.2, 0.5, 0.3], [0.5, 0.3, 0.2]])
    law = discard_law(target, draft, {0, 2})
    assert type(law) is type(target)
    assert np.allclose(law, [[0.45, 0.45, 0.1], [0.35, 0.51, 0.14]], atol=1e-6)


def test_discarding_refuses_what_are_no_laws():
    with pytest.raises(ValueError, match=r"sums to 1\.1"):
        discard_law([0.5, 0.6], [0.5, 0.5], {1})
    with pytest.raises(ValueError, match=r"discard must be tokens in 0\.\.1"):
        discard_law([0.5, 0.5], [0.5, 0.5], {2})
    with pytest.raises(ValueError, match="same V"):
        discard_law([0.5, 0.5], [1.0], {1})
