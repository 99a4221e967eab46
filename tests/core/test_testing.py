"""The public strategies yield what they promise, reach every awkward case, and say what they need."""

import doctest
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from specsim.core import Shape, as_shape, check, check_laws
from specsim.core.draft import children, is_chain
from specsim.testing import drafts, law_pairs, laws, pairs, shapes, uniforms

EXACT = pytest.mark.parametrize("exact", [True, False], ids=["fractions", "floats"])


def one_ulp_apart(pair) -> bool:
    target, draft = (law.astype(float) for law in pair)
    return 0 < abs(target - draft).max() <= 2**-52


AWKWARD = {
    "a zero": lambda pair: (pair[0] == 0).any(),
    "a point mass": lambda pair: (pair[0] == 1).any(),
    "equal": lambda pair: (pair[0] == pair[1]).all(),
    "disjoint": lambda pair: (pair[0] * pair[1] == 0).all(),
    "one ulp apart": one_ulp_apart,
    "unrelated": lambda pair: abs(pair[0] - pair[1]).astype(float).max() > 0.1,
}


@EXACT
@pytest.mark.parametrize("tokens", [1, 2, 5])
@given(data=st.data())
def test_laws_and_pairs_of_laws_are_laws(exact, tokens, data):
    rows = [data.draw(laws(tokens, exact)), *data.draw(law_pairs(tokens, exact))]
    for row in rows:
        assert row.shape == (tokens,)
        assert row.dtype == (object if exact else float)
        check_laws(row)


@EXACT
@pytest.mark.parametrize("awkward", AWKWARD.values(), ids=AWKWARD)
def test_every_awkward_case_comes_up(exact, awkward):
    found = find(law_pairs(3, exact), awkward, settings=settings(max_examples=500, database=None))
    assert awkward(found)


@EXACT
@given(data=st.data())
def test_drafts_are_fit_to_be_verified(exact, data):
    target, draft = data.draw(drafts(tokens=3, exact=exact, lead=(2,)))
    check(target, draft)
    assert target.shape == (2, len(draft.parent) + 1, 3)


@EXACT
@given(data=st.data())
def test_pairs_are_models_over_the_tokens_asked_for(exact, data):
    pair = data.draw(pairs(tokens=3, exact=exact))
    context = np.array([[0, 1, 2], [2, 2, 2]])
    for model in (pair.target, pair.draft):
        assert model(context).shape == (2, 3)
        check_laws(model(context))


@given(shape=shapes(max_nodes=5, tokens=2), chain=shapes(max_nodes=3, chains_only=True))
def test_shapes_stay_within_the_limits_asked_for(shape, chain):
    assert 1 <= len(as_shape(shape).parent) <= 5
    assert shape.how == "independent" or max(map(len, children(shape.parent))) <= 2
    assert is_chain(chain)
    assert len(chain) <= 3


@pytest.mark.parametrize(
    "shape", [Shape((0, 1)), Shape((0, 0)), Shape((0, 0), "top"), Shape((0, 1, 0), "distinct")]
)
def test_every_shape_comes_up(shape):
    assert (
        find(shapes(), lambda found: found == shape, settings=settings(max_examples=5000, database=None))
        == shape
    )


@given(u=uniforms(2, 3))
def test_uniforms_lie_in_the_unit_interval(u):
    assert u.shape == (2, 3)
    assert ((u >= 0) & (u < 1)).all()


@pytest.mark.parametrize(
    "make", [lambda: laws(0), lambda: law_pairs(0), lambda: shapes(0), lambda: shapes(tokens=0)]
)
def test_empty_vocabularies_and_shapes_are_refused(make):
    with pytest.raises(ValueError, match="must be at least 1, got 0"):
        make()


def test_without_hypothesis_the_error_says_what_to_install():
    program = "import sys; sys.modules['hypothesis'] = None; import specsim.testing"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "pip install 'specsim-decoding[testing]'" in done.stderr.splitlines()[-1]


def test_the_guide_runs():
    guide = Path(__file__).parents[2] / "docs" / "testing.md"
    options = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    failed, attempted = doctest.testfile(str(guide), module_relative=False, optionflags=options)
    assert attempted > 5
    assert failed == 0
