"""The same uniforms give the same tokens, whether caches and sessions are used or nothing but the core."""

import numpy as np
import pytest

from specsim.core import as_shape, chain, paths, rules, tree
from specsim.decode import autoregressive, generate
from specsim.models import iid, session
from specsim.shapes import check_fit, read_shape

from . import by_hand
from .conftest import Met, pair_named

PROMPT = [1, 0, 1]


def fits(rule, shape):
    """Whether the rule verifies drafts of this shape."""
    try:
        check_fit(rule, shape)
    except ValueError:
        return False
    return True


def fresh(model, tokens):
    """The law after these tokens, from a session that has read nothing else."""
    return session(model).extend(np.array([tokens]), keep=1)[0, 0]


def close(found, expected):
    return np.allclose(np.asarray(found, float), np.asarray(expected, float), rtol=0, atol=1e-12)


SHAPES = (
    "chain:1 chain:3 siblings:2 tree:2,2 chains:2,3 parent:0,1,0,2,3:distinct tree:2,1:top siblings:3:hub"
)
LOSSY = [rules.get(name) for name in ("lossy:lenient", "lossy:typical", "lossy:opt")]
FITTING = [
    (rule, shape)
    for rule in [*rules.RULES.values(), *LOSSY]
    for shape in SHAPES.split()
    if fits(rule, read_shape(shape))
]


@pytest.mark.parametrize("rule, shape", FITTING, ids=str)
@pytest.mark.parametrize("name", ["regimes", "llama, bigram"])
def test_the_same_uniforms_give_the_same_tokens(name, rule, shape):
    pair, full = pair_named(name), as_shape(read_shape(shape))
    uniforms = np.random.default_rng(len(shape)).random((8, len(full.parent) + 2))
    made = generate(
        pair.target, pair.draft, PROMPT, shape=shape, rule=rule, max_new_tokens=8, uniforms=uniforms, eos=()
    )
    assert made.tokens == by_hand.decode(pair.target, pair.draft, PROMPT, full, rule, uniforms, 8)


@pytest.mark.parametrize("shape", ["chain:3", "tree:2,2", "chains:2,3", "parent:0,1,0,2,3:distinct"])
def test_they_do_for_every_pair(pair, shape):
    full = as_shape(read_shape(shape))
    uniforms = np.random.default_rng(1).random((12, len(full.parent) + 2))
    made = generate(pair.target, pair.draft, PROMPT, shape=full, max_new_tokens=12, uniforms=uniforms, eos=())
    assert made.tokens == by_hand.decode(pair.target, pair.draft, PROMPT, full, rules.token, uniforms, 12)


def test_gamma_stands_for_a_chain(networks):
    long, short = (
        generate(networks.target, networks.draft, PROMPT, max_new_tokens=12, rng=1, eos=(), **how)
        for how in ({"shape": chain(3)}, {"gamma": 3})
    )
    assert long.tokens == short.tokens


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


@pytest.mark.parametrize("shape", [chain(3), tree(2, 2)], ids=str)
def test_a_rule_is_shown_the_laws_of_models_that_read_everything_afresh(pair, shape):
    met = Met(rules.token)
    made = generate(pair.target, pair.draft, PROMPT, shape=shape, rule=met, max_new_tokens=20, rng=2, eos=())
    text, end = [*PROMPT, *made.tokens], len(PROMPT)
    for (target, draft, _), one in zip(met.rounds, made.rounds):
        for node, path in enumerate(paths(draft.parent)):
            before = [*text[:end], *(int(draft.tokens[0, i - 1]) for i in path)]
            assert close(target[0, node], fresh(pair.target, before))
            if node:
                assert close(draft.laws[0, node - 1], fresh(pair.draft, before[:-1]))
        end += one.emitted


def test_a_draft_equal_to_its_target_is_always_kept(networks):
    made = generate(networks.target, networks.target, PROMPT, gamma=4, max_new_tokens=25, rng=1, eos=())
    assert [one.kept for one in made.rounds] == [4] * 5


def test_two_networks_of_one_law_keep_all_or_nothing():
    same, other = iid([1.0, 0.0]), iid([0.0, 1.0])
    assert generate(same, same, [0], gamma=2, max_new_tokens=6).acceptance == 1
    assert generate(same, other, [0], gamma=2, max_new_tokens=6).acceptance == 0
