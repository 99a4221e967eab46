"""A plan is two laws: stop sums to 1, each residual row is a law, in any precision and at every edge."""

from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from specsim.core import Draft, Plan, law
from specsim.core.arrays import at
from specsim.core.checks import check_laws
from specsim.testing import drafts

from .families import RULES, shapes_of


def is_a_plan(plan: Plan) -> bool:
    check_laws(plan.stop, "stop")
    check_laws(plan.residual, "residual")
    return True


@RULES
@given(data=st.data())
def test_plans_on_fractions_are_laws_exactly(rule, data):
    plan = rule(*data.draw(drafts(shape=shapes_of(rule, 4))))
    assert is_a_plan(plan)
    assert law(plan).sum() == 1


@RULES
@given(data=st.data())
def test_plans_on_floats_are_laws(rule, data):
    assert is_a_plan(rule(*data.draw(drafts(exact=False, shape=shapes_of(rule, 4)))))


@RULES
@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")
@given(data=st.data())
def test_plans_in_single_precision_are_laws(rule, data):
    target, draft = data.draw(drafts(exact=False, shape=shapes_of(rule, 4)))
    draft = Draft(draft.tokens, draft.laws.astype(np.float32), draft.parent)
    assume((at(draft.laws, draft.tokens) > 0).all())  # it may have been rounded to 0
    plan = rule(target.astype(np.float32), draft)
    assert plan.stop.dtype == plan.residual.dtype == np.float32
    assert is_a_plan(plan)


@RULES
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_laws_one_ulp_apart_never_yield_a_negative_chance(rule, dtype):
    rng = np.random.default_rng(3)
    target = rng.dirichlet(np.ones(5), size=(500, 3)).astype(dtype)
    laws = target[:, :2].copy()
    laws[:, 0, 0] = np.nextafter(laws[:, 0, 0], 0)
    laws[:, 1] = laws[:, 1, ::-1]
    assert is_a_plan(rule(target, Draft(rng.integers(0, 5, (500, 2)), laws, (0, 1))))


@RULES
@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")
def test_a_ratio_that_overflows_counts_as_more_than_one(rule):
    """Draft law 1e-41, target law 1; the token before was impossible: not 0 times infinity."""
    target = np.array([[0, 1], [1, 0], [1, 0]], dtype=np.float32)
    laws = np.array([[0.5, 0.5], [1e-41, 1]], dtype=np.float32)
    assert is_a_plan(rule(target, Draft(np.array([0, 0]), laws, (0, 1))))


@RULES
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_equal_laws_keep_every_drafted_token(rule, dtype):
    target = np.array([[0.4, 0.3, 0.2, 0.1]] * 3, dtype=dtype)
    plan = rule(target, Draft(np.array([0, 0]), target[:2], (0, 1)))
    assert is_a_plan(plan)
    if rule.name in ("token", "block"):
        assert plan.stop.tolist() == [0, 0, 1]


@RULES
def test_an_empty_draft_leaves_plain_sampling(xp, rule):
    target = np.array([[F(1, 2), F(1, 4), F(1, 4)]])
    tokens, laws = np.zeros((0,), dtype=int), np.zeros((0, 3))
    plan = rule(xp.array(target), Draft(xp.array(tokens), xp.array(laws), ()))
    assert plan.stop.tolist() == [1]
    assert np.asarray(plan.residual).tolist() == (
        [[1, 0, 0]] if rule.name == "greedy" else [[0.5, 0.25, 0.25]]
    )
