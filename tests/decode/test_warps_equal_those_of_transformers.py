"""Temperature, top-k and top-p do what the processors of `transformers` do, entry by entry."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

from specsim.decode import warp

SETTINGS = [
    (temperature, top_k, top_p)
    for temperature in (0.3, 1.0, 2.0)
    for top_k in (0, 1, 5, 100)
    for top_p in (1e-9, 0.5, 0.9, 1.0)
]


def theirs(logits, temperature, top_k, top_p):
    steps = [TemperatureLogitsWarper(temperature)] if temperature != 1 else []
    steps += [TopKLogitsWarper(top_k)] if top_k else []
    steps += [TopPLogitsWarper(top_p)] if top_p < 1 else []
    for step in steps:
        logits = step(None, logits)
    return torch.softmax(logits, -1)


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_laws_equal_those_of_the_processors(setting):
    logits = 3 * torch.randn(20, 50, generator=torch.Generator().manual_seed(0))
    assert torch.equal(warp(*setting)(logits), theirs(logits, *setting))


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_numpy_and_torch_agree(setting):
    logits = 3 * np.random.default_rng(0).standard_normal((4, 5, 50))
    np.testing.assert_allclose(
        warp(*setting)(logits), warp(*setting)(torch.from_numpy(logits)).numpy(), atol=1e-14
    )


@given(st.lists(st.integers(0, 3), min_size=1, max_size=8), st.floats(0.01, 1))
def test_top_p_keeps_the_fewest_likely_tokens_that_reach_it_and_their_equals(weights, top_p):
    law = np.array(weights) + 0.5
    law /= law.sum()
    kept = law[warp(top_p=top_p)(np.log(law)) > 0]
    assert kept.min() > law[~np.isin(law, kept)].max(initial=0)
    assert kept.sum() >= top_p - 1e-9
    assert kept[kept > kept.min()].sum() < top_p + 1e-9


def test_half_precision_logits_become_laws_in_float32():
    logits = torch.randn(3, 8).bfloat16()
    for setting in [(1.0, 0, 1.0), (0.0, 0, 1.0), (0.5, 3, 0.9)]:
        assert warp(*setting)(logits).dtype == torch.float32


def test_impossible_tokens_stay_impossible():
    with np.errstate(divide="ignore"):
        logits = np.log([[0.0, 0.25, 0.75, 0.0]])
    for setting in [(0, 0, 1), (0.5, 0, 1), (1, 3, 1), (1, 0, 0.99), (0.5, 3, 0.99)]:
        law = warp(*setting)(logits)
        assert law[0, [0, 3]].tolist() == [0, 0]
        assert abs(law.sum() - 1) < 1e-12


def test_ties_of_the_largest_go_to_the_lowest_id():
    assert warp(temperature=0)(np.zeros((1, 3))).tolist() == [[1, 0, 0]]


@pytest.mark.parametrize(
    "setting",
    [
        {"temperature": -1},
        {"temperature": float("nan")},
        {"temperature": float("inf")},
        {"top_k": -1},
        {"top_k": 1.5},
        {"top_p": 0},
        {"top_p": 1.1},
        {"top_p": float("nan")},
    ],
    ids=str,
)
def test_settings_without_a_meaning_are_refused(setting):
    (name,) = setting
    with pytest.raises(ValueError, match=f"{name} must"):
        warp(**setting)
