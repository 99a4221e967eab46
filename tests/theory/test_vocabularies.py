"""A draft over other tokens, restricted to the common ones, is a draft like any other."""

from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from specsim.core.arrays import minimum
from specsim.theory import intersection_overlap, overlap


@st.composite
def laws(draw, size):
    weights = draw(st.lists(st.integers(0, 5), min_size=size, max_size=size).filter(any))
    return np.array([F(weight, sum(weights)) for weight in weights])


@st.composite
def cases(draw):
    """A target over 4 tokens, a draft over 5, and which of them are common; some common one has a chance."""
    target, draft = draw(laws(4)), draw(laws(5))
    count = draw(st.integers(1, 4))
    ids, own_ids = draw(st.permutations(range(4)))[:count], draw(st.permutations(range(5)))[:count]
    if not draft[own_ids].any():
        own_ids[0] = int(np.flatnonzero(draft)[0])
    return target, draft, ids, own_ids


@given(cases())
def test_it_is_the_overlap_with_the_restricted_law(case):
    target, draft, ids, own_ids = case
    restricted = np.array([F(0)] * 4)
    restricted[ids] = draft[own_ids] / draft[own_ids].sum()
    assert intersection_overlap(*case) == overlap(target, restricted)


@given(cases())
def test_proposing_foreign_tokens_keeps_no_more(case):
    target, draft, ids, own_ids = case
    assert intersection_overlap(*case) >= minimum(target[ids], draft[own_ids]).sum()


def test_with_all_tokens_in_common_it_is_the_overlap():
    target, draft = [F(1, 2), F(3, 10), F(1, 5)], [F(1, 5), F(1, 2), F(3, 10)]
    assert intersection_overlap(target, draft, range(3), range(3)) == overlap(target, draft)


def test_a_draft_without_a_common_token_is_refused():
    with pytest.raises(ValueError, match="some common token a chance"):
        intersection_overlap([0.5, 0.5], [1.0, 0.0], [0], [1])
