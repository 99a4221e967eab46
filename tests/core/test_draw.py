"""Two uniforms select a node and a token: with exactly the chances of the law, never one of chance 0."""

from fractions import Fraction
from math import lcm

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from specsim.core import Draft, Plan, draw, law
from specsim.core.arrays import invert
from specsim.testing import drafts, laws

from .families import RULES, shapes_of

F = Fraction
BELOW_ONE = float(np.nextafter(1, 0))
ENDS = np.array([0.0, BELOW_ONE])


def denominator(x: np.ndarray) -> int:
    return lcm(*(value.denominator for value in x.flat))


def midpoints(n: int) -> list[Fraction]:
    """n uniforms, one in the middle of each n-th part of [0, 1)."""
    return [F(2 * i + 1, 2 * n) for i in range(n)]


@given(row=laws(4))
def test_equally_spaced_uniforms_select_each_token_as_often_as_its_law_says(row):
    n = denominator(row)
    found = invert(np.tile(row, (n, 1)), np.array(midpoints(n)))
    assert np.bincount(found, minlength=4).tolist() == (row * n).tolist()


@RULES
def test_draws_over_all_uniforms_are_the_law(rule):
    target = np.array([[F(1, 4), F(3, 4)], [F(1, 2), F(1, 2)], [F(1), F(0)]])
    draft = np.array([[F(1, 2), F(1, 2)], [F(3, 4), F(1, 4)]])
    plan = rule(target, Draft(np.array([0, 0]), draft, (0, 1)))
    n, m = denominator(plan.stop), denominator(plan.residual)
    uniforms = np.array([[u, v] for u in midpoints(n) for v in midpoints(m)])
    rows = Plan(np.tile(plan.stop, (n * m, 1)), np.tile(plan.residual, (n * m, 1, 1)))
    counts = np.zeros((3, 2), dtype=int)
    np.add.at(counts, draw(rows, uniforms), 1)
    assert (counts == law(plan) * n * m).all()


@given(row=laws(4, exact=False))
@example(row=np.array([0.0, 0.5, 0.0, 0.5 - 1e-10]))  # short of 1
@example(row=np.array([0.0, 0.1, 0.1, 0.1]))  # far from 1: only proportions count
@example(row=np.array([0.0, 1e-300, 0.0, 0.0]))
@example(row=np.array([0.0, 5e-324, 0.0, 0.0]))  # u times the total rounds up to the total
def test_a_token_of_weight_zero_is_never_selected(xp, row):
    weights = np.tile(row, (2, 1)) if not xp.exact else np.tile([F(x) for x in row.tolist()], (2, 1))
    found = invert(xp.array(weights), xp.array(ENDS)).tolist()
    possible = np.flatnonzero(row > 0)
    assert found == [possible[0], found[1]]
    assert found[1] in possible


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_last_positive_token_is_selected_just_below_one(dtype):
    import torch

    weights = np.array([[0.25, 0.5, 0.25, 0.0]], dtype=dtype)
    uniforms = np.array([BELOW_ONE])
    assert invert(weights, uniforms).tolist() == [2]
    assert invert(torch.from_numpy(weights), torch.from_numpy(uniforms)).tolist() == [2]
    below = np.nextafter(np.float32(1), np.float32(0), dtype=np.float32)
    assert invert(weights, np.array([below])).tolist() == [2]
    assert invert(torch.from_numpy(weights), torch.tensor([below])).tolist() == [2]


def test_sums_over_a_large_vocabulary_are_taken_in_double_precision():
    """In float32 the running sum of 200,000 equal weights stalls, and the last tokens get too much."""
    n = 200_000
    weights = np.full((5, n), 1 / n, dtype=np.float32)
    uniforms = np.array([0.1, 0.3, 0.5, 0.7, 0.9])
    assert abs(invert(weights, uniforms) - uniforms * n).max() <= 1


@RULES
@given(data=st.data(), u=st.sampled_from(ENDS), v=st.sampled_from(ENDS))
def test_what_is_drawn_is_possible(rule, data, u, v):
    plan = rule(*data.draw(drafts(exact=False, shape=shapes_of(rule))))
    node, token = draw(plan, np.array([u, v]))
    assert law(plan)[node, token] > 0


def test_the_boundary_belongs_to_the_next_token(xp):
    """[0, 1/4) selects 0, [1/4, 3/4) selects 1, [3/4, 1) selects 2: chances 1/4, 1/2, 1/4."""
    weights = np.tile([F(1, 4), F(1, 2), F(1, 4)], (5, 1))
    uniforms = np.array([0, 0.25, np.nextafter(0.25, 0), 0.75, np.nextafter(0.75, 0)])
    assert invert(xp.array(weights), xp.array(uniforms)).tolist() == [0, 1, 0, 2, 1]
