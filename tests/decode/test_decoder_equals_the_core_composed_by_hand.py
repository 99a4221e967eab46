"""The same uniforms give the same tokens, whether caches and sessions are used or nothing but the core."""

import numpy as np
import pytest

from specsim.core import rules
from specsim.decode import autoregressive, generate
from specsim.models import iid, session

from . import by_hand
from .conftest import Met

PROMPT = [1, 0, 1]


def close(found, expected):
    return np.allclose(np.asarray(found, float), np.asarray(expected, float), rtol=0, atol=1e-12)


@pytest.mark.parametrize("rule", rules.RULES.values(), ids=repr)
@pytest.mark.parametrize("gamma", [1, 3])
def test_the_same_uniforms_give_the_same_tokens(pair, rule, gamma):
    uniforms = np.random.default_rng(gamma).random((16, gamma + 2))
    made = generate(
        pair.target, pair.draft, PROMPT, gamma=gamma, rule=rule, max_new_tokens=16, uniforms=uniforms, eos=()
    )
    assert made.tokens == by_hand.decode(pair.target, pair.draft, PROMPT, gamma, rule, uniforms, 16)


def test_plain_decoding_inverts_one_law_per_uniform(pair):
    uniforms = np.random.default_rng(0).random(20)
    made = autoregressive(pair.target, PROMPT, max_new_tokens=20, uniforms=uniforms, eos=())
    assert made.tokens == by_hand.plain(pair.target, PROMPT, uniforms)


def test_a_seed_stands_for_its_uniforms(pair):
    rows = np.random.default_rng(7).random((12, 5))
    seeded = generate(pair.target, pair.draft, PROMPT, gamma=3, max_new_tokens=12, rng=7)
    assert (
        seeded.tokens
        == generate(pair.target, pair.draft, PROMPT, gamma=3, max_new_tokens=12, uniforms=rows).tokens
    )


def test_a_rule_is_shown_the_laws_of_models_that_read_everything_afresh(pair):
    met = Met(rules.token)
    made = generate(pair.target, pair.draft, PROMPT, gamma=3, rule=met, max_new_tokens=30, rng=2, eos=())
    text, end = [*PROMPT, *made.tokens], len(PROMPT)
    for (target, draft, _), one in zip(met.rounds, made.rounds):
        block = np.array([[*text[:end], *draft.tokens[0].tolist()]])
        fresh = session(pair.target).extend(block, keep=one.drafted + 1)
        assert close(target, fresh)
        if one.drafted:
            fresh = session(pair.draft).extend(block[:, :-1], keep=one.drafted)
            assert close(draft.laws, fresh)
        end += one.emitted


def test_a_draft_equal_to_its_target_is_always_kept(networks):
    made = generate(networks.target, networks.target, PROMPT, gamma=4, max_new_tokens=25, rng=1, eos=())
    assert [one.kept for one in made.rounds] == [4] * 5


def test_two_networks_of_one_law_keep_all_or_nothing():
    same, other = iid([1.0, 0.0]), iid([0.0, 1.0])
    assert generate(same, same, [0], gamma=2, max_new_tokens=6).acceptance == 1
    assert generate(same, other, [0], gamma=2, max_new_tokens=6).acceptance == 0
