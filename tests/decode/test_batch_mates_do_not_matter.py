"""A text that is decoded beside others is the text that it is alone, whatever their lengths and ends."""

import numpy as np
import pytest

from specsim.decode import autoregressive, generate
from specsim.models import Pair, markov

from .conftest import gpt2, llama, pair_named

PROMPTS = [[1, 0, 1], [1], [0, 1, 1, 0, 1, 0, 0], [1, 0]]
SETTINGS = {
    "a chain": {"gamma": 3, "rule": "block"},
    "a tree": {"shape": "tree:2,1,1", "rule": "traversal"},
    "chains": {"shape": "chains:2,3:distinct"},
    "end tokens": {"gamma": 3, "eos": [0]},
    "greedy": {"gamma": 2, "temperature": 0},
}


def alone(pair, prompt, i, **settings):
    return generate(pair.target, pair.draft, prompt, rng=np.random.default_rng([4, i]), **settings)


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
@pytest.mark.parametrize("name", ["regimes", "fractions", "llama, llama", "gpt2, llama", "llama, bigram"])
def test_every_text_is_what_it_is_alone(name, settings):
    pair, chosen = pair_named(name), {"eos": (), "max_new_tokens": 12, **settings}
    together = generate(pair.target, pair.draft, PROMPTS, rng=4, **chosen)
    for i, (prompt, made) in enumerate(zip(PROMPTS, together)):
        own = alone(pair, prompt, i, **chosen)
        assert (made.tokens, made.stopped) == (own.tokens, own.stopped)
        assert [(one.drafted, one.kept) for one in made.rounds] == [
            (one.drafted, one.kept) for one in own.rounds
        ]


@pytest.mark.parametrize("shape", ["chains:2,3", "parent:0,1,0,2,3,0", "tree:3,1"])
def test_trees_that_are_cut_for_some_texts_only_are_decided_by_their_own_part(shape):
    laws = np.random.default_rng(1).dirichlet(np.ones(3), (2, 3))
    pair = Pair(*(markov([1, 0, 0], rows) for rows in laws))
    chosen = {"shape": shape, "eos": (), "max_new_tokens": 6}
    prompts = [[i % 3] for i in range(150)]
    for i, made in enumerate(generate(pair.target, pair.draft, prompts, rng=4, **chosen)):
        own = alone(pair, prompts[i], i, **chosen)
        assert made.tokens == own.tokens
        assert [one.kept for one in made.rounds] == [one.kept for one in own.rounds]


@pytest.mark.parametrize("shape", ["chain:3", "chains:2,3"])
def test_contexts_end_for_each_text_by_itself(shape):
    pair = Pair(gpt2(1, window=16), llama(2, window=12))
    chosen = {"shape": shape, "eos": (), "max_new_tokens": 50}
    for i, made in enumerate(generate(pair.target, pair.draft, PROMPTS, rng=4, **chosen)):
        assert made.tokens == alone(pair, PROMPTS[i], i, **chosen).tokens
        assert (len(made.prompt) + len(made.tokens), made.stopped) == (16, "context")


def test_a_batch_may_be_given_its_uniforms(networks):
    rows = np.random.default_rng(0).random((4, 12, 5))
    settings = {"gamma": 3, "eos": (), "max_new_tokens": 12}
    together = generate(networks.target, networks.draft, PROMPTS, uniforms=rows, **settings)
    for prompt, uniforms, made in zip(PROMPTS, rows, together):
        own = generate(networks.target, networks.draft, prompt, uniforms=uniforms, **settings)
        assert made.tokens == own.tokens


def test_a_list_of_one_gives_a_list_of_one(networks):
    (made,) = generate(networks.target, networks.draft, [[1, 0]], max_new_tokens=5, rng=1)
    assert made.prompt == (1, 0)


@pytest.mark.parametrize("settings", [{}, {"eos": [0]}, {"temperature": 0}, {"logprobs": True}], ids=str)
@pytest.mark.parametrize("name", ["regimes", "fractions", "llama, llama", "gpt2, llama"])
def test_plain_texts_are_what_they_are_alone(name, settings):
    target, chosen = pair_named(name).target, {"eos": (), "max_new_tokens": 12, **settings}
    together = autoregressive(target, PROMPTS, rng=4, **chosen)
    for i, (prompt, made) in enumerate(zip(PROMPTS, together)):
        own = autoregressive(target, prompt, rng=np.random.default_rng([4, i]), **chosen)
        assert (made.tokens, made.stopped, len(made.rounds)) == (own.tokens, own.stopped, len(own.tokens))
        assert made.logprobs == pytest.approx(own.logprobs)


def test_plain_texts_may_be_given_their_uniforms(networks):
    rows = np.random.default_rng(0).random((4, 12))
    settings = {"eos": (), "max_new_tokens": 12}
    for made, prompt, row in zip(
        autoregressive(networks.target, PROMPTS, uniforms=rows, **settings), PROMPTS, rows
    ):
        assert made.tokens == autoregressive(networks.target, prompt, uniforms=row, **settings).tokens


@pytest.mark.parametrize("decode", ["generate", "autoregressive"])
def test_each_text_may_have_its_own_seed(networks, decode):
    def made(prompt, rng):
        if decode == "generate":
            return generate(networks.target, networks.draft, prompt, rng=rng, gamma=3)
        return autoregressive(networks.target, prompt, rng=rng)

    for one, prompt, seed in zip(made(PROMPTS, [5, 6, 7, 5]), PROMPTS, [5, 6, 7, 5]):
        assert one.tokens == made(prompt, seed).tokens


@pytest.mark.parametrize("prompt, got", [([1, 0], "2 seeds, one prompt"), (PROMPTS, "2 seeds, 4 prompts")])
def test_there_are_as_many_seeds_as_prompts(networks, prompt, got):
    with pytest.raises(ValueError, match=got):
        generate(networks.target, networks.draft, prompt, rng=[1, 2])


def test_a_generator_gives_each_text_one_of_its_own(networks):
    first, second = generate(networks.target, networks.draft, [[1], [1]], rng=np.random.default_rng(1))
    assert first.tokens != second.tokens
