"""Batch drafts: Theorem 3 of Yin et al. 2024 against enumeration and simulation."""

import math
from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from specsim.core import chains, tree
from specsim.models import Pair, iid, markov
from specsim.testing import law_pairs, pairs
from specsim.theory.batch_drafts import (
    batch_rejections,
    leftover,
    oracle_calls,
    rejection_chances,
    rejection_rate_limit,
)
from specsim.theory.overlap import residual, total_variation
from specsim.theory.rejections import expected_rejections
from specsim.theory.rule_cost import rule_cost
from specsim.theory.yin_figures import random_chains

USUAL = [F(1, 2), F(3, 10), F(1, 5)], [F(1, 5), F(1, 2), F(3, 10)]


@given(pair=pairs(tokens=3), horizon=st.integers(1, 4))
def test_one_draft_rejects_as_token_wise_verification_does(pair, horizon):
    assert batch_rejections(pair, horizon, drafts=1) == expected_rejections(pair, horizon)


@pytest.mark.theorem("batch-rejections")
@settings(max_examples=10)
@given(pair=pairs(tokens=2), size=st.sampled_from([(1, 3), (2, 2), (3, 1), (2, 3)]))
def test_the_recursion_counts_the_rejections_of_the_rule_batch(pair, size):
    horizon, drafts = size
    cost = rule_cost("batch", pair, horizon, shape=lambda n: chains(drafts, n))
    assert cost.rejections == batch_rejections(pair, horizon, drafts=drafts)
    assert cost.calls == oracle_calls(pair, horizon, drafts=drafts)


def test_on_a_tree_batch_gives_away_what_token_gains_below_the_root():
    pair = Pair(*map(iid, USUAL))
    costs = [
        rule_cost(rule, pair, 2, shape=lambda n: tree(*[2] * n)).rejections for rule in ("batch", "token")
    ]
    assert costs[0] == batch_rejections(pair, 2, drafts=2)
    assert costs[1] < costs[0]


@given(laws=law_pairs(3), drafts=st.integers(1, 5))
def test_what_is_left_is_the_product_of_the_papers_distances_times_their_residual(laws, drafts):
    target, draft = laws
    law, product = target, 1
    for _ in range(drafts):
        product, law = product * total_variation(law, draft), residual(law, draft)
    assert leftover(target, draft, drafts=drafts).tolist() == (product * law).tolist()


@given(laws=law_pairs(3))
@example(laws=USUAL)
def test_many_drafts_leave_only_what_the_draft_cannot_reach(laws):
    target, draft = laws
    limit = leftover(target, draft, drafts=math.inf).astype(float)
    assume(all(p == 0 or p > F(1, 100) for p in draft))
    assert leftover(np.array(target, float), np.array(draft, float), drafts=3000) == pytest.approx(
        limit, abs=1e-9
    )


@given(pair=pairs(tokens=3, kinds=("iid", "markov")), horizon=st.integers(1, 5))
def test_more_drafts_never_reject_more(pair, horizon):
    costs = [batch_rejections(pair, horizon, drafts=drafts) for drafts in (1, 2, 3, 7, math.inf)]
    assert costs == sorted(costs, reverse=True)


@pytest.mark.theorem("batch-many-drafts")
def test_many_drafts_do_not_end_rejections_except_in_two_cases():
    """Proposition 1 of the paper says never; it is false for one token and for equal models."""
    pair = Pair(*map(iid, USUAL))
    assert batch_rejections(pair, 2, drafts=math.inf) == F(3, 10)
    assert batch_rejections(pair, 1, drafts=math.inf) == 0
    assert batch_rejections(Pair(pair.target, pair.target), 5, drafts=math.inf) == 0
    one_token = [float(leftover(*USUAL, drafts=drafts).sum()) for drafts in (1, 2, 4, 8, 32)]
    assert one_token == pytest.approx([0.3, 0.24, 0.1536, 0.0629, 0.0003], abs=5e-5)


def test_mass_out_of_the_drafts_reach_is_rejected_however_many_drafts():
    target, draft = [F(3, 10), F(3, 10), F(2, 5)], [F(1, 2), F(1, 2), F(0)]
    assert leftover(target, draft, drafts=math.inf).sum() == F(2, 5)
    assert rejection_rate_limit(target, draft, drafts=math.inf) == F(2, 5)
    assert float(leftover(target, draft, drafts=50).sum()) == pytest.approx(0.4, abs=1e-9)


def rejections_drawn(pair, horizon, drafts, runs, rng):
    """Draw runs of Algorithm 4 token by token; returns which tokens were rejected, (runs, horizon)."""
    text = np.zeros((runs, 0), dtype=int)
    root, found = np.ones(runs, dtype=bool), []
    for _ in range(horizon):
        owed, draft = pair.target(text).copy(), pair.draft(text)
        token, open_runs = np.full(runs, -1), np.ones(runs, dtype=bool)
        for attempt in range(drafts):
            trying = open_runs & (root | (attempt == 0))
            drawn = (rng.random((runs, 1)) > draft.cumsum(1)[:, :-1]).sum(axis=1)
            share = np.take_along_axis(owed / draft, drawn[:, None], axis=1)[:, 0]
            kept = trying & (rng.random(runs) < share)
            token[kept] = drawn[kept]
            open_runs &= ~kept
            lost = trying & ~kept
            owed[lost] = np.maximum(owed[lost] - draft[lost], 0)
            owed[lost] /= owed[lost].sum(axis=1, keepdims=True)
        replaced = (rng.random((runs, 1)) > owed.cumsum(1)[:, :-1]).sum(axis=1)
        token[open_runs] = replaced[open_runs]
        found.append(open_runs)
        root, text = open_runs, np.column_stack([text, token])
    return np.column_stack(found)


def test_a_simulation_of_algorithm_4_meets_theorem_3():
    """One fixed seed; a false alarm has chance 1e-6 (4.9 standard errors) for each of the two counts."""
    pair, runs = random_chains(30)[0], 4000
    for drafts in (1, 4):
        counts = rejections_drawn(pair, 30, drafts, runs, np.random.default_rng(1)).sum(axis=1)
        expected = batch_rejections(pair, 30, drafts=drafts)
        assert abs(counts.mean() - expected) < 4.9 * counts.std() / math.sqrt(runs)


def test_arrays_of_laws_are_answered_row_by_row():
    target, draft = np.random.default_rng(0).dirichlet(np.ones(4), size=(2, 3))
    rates = rejection_rate_limit(target, draft, drafts=3)
    assert rates.tolist() == [rejection_rate_limit(a, b, drafts=3) for a, b in zip(target, draft)]


def test_a_stationary_chain_settles():
    target, draft = ([[F(1, 2), F(1, 2)], [F(1, 4), F(3, 4)]], [[F(3, 4), F(1, 4)], [F(1, 2), F(1, 2)]])
    pair = Pair(markov(target[0], target), markov(draft[0], draft))
    chances = rejection_chances(pair, 25, drafts=3)
    assert abs(chances[-1] - chances[-2]) < F(1, 10**9)


@pytest.mark.parametrize("drafts", [0, -1, 1.5, math.nan, "two"])
def test_drafts_are_counted(drafts):
    for ask in (
        lambda: batch_rejections(Pair(*map(iid, USUAL)), 2, drafts=drafts),
        lambda: rejection_rate_limit(*USUAL, drafts=drafts),
        lambda: leftover(*USUAL, drafts=drafts),
    ):
        with pytest.raises(ValueError, match="drafts must be an integer >= 1"):
            ask()
