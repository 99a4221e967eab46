"""The most that P verified tokens can buy: against enumeration, and against its asymptote."""

from fractions import Fraction
from itertools import product
from math import log, prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from specsim.testing import laws
from specsim.theory.best_first import best_first_tree
from specsim.theory.speed_of_light import (
    entropy,
    most_accepted,
    most_accepted_asymptote,
    most_accepted_slope_bound,
)

F = Fraction
ZIPF = np.arange(1, 51) ** -1.5 / sum(np.arange(1, 51) ** -1.5)
SPARSE = np.random.default_rng(0).dirichlet(np.full(30, 0.3))
EIGHT = np.full(8, 1 / 8)


def constant(law, nodes: int) -> float:
    return most_accepted(law, nodes) - log(nodes) / entropy(law)


@given(law=laws(3), nodes=st.integers(1, 4))
def test_the_most_probable_texts_are_counted(law, nodes):
    texts = (text for n in range(1, nodes + 1) for text in product(law, repeat=n))
    expected = sum(sorted(map(prod, texts), reverse=True)[:nodes])
    assert most_accepted(law.astype(float), nodes) == pytest.approx(float(expected), rel=1e-12)


@given(law=laws(4, exact=False), nodes=st.integers(1, 200))
def test_the_best_first_tree_is_the_same(law, nodes):
    tokens = best_first_tree(sorted(law, reverse=True), nodes)[1]
    assert most_accepted(law, nodes) + 1 == pytest.approx(tokens, rel=1e-9)


@pytest.mark.theorem("speed-of-light")
@pytest.mark.parametrize("law", [ZIPF, SPARSE], ids=["zipf", "dirichlet"])
def test_the_asymptote_is_met(law):
    for nodes, tolerance in ((4096, 2e-3), (32_768, 5e-4), (262_144, 1e-4)):
        assert most_accepted(law, nodes) == pytest.approx(most_accepted_asymptote(law, nodes), abs=tolerance)


def test_the_constants_of_two_laws():
    assert constant(ZIPF, 262_144) == pytest.approx(0.116, abs=5e-4)
    assert constant(SPARSE, 262_144) == pytest.approx(-0.0755, abs=5e-5)


@pytest.mark.theorem("speed-of-light")
def test_on_a_lattice_the_constant_oscillates():
    """Eight tokens alike: whole levels are 1 each, and the constant has period log 8 in log P."""
    assert most_accepted(EIGHT, 8 + 64 + 512) == pytest.approx(3)
    octaves = [constant(EIGHT, 2**j) for j in range(12, 18)]
    assert max(octaves) - min(octaves) > 0.15
    assert octaves[:3] == pytest.approx(octaves[3:], abs=1e-3)


@pytest.mark.theorem("speed-of-light")
@pytest.mark.parametrize("law", [ZIPF, SPARSE], ids=["zipf", "dirichlet"])
def test_the_published_slope_is_not_tight(law):
    slope = (most_accepted(law, 2**18) - most_accepted(law, 2**12)) / (6 * log(2))
    assert slope == pytest.approx(1 / entropy(law), rel=1e-3)
    assert most_accepted_slope_bound(law) > 3 * slope


def test_a_certain_text_is_kept_whole():
    assert most_accepted([1.0, 0.0], 7) == 7
    with pytest.raises(ValueError, match="two tokens possible"):
        most_accepted_asymptote([1.0, 0.0], 7)


@pytest.mark.parametrize("law, nodes", [([0.5, 0.4], 3), ([0.5, 0.5], 0)])
def test_what_is_no_law_or_no_count_is_refused(law, nodes):
    with pytest.raises(ValueError, match=r"sums to|integer >= 1"):
        most_accepted(law, nodes)
