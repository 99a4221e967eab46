"""Independent tokens, Markov chains and tables return the laws that were put in, exactly and by position."""

from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specsim.models import iid, markov, table

EMPTY = np.zeros((1, 0), int)
WEIGHTS = st.lists(st.integers(0, 9), min_size=3, max_size=3).filter(any)


def law(weights):
    return [F(w, sum(weights)) for w in weights]


@settings(deadline=None, max_examples=30)
@given(WEIGHTS, st.lists(st.integers(0, 2), max_size=4))
def test_an_iid_model_forgets_its_context(weights, context):
    row = iid(law(weights))(np.array([context], int))[0]
    assert list(row) == law(weights)


@settings(deadline=None, max_examples=30)
@given(st.lists(WEIGHTS, min_size=3, max_size=3), st.lists(st.integers(0, 2), min_size=1, max_size=4))
def test_a_markov_chain_looks_at_the_last_token(weights, context):
    model = markov(law(weights[0]), [law(row) for row in weights])
    assert list(model(np.array([context]))[0]) == law(weights[context[-1]])
    assert list(model(EMPTY)[0]) == law(weights[0])


def test_a_matrix_per_position_is_used_at_its_position():
    model = markov([1, 0], [[[0.5, 0.5], [1, 0]], [[0.25, 0.75], [0, 1]]])
    assert model(np.array([[0]])).tolist() == [[0.5, 0.5]]
    assert model(np.array([[1, 0]])).tolist() == [[0.25, 0.75]]
    assert (model.order, model.homogeneous) == (1, False)
    with pytest.raises(ValueError, match=r"up to 3 tokens, got a context of 3"):
        model(np.array([[0, 0, 0]]))


def test_a_table_answers_listed_contexts_and_the_default():
    model = table({(): [F(1, 2), F(1, 2)], (0, 1): [F(1, 3), F(2, 3)]}, default=[1, F(0)])
    assert model(EMPTY).tolist() == [[F(1, 2), F(1, 2)]]
    assert model(np.array([[0, 1], [1, 0]])).tolist() == [[F(1, 3), F(2, 3)], [1, 0]]
    with pytest.raises(ValueError, match=r"no law for context \(1,\)"):
        table({(): [0.5, 0.5]})(np.array([[1]]))


@pytest.mark.parametrize(
    "model",
    [iid([F(1, 3), F(2, 3)]), markov([F(1), 0], [[F(1, 2)] * 2] * 2), table({(): [F(1), 0]}, [0, F(1)])],
)
def test_fractions_stay_exact(model):
    for context in (EMPTY, np.array([[1], [0]])):
        laws = model(context)
        assert laws.shape == (len(context), 2)
        assert all(isinstance(entry, F) for entry in laws.flat)


def test_laws_given_out_can_be_changed_without_harm():
    for model in (iid([0.5, 0.5]), markov([0.5, 0.5], np.eye(2)), table({(): [0.5, 0.5]})):
        model(EMPTY)[:] = 7
        assert model(EMPTY).tolist() == [[0.5, 0.5]]


@pytest.mark.parametrize(
    "bad, message",
    [
        ([0.5, 0.6], "sums to 1.1, expected 1; pass probabilities, not logits"),
        ([F(1, 2), F(1, 3)], "sums to 5/6, expected 1"),
        ([1.5, -0.5], "has an entry -0.5"),
        ([np.nan, 1.0], "has an entry nan"),
        ([np.inf, 0.0], "sums to inf"),
        ([], "non-empty axes"),
        ([[0.5, 0.5]], "must have 1 non-empty axes"),
        ([F(1, 2), 0.5], "fractions only or floats only"),
        (["a", "b"], "must hold numbers"),
    ],
)
def test_what_is_no_law_is_refused(bad, message):
    with pytest.raises(ValueError, match=message):
        iid(bad)
    with pytest.raises(ValueError, match=message):
        table({(0,): bad})


def test_sizes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"needs transitions of shape \(2, 2\) per position, got \(3, 3\)"):
        markov([0.5, 0.5], np.eye(3))
    with pytest.raises(ValueError, match=r"law of a table must have one length|one length, got \[2, 3\]"):
        table({(): [0.5, 0.5], (0,): [1, 0, 0]})
    with pytest.raises(ValueError, match=r"tokens must lie in 0..1, got 5"):
        table({(5,): [0.5, 0.5]})
    with pytest.raises(ValueError, match="contexts are tuples"):
        table({0: [0.5, 0.5]})
    with pytest.raises(ValueError, match="at least one context"):
        table({})


@pytest.mark.parametrize(
    "tokens, message",
    [
        ([[0, 2]], "must lie in 0..1, got 2"),
        ([[-1]], "must lie in 0..1, got -1"),
        ([[0.0]], "must be integers"),
        ([0], r"shape \(B, t\)"),
    ],
)
def test_contexts_of_other_tokens_are_refused(tokens, message):
    for model in (iid([0.5, 0.5]), markov([0.5, 0.5], np.eye(2)), table({(): [0.5, 0.5]}, [1, 0])):
        with pytest.raises(ValueError, match=message):
            model(np.array(tokens))
