"""Batch drafts on independent tokens: closed forms, their limits, and their accuracy."""

import math
from fractions import Fraction as F

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import example, given
from hypothesis import strategies as st

from specsim.models import Pair, iid
from specsim.testing import law_pairs
from specsim.theory.batch_drafts import (
    batch_rejections,
    leftover,
    rejection_rate_limit,
)
from specsim.theory.iid_drafts import bernoulli_all_rejected, iid_rejections, uniform_all_rejected
from specsim.theory.overlap import total_variation
from specsim.theory.yin_figures import batch_gains

USUAL = [F(1, 2), F(3, 10), F(1, 5)], [F(1, 5), F(1, 2), F(3, 10)]
DRAFTS = st.sampled_from([1, 2, 3, 5, math.inf])


@pytest.mark.theorem("batch-rejections-iid")
@given(laws=law_pairs(3), horizon=st.integers(1, 9), drafts=DRAFTS)
def test_the_closed_form_is_the_recursion_on_independent_tokens(laws, horizon, drafts):
    distance, all_rejected = total_variation(*laws), leftover(*laws, drafts=drafts).sum()
    pair = Pair(*map(iid, laws))
    assert iid_rejections(distance, all_rejected, horizon) == batch_rejections(pair, horizon, drafts=drafts)


@pytest.mark.theorem("batch-limit")
@given(laws=law_pairs(3), drafts=DRAFTS)
def test_each_further_token_adds_the_limit_rate_in_the_end(laws, drafts):
    distance, all_rejected = total_variation(*laws), leftover(*laws, drafts=drafts).sum()
    gap = iid_rejections(distance, all_rejected, 101) - iid_rejections(distance, all_rejected, 100)
    assert abs(gap - rejection_rate_limit(*laws, drafts=drafts)) <= (distance - all_rejected) ** 100


@pytest.mark.theorem("batch-limit")
def test_the_limits_in_horizon_and_drafts_are_symbolic():
    horizon, drafts = sympy.symbols("T M", integer=True, positive=True)
    distance, all_rejected = F(1, 3), bernoulli_all_rejected(F(1, 3), F(2, 3), drafts)
    rate = distance / (1 + distance - all_rejected)
    assert sympy.limit(rate, drafts, sympy.oo) == sympy.Rational(1, 4)
    assert rejection_rate_limit([F(2, 3), F(1, 3)], [F(1, 3), F(2, 3)], drafts=math.inf) == F(1, 4)
    even = iid_rejections(F(1, 3), F(2, 9), 2 * horizon)  # sympy takes no limit of (-1/9)^T
    assert sympy.limit(sympy.expand(even / (2 * horizon)), horizon, sympy.oo) == sympy.Rational(3, 10)


def test_the_closed_form_is_the_printed_recursion_for_symbols():
    d, r = sympy.symbols("d r", nonnegative=True)
    chance, expected = r, r
    for horizon in range(2, 6):
        chance = d + (r - d) * chance
        expected = expected + chance
        assert sympy.simplify(iid_rejections(d, r, horizon) - expected) == 0


@given(
    u=st.fractions(0, 1, max_denominator=9), v=st.fractions(0, 1, max_denominator=9), drafts=st.integers(1, 5)
)
def test_two_tokens_have_their_closed_form(u, v, drafts):
    found = leftover([1 - v, v], [1 - u, u], drafts=drafts).sum()
    assert bernoulli_all_rejected(v, u, drafts) == found


def test_two_tokens_have_their_closed_form_in_symbols():
    u, v = sympy.symbols("u v", nonnegative=True)
    expression = bernoulli_all_rejected(v, u, 3)
    assert expression.subs({u: F(3, 4), v: F(1, 2)}) == F(1, 4) * F(3, 4) ** 2
    assert expression.subs({u: F(1, 4), v: F(1, 2)}) == F(1, 4) * F(3, 4) ** 2


@pytest.mark.parametrize("tokens, kept", [(2, 1), (6, 2), (5, 4), (3, 3)])
@pytest.mark.parametrize("drafts", [1, 2, 5])
def test_uniform_laws_have_their_closed_form(tokens, kept, drafts):
    target = [F(1, kept)] * kept + [F(0)] * (tokens - kept)
    found = leftover(target, [F(1, tokens)] * tokens, drafts=drafts).sum()
    assert uniform_all_rejected(F(tokens, kept), drafts) == found


def test_figure_3_gains_are_the_printed_expressions():
    count = np.arange(1, 11)
    gains = batch_gains(count, coins=[0.75], ratios=[4])
    assert gains["bernoulli"][0.75] == pytest.approx(0.25 * (1 - 0.75 ** (count - 1)), abs=1e-15)
    assert gains["uniform"][4] == pytest.approx(0.75 - 0.75**count, abs=1e-15)


@given(
    distance=st.floats(0, 1),
    share=st.floats(0, 1),
    horizon=st.integers(1, 10**6),
)
@example(distance=1.0, share=1e-300, horizon=1)
@example(distance=1.0, share=1e-12, horizon=999_999)
@example(distance=1e-300, share=0.0, horizon=2)
def test_the_closed_form_is_accurate_in_floats(distance, share, horizon):
    all_rejected = distance * share
    with mpmath.workdps(700):
        d, r = mpmath.mpf(distance), mpmath.mpf(all_rejected)
        rate = d / (1 + d - r)
        exact = horizon * rate + (r - rate) * (1 - (r - d) ** horizon) / (1 - (r - d))
    assert abs(iid_rejections(distance, all_rejected, horizon) - exact) <= 1e-13 * exact


def test_arguments_of_the_closed_forms_are_checked():
    with pytest.raises(ValueError, match="all_rejected must be in"):
        iid_rejections(0.3, 0.4, 2)
    with pytest.raises(ValueError, match="distance must be in"):
        iid_rejections(math.nan, 0.4, 2)
    with pytest.raises(ValueError, match="horizon must be an integer"):
        iid_rejections(0.3, 0.2, 0)
    with pytest.raises(ValueError, match="target must be in"):
        bernoulli_all_rejected(1.5, 0.2, 1)
    with pytest.raises(ValueError, match="ratio must be at least 1"):
        uniform_all_rejected(0.5, 1)
    with pytest.raises(ValueError, match="draft law sums to"):
        leftover([0.5, 0.5], [0.5, 0.6])
