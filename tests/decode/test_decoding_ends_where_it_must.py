"""A text ends at an end token, at its limit, or where the context is full; never later, never earlier."""

import numpy as np
import pytest

from specsim.decode import autoregressive, generate
from specsim.models import iid, markov

from .conftest import gpt2, llama


def counting(size):
    """After token i always i + 1: a text whose every position is known."""
    return markov(np.eye(size)[0], np.roll(np.eye(size), 1, axis=1))


@pytest.mark.parametrize("gamma", [1, 2, 3, 5])
@pytest.mark.parametrize("eos", range(1, 13))
def test_nothing_comes_after_an_end_token_wherever_in_a_block_it_is(gamma, eos):
    model = counting(16)
    made = generate(model, model, [0], gamma=gamma, eos=eos, max_new_tokens=15)
    assert made.tokens == tuple(range(1, eos + 1))
    assert made.stopped == "eos"
    assert sum(one.emitted for one in made.rounds) == eos


def test_an_end_token_that_corrects_a_draft_ends_the_text():
    made = generate(counting(8), iid(np.eye(8)[1]), [0], gamma=3, eos=2, max_new_tokens=7)
    assert made.tokens == (1, 2)
    assert [one.kept for one in made.rounds] == [1]


@pytest.mark.parametrize("eos", [3, [3], (6, 3)])
def test_end_tokens_may_be_one_or_several(eos):
    assert generate(counting(8), counting(8), [0], eos=eos).tokens == (1, 2, 3)
    assert autoregressive(counting(8), [0], eos=eos).tokens == (1, 2, 3)


def test_the_end_tokens_are_the_targets_own_unless_given(networks):
    own = generate(networks.target, networks.draft, [1], max_new_tokens=60, rng=4)
    free = generate(networks.target, networks.draft, [1], max_new_tokens=60, rng=4, eos=())
    assert networks.target.eos_token_ids == (2,)
    assert own.tokens == free.tokens[: free.tokens.index(2) + 1]
    assert (own.stopped, free.stopped) == ("eos", "length")


@pytest.mark.parametrize("gamma", [1, 2, 4, 7])
@pytest.mark.parametrize("limit", range(1, 14))
def test_the_limit_is_met_exactly_and_nothing_is_drafted_in_vain(gamma, limit):
    model = counting(16)
    made = generate(model, model, [0], gamma=gamma, max_new_tokens=limit)
    assert made.tokens == tuple(range(1, limit + 1))
    assert made.stopped == "length"
    assert made.rounds[-1].drafted == made.rounds[-1].kept == made.rounds[-1].emitted - 1


def test_an_end_token_at_the_limit_is_an_end_token():
    assert generate(counting(8), counting(8), [0], gamma=2, eos=4, max_new_tokens=4).stopped == "eos"


@pytest.mark.parametrize("make", [llama, gpt2], ids=lambda make: make.__name__)
def test_a_full_context_ends_the_text(make):
    target = make(1, window=12)
    for made in (
        generate(target, llama(2), [1, 0, 1], gamma=4, max_new_tokens=50, rng=0, eos=()),
        autoregressive(target, [1, 0, 1], max_new_tokens=50, rng=0, eos=()),
    ):
        assert len(made.prompt) + len(made.tokens) == 12
        assert made.stopped == "context"


def test_a_draft_with_a_shorter_context_falls_silent_at_its_end(networks):
    made = generate(networks.target, gpt2(2, window=8), [1, 0], gamma=3, max_new_tokens=20, rng=0, eos=())
    assert len(made.tokens) == 20
    begins = np.cumsum([2, *(one.emitted for one in made.rounds)])
    assert all(one.drafted <= max(0, 9 - begin) for begin, one in zip(begins, made.rounds))
    assert made.rounds[0].drafted == 3
    assert made.rounds[-1].drafted == 0
