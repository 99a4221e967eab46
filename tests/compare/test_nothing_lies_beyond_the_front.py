"""The front of tokens against bias: a line for one token, and beyond every rule, exact or lossy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specsim import theory
from specsim.compare import Options, compare
from specsim.core import chain, siblings
from specsim.models import load_pair
from specsim.testing import pairs

PAIRS = {"toy": 3, "bernoulli": 4, "regimes": 2}


@settings(max_examples=10)
@given(pair=pairs(tokens=3))
def test_for_one_token_it_is_the_line_of_slope_one(pair):
    """Yin et al. 2024 (2411.00841), Theorem 5."""
    laws = (model(np.zeros((1, 0), int))[0] for model in (pair.target, pair.draft))
    distance = float(theory.total_variation(*laws))
    front = theory.most_tokens_by_bias(pair, (0,))
    assert (front.tokens[0], front.bias[0]) == pytest.approx((2 - distance, 0), abs=1e-6)
    assert (front.tokens[-1], front.bias[-1]) == pytest.approx((2, distance), abs=1e-6)


@settings(max_examples=5)
@given(pair=pairs(tokens=2), shape=st.sampled_from([chain(2), siblings(2), (0, 0, 1)]))
def test_it_is_concave_and_begins_with_the_best_exact_verifier(pair, shape):
    front = theory.most_tokens_by_bias(pair, shape)
    slopes = np.diff(front.tokens) / np.diff(front.bias)
    assert (np.diff(slopes) < 1e-3).all()
    assert front.tokens[0] == pytest.approx(theory.most_tokens(pair, shape))


@pytest.mark.parametrize("name", PAIRS)
def test_no_rule_lies_beyond_it(name):
    found = compare(load_pair(name), Options(PAIRS[name], strengths=("0.05", "0.3"), rounds=10))
    fronts = {front.shape: front for front in found.fronts}
    for entry in found.entries:
        tokens, bias = entry.tokens.theory.mean, entry.bias.theory.mean
        assert (
            entry.exact
            or tokens <= np.interp(bias, fronts[entry.shape].bias, fronts[entry.shape].tokens) + 1e-6
        )
        assert not entry.exact or tokens <= found.most[entry.shape] + 1e-9
