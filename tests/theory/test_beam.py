"""Speculative beam search writes the target's own beam."""

from fractions import Fraction as F

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specsim.models import Pair, iid, load_pair
from specsim.testing import pairs
from specsim.theory import beam_budget, beam_search, beam_steps_kept, string_law

widths = st.integers(1, 4)


@given(pairs(tokens=2), st.integers(1, 3))
def test_a_beam_as_wide_as_everything_holds_every_string(pair, steps):
    beam = beam_search(pair.target, 2**steps, steps)[-1]
    assert beam == string_law(pair.target, steps)
    assert list(beam.values()) == sorted(beam.values(), reverse=True)


@given(pairs(tokens=2))
def test_width_1_is_greedy(pair):
    string = ()
    for beam in beam_search(pair.target, 1, 3)[1:]:
        law = string_law(pair.target, 1, string)
        string += max(law, key=lambda token: (law[token], -token[0]))
        assert list(beam) == [string]


@pytest.mark.theorem("beam-subset")
@given(pairs(tokens=2), widths, st.integers(0, 3), st.integers(1, 3))
def test_the_target_knows_its_beam_one_step_beyond_what_is_kept(pair, width, wider, gamma):
    """A search that may ask the target only about strings that were drafted gets as far, and no further."""
    drafted = beam_search(pair.draft, width + wider, gamma)
    own = beam_search(pair.target, width, gamma + 1)
    kept = beam_steps_kept(pair, width, width + wider, gamma=gamma)
    assert all(own[step].keys() <= drafted[step].keys() for step in range(kept + 1))
    assert kept == gamma or not own[kept + 1].keys() <= drafted[kept + 1].keys()


@given(pairs(tokens=2), widths, st.integers(1, 3))
def test_a_perfect_draft_is_kept(pair, width, gamma):
    assert beam_steps_kept(Pair(pair.target, pair.target), width, width, gamma=gamma) == gamma


def test_contexts_count():
    pair = load_pair("regimes")
    assert list(beam_search(pair.target, 1, 1, context=(2,))[1]) == [(2,)]
    kept = [beam_steps_kept(pair, 1, 1, gamma=3, context=(token,)) for token in (0, 2)]
    assert kept == [3, 0]


def test_the_budget_counts_every_drafted_string_and_the_beam():
    assert beam_budget(2, 6, gamma=5) == 2 + 6 * 5


PAIR = Pair(iid([F(1), F(0)]), iid([F(0), F(1)]))


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: beam_search(PAIR.target, 0, 1), "width must be at least 1, got 0"),
        (lambda: beam_search(PAIR.target, 1, 0), "steps must be at least 1, got 0"),
        (lambda: beam_steps_kept(PAIR, 2, 1, gamma=1), "at least as wide as the target's, 2, got 1"),
        (lambda: beam_steps_kept(PAIR, 2, 2, gamma=0), "steps must be at least 1"),
        (lambda: beam_budget(0, 1, gamma=1), "width must be at least 1"),
        (lambda: beam_budget(1, 1, gamma=0), "gamma must be at least 1"),
    ],
)
def test_beams_without_width_or_length_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
