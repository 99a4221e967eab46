"""Rejections against bias for one token: Theorems 4 and 5 of Yin et al. 2024."""

from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.optimize import linprog

from specsim.testing import law_pairs
from specsim.theory.biased import (
    TokenRule,
    bias,
    decoding_opt,
    decoding_uno,
    decoding_uno_as_listed,
    emitted_law,
    optimal_replacement,
    over_accept,
    rejected,
)
from specsim.theory.overlap import residual, total_variation
from specsim.theory.pareto import pareto_front

CHANCES = st.lists(st.fractions(0, 1, max_denominator=6), min_size=3, max_size=3).map(np.array)
EPSILONS = st.fractions(0, 1, max_denominator=20)
RULES = [decoding_opt, decoding_uno, decoding_uno_as_listed]
OUTSIDE = np.array([F(1, 5), F(4, 5)]), np.array([F(1, 2), F(1, 2)])  # target, draft of a counterexample


def exact_acceptance(target, draft):
    return over_accept(target, draft, F(0))


@pytest.mark.theorem("best-replacement")
@given(laws=law_pairs(3), accept=CHANCES, other=law_pairs(3))
def test_no_replacement_law_is_less_biased_than_the_optimal_one(laws, accept, other):
    law, least = optimal_replacement(*laws, accept)
    assert bias(*laws, TokenRule(accept, other[0])) >= least
    if rejected(laws[1], accept):
        assert bias(*laws, TokenRule(accept, law)) == least
    else:
        assert least == total_variation(*laws)


@pytest.mark.theorem("best-replacement")
@given(laws=law_pairs(3), accept=CHANCES)
def test_the_least_bias_is_the_papers_expression(laws, accept):
    target, draft = laws
    owed = target - accept * draft
    printed = abs(owed).sum() / 2 - rejected(draft, accept) / 2
    assert optimal_replacement(target, draft, accept).bias == printed


@pytest.mark.theorem("best-replacement")
@pytest.mark.parametrize("seed", range(20))
def test_the_least_bias_is_that_of_a_linear_programme(seed):
    rng = np.random.default_rng(seed)
    target, draft = rng.dirichlet(np.ones(5) / 2, size=2)
    accept = rng.random(5)
    lost = rejected(draft, accept)
    # variables: the replacement law, then what is emitted too little, token by token
    short = np.hstack([-lost * np.eye(5), -np.eye(5)])
    found = linprog([0] * 5 + [1] * 5, short, accept * draft - target, [[1] * 5 + [0] * 5], [1])
    assert optimal_replacement(target, draft, accept).bias == pytest.approx(found.fun, abs=1e-12)


@given(laws=law_pairs(3), share=CHANCES)
def test_accepting_at_most_the_exact_share_can_be_repaired_and_nothing_else_can(laws, share):
    """So an exact token-wise rule keeps at most min(1, target / draft): the heart of Theorem 2."""
    target, draft = laws
    assert optimal_replacement(target, draft, share * exact_acceptance(target, draft)).bias == 0
    exceeds = (share * draft > target).any()
    assert (optimal_replacement(target, draft, share).bias > 0) == exceeds


@given(laws=law_pairs(3))
def test_at_the_exact_share_the_optimal_law_is_the_residual(laws):
    found = optimal_replacement(*laws, exact_acceptance(*laws))
    assert found.bias == 0
    assert found.law.tolist() == residual(*laws).tolist()


@pytest.mark.theorem("pareto-line")
@given(laws=law_pairs(3), accept=CHANCES)
@example(laws=OUTSIDE, accept=np.array([F(1, 5), F(1)]))
def test_the_line_is_met_exactly_by_those_who_accept_at_least_the_exact_share(laws, accept):
    target, draft = laws
    paid = rejected(draft, accept) + optimal_replacement(target, draft, accept).bias
    generous = (accept * draft >= np.minimum(target, draft)).all()
    assert paid >= total_variation(target, draft)
    assert (paid == total_variation(target, draft)) == generous


def test_outside_its_condition_theorem_5_fails():
    accept = np.array([F(1, 5), F(1)])
    assert rejected(OUTSIDE[1], accept) == F(2, 5)
    assert optimal_replacement(*OUTSIDE, accept).bias == 0
    assert total_variation(*OUTSIDE) == F(3, 10)


@pytest.mark.theorem("pareto-line")
@given(laws=law_pairs(3), epsilon=EPSILONS)
def test_decoding_opt_lies_on_the_line_and_the_others_not_below(laws, epsilon):
    target, draft = laws
    opt, uno, listed = (rule(target, draft, epsilon) for rule in RULES)
    lost = rejected(draft, opt.accept)
    ends = pareto_front(target, draft)
    assert lost + bias(target, draft, opt) == ends.rejected[1] == ends.bias[0]
    assert bias(target, draft, uno) >= bias(target, draft, opt)
    assert bias(target, draft, listed) >= bias(target, draft, opt)


@given(laws=law_pairs(3), epsilon=EPSILONS)
def test_what_is_emitted_is_a_law(laws, epsilon):
    assert all(emitted_law(laws[1], rule(*laws, epsilon)).sum() == 1 for rule in RULES)


def test_batches_and_tensors_are_answered_in_their_kind(xp):
    target = xp.array(np.array([[F(1, 2), F(3, 10), F(1, 5)]] * 2))
    draft = xp.array(np.array([[F(1, 5), F(1, 2), F(3, 10)]] * 2))
    law, least = optimal_replacement(target, draft, over_accept(target, draft, F(1, 10)))
    assert xp.same(law, xp.array(np.array([[F(1), F(0), F(0)]] * 2)))
    assert xp.same(least, xp.array(np.array([F(1, 5)] * 2)))
    assert xp.same(pareto_front(target, draft).bias, xp.array(np.array([[F(3, 10), F(0)]] * 2)))


def test_what_is_no_chance_is_refused():
    with pytest.raises(ValueError, match="acceptance must lie in"):
        optimal_replacement(*OUTSIDE, np.array([F(3, 2), F(0)]))
    with pytest.raises(ValueError, match="epsilon must be at least 0"):
        over_accept(*OUTSIDE, -0.1)
    with pytest.raises(ValueError, match="draft law sums to"):
        decoding_opt([0.5, 0.5], [0.5, 0.6], 0.1)
