"""Overlap, total variation and residual fit together, in every kind of number."""

import math
from fractions import Fraction as F

import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st

from specsim.core import chain
from specsim.models import Pair, iid
from specsim.testing import law_pairs
from specsim.theory import divergence_lk, overlap, residual, tokens_law, total_variation

EQUAL = (np.array([F(1, 4), F(3, 4)]),) * 2
DISJOINT = (np.array([F(1), F(0)]), np.array([F(0), F(1)]))
TOY = ([F(1, 2), F(3, 10), F(1, 5)], [F(1, 5), F(1, 2), F(3, 10)])

twins = st.integers(1, 4).flatmap(law_pairs)
float_twins = st.integers(1, 4).flatmap(lambda tokens: law_pairs(tokens, exact=False))


@pytest.mark.theorem("lk-is-total-variation")
@given(twins)
@example(EQUAL)
@example(DISJOINT)
def test_what_is_not_kept_is_rejected(laws):
    assert overlap(*laws) == 1 - total_variation(*laws)


@pytest.mark.theorem("lk-is-total-variation")
@given(twins)
def test_d_lk_is_the_distance_from_the_middle(laws):
    target, draft = laws
    middle = (target + draft) / 2
    assert divergence_lk(target, draft) == abs(target - middle).sum() == abs(draft - middle).sum()


@pytest.mark.theorem("lk-is-total-variation")
@given(twins)
@example(EQUAL)
@example(DISJOINT)
def test_d_lk_is_symmetric_0_for_equal_laws_and_1_for_disjoint_ones(laws):
    target, draft = laws
    distance = divergence_lk(target, draft)
    assert distance == divergence_lk(draft, target)
    assert (distance == 0) == (target == draft).all()
    assert (distance == 1) == (target * draft == 0).all()


@pytest.mark.theorem("one-token")
@given(twins)
@example(EQUAL)
def test_target_is_what_is_kept_plus_the_corrections(laws):
    target, draft = laws
    correction = residual(target, draft)
    assert correction.sum() == 1
    assert (np.minimum(target, draft) + (1 - overlap(target, draft)) * correction == target).all()


@pytest.mark.theorem("overlap-is-acceptance")
@given(twins)
def test_overlap_is_the_chance_that_the_token_rule_keeps_a_draft(laws):
    target, draft = laws
    kept = tokens_law("token", Pair(iid(target), iid(draft)), chain(1)).get(2, 0)
    assert overlap(target, draft) == kept


@pytest.mark.theorem("maximal-coupling")
@given(twins)
def test_no_coupling_keeps_more(laws):
    """A kept token x has at most target(x) and at most draft(x) of mass, whatever the test."""
    target, draft = laws
    assert overlap(target, draft) <= min(
        target[cut].sum() + draft[~cut].sum() for cut in subsets(len(target))
    )


def subsets(size):
    return (np.array([bool(mask >> x & 1) for x in range(size)]) for mask in range(2**size))


@given(float_twins)
def test_floats_and_tensors_agree_with_fractions(laws):
    exact = [np.array([F(p) for p in law]) for law in laws]
    exact = [law / law.sum() for law in exact]
    tensors = [torch.from_numpy(law) for law in laws]
    for function in (overlap, total_variation):
        expected = float(function(*exact))
        assert function(*laws) == pytest.approx(expected, abs=1e-15)
        assert float(function(*tensors)) == pytest.approx(expected, abs=1e-15)
    assert np.array_equal(residual(*laws), residual(*tensors).numpy())


def test_lists_become_floats_or_stay_fractions():
    assert overlap([1, 0], [0.25, 0.75]) == 0.25
    assert overlap(*TOY) == F(7, 10)
    assert residual(*TOY).tolist() == [1, 0, 0]
    assert type(overlap([F(1), 0], [F(1), 0])) is F


def test_leading_axes_are_kept_and_broadcast():
    target, draft = np.array([[0.5, 0.5], [1.0, 0.0]]), np.array([0.75, 0.25])
    assert overlap(target, draft).tolist() == [0.75, 0.75]
    assert residual(target, draft).tolist() == [[0.0, 1.0], [1.0, 0.0]]
    assert residual(np.vectorize(F)(target), np.vectorize(F)(draft)).tolist() == [[0, 1], [1, 0]]


def test_inputs_are_left_as_they_are():
    target, draft = np.array([0.5, 0.5]), np.array([0.75, 0.25])
    residual(target, draft)
    assert [target.tolist(), draft.tolist()] == [[0.5, 0.5], [0.75, 0.25]]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_sums_over_a_large_vocabulary_are_in_double_precision(dtype):
    rng = np.random.default_rng(3)
    target, draft = rng.dirichlet(np.ones(151_936), 2).astype(dtype)
    expected = math.fsum(np.minimum(target, draft).tolist())
    assert overlap(target, draft) == pytest.approx(expected, abs=1e-13)
    assert residual(target, draft).dtype == dtype
    assert residual(target, draft).sum() == pytest.approx(1, abs=1e-6)


def test_gradients_pass_through():
    logits = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    target = torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64)
    overlap(target, logits.softmax(0)).backward()
    assert logits.grad.tolist() == pytest.approx([2 / 9, -1 / 9, -1 / 9])
    assert residual(target, logits.softmax(0)).requires_grad


@pytest.mark.parametrize(
    "target, draft, message",
    [
        ([0.5, math.nan], [0.5, 0.5], "target law has an entry nan"),
        ([0.5, 0.5], [1.5, -0.5], "draft law has an entry -0.5"),
        ([0.5, 0.4], [0.5, 0.5], r"target law sums to 0\.9, expected 1"),
        ([F(1, 2), F(1, 3)], [F(1, 2), F(1, 2)], "target law sums to 5/6"),
        ([2.0, -1.0, 3.0], [0.2, 0.3, 0.5], "pass probabilities, not logits"),
        ([math.inf, 0.0], [0.5, 0.5], "target law sums to inf"),
        ([0.5, 0.5], [1.0], "over the same V >= 1 tokens"),
        ([], [], "over the same V >= 1 tokens"),
        (0.5, 0.5, "over the same V >= 1 tokens"),
        ([[0.5, 0.5], [1.0]], [0.5, 0.5], "rows of different lengths"),
        ([F(1, 2), 0.5], [0.5, 0.5], "floats only, or fractions only"),
        (["a", "b"], [0.5, 0.5], "floats only, or fractions only"),
        (None, [0.5, 0.5], "floats only, or fractions only"),
    ],
)
@pytest.mark.parametrize("function", [overlap, total_variation, divergence_lk, residual])
def test_what_is_no_law_is_refused(function, target, draft, message):
    with pytest.raises(ValueError, match=message):
        function(target, draft)


def test_the_row_at_fault_is_named():
    with pytest.raises(ValueError, match="draft law at 1 sums to"):
        overlap(np.full((2, 2), 0.5), np.array([[0.5, 0.5], [0.5, 1.0]]))
