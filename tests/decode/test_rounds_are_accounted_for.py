"""The statistics of a generation add up, and asking for more of them changes nothing."""

import numpy as np
import pytest

from specsim.core import rules
from specsim.decode import autoregressive, generate
from specsim.models import load_pair

PROMPT = [1, 0]


@pytest.mark.parametrize("rule", rules.names())
def test_keeping_plans_changes_nothing_else(networks, rule):
    kept, dropped = (
        generate(
            networks.target, networks.draft, PROMPT, rule=rule, max_new_tokens=20, rng=3, keep_plans=keep
        )
        for keep in (True, False)
    )
    assert kept.tokens == dropped.tokens
    assert [one.kept for one in kept.rounds] == [one.kept for one in dropped.rounds]
    assert all(one.stop is None for one in dropped.rounds)
    for one in kept.rounds:
        assert one.stop.shape == (one.drafted + 1,)
        assert abs(one.stop.sum() - 1) < 1e-6
        assert one.stop[one.kept] > 0


def test_in_a_tree_the_stop_law_is_that_of_its_nodes(networks):
    made = generate(networks.target, networks.draft, PROMPT, shape="tree:2,2", rng=3, eos=(), keep_plans=True)
    assert {one.drafted for one in made.rounds[:-2]} == {6}
    for one in made.rounds:
        assert one.stop.shape == (one.drafted + 1,)
        assert abs(one.stop.sum() - 1) < 1e-6
        assert one.kept <= 2


@pytest.mark.parametrize("how", [{"gamma": 3}, {"shape": "chains:2,3"}], ids=str)
def test_rounds_add_up_to_the_text(pair, how):
    made = generate(pair.target, pair.draft, PROMPT, max_new_tokens=25, rng=5, eos=(), **how)
    assert all(one.emitted == one.kept + 1 for one in made.rounds)
    assert sum(one.emitted for one in made.rounds) == len(made.tokens) == 25
    assert made.tokens_per_round == 25 / len(made.rounds)
    assert made.acceptance == sum(one.kept for one in made.rounds) / sum(one.drafted for one in made.rounds)
    assert made.prompt == tuple(PROMPT)


def test_seconds_of_rounds_fit_into_those_of_the_text(networks):
    made = generate(networks.target, networks.draft, PROMPT, max_new_tokens=12, rng=5, eos=())
    parts = [one.draft_seconds + one.verify_seconds + one.other_seconds for one in made.rounds]
    assert all(part > 0 for part in parts)
    assert sum(parts) <= made.seconds
    assert made.tokens_per_second == 12 / made.seconds


def test_plain_decoding_has_rounds_of_one_token(networks):
    made = autoregressive(networks.target, PROMPT, max_new_tokens=5, rng=5, eos=())
    assert [(one.drafted, one.kept, one.emitted) for one in made.rounds] == [(0, 0, 1)] * 5
    assert made.tokens_per_round == 1
    assert np.isnan(made.acceptance)


def test_a_generator_is_carried_on_from_call_to_call():
    pair, rng = load_pair("toy"), np.random.default_rng(1)
    first, second = (
        generate(pair.target, pair.draft, PROMPT, max_new_tokens=30, rng=rng, eos=()) for _ in range(2)
    )
    assert first.tokens == generate(pair.target, pair.draft, PROMPT, max_new_tokens=30, rng=1, eos=()).tokens
    assert first.tokens != second.tokens
