"""Returned log-probabilities are the target's, with all settings applied, kept token or not."""

import numpy as np
import pytest

from specsim.decode import autoregressive, generate, prompt_lookup, warp

from .conftest import pair_named
from .enumeration import next_law

SAMPLING = [{}, {"temperature": 0.7, "top_k": 5, "top_p": 0.9}]
HOW = {
    "chain": {"gamma": 3, "rule": "block"},
    "tree": {"shape": "tree:2,2", "rule": "traversal"},
    "chosen siblings": {"shape": "tree:2,1:top"},
    "match": {"gamma": 2, "rule": "match"},
}


def expected(target, made, sampling):
    """From fresh sessions, token by token."""
    text, warped = made.prompt + made.tokens, warp(**sampling)
    begin = len(made.prompt)
    return [np.log(next_law(target, text[:end], warped)[text[end]]) for end in range(begin, len(text))]


@pytest.mark.parametrize("sampling", SAMPLING, ids=["plain", "warped"])
@pytest.mark.parametrize("how", HOW.values(), ids=HOW)
@pytest.mark.parametrize("name", ["regimes", "llama, llama", "gpt2, llama", "llama, bigram"])
def test_they_are_those_of_a_fresh_model(name, how, sampling):
    pair, prompts = pair_named(name), [[1, 0, 1], [1], [0, 1]]
    made = generate(
        pair.target, pair.draft, prompts, rng=3, logprobs=True, max_new_tokens=12, eos=[0], **how, **sampling
    )
    for text in made:
        np.testing.assert_allclose(text.logprobs, expected(pair.target, text, sampling), atol=1e-9)


@pytest.mark.parametrize("sampling", SAMPLING, ids=["plain", "warped"])
def test_plain_decoding_and_copied_drafts_return_them_too(sampling):
    target = pair_named("llama, llama").target
    settings = {"rng": 3, "logprobs": True, "max_new_tokens": 12, "eos": (), **sampling}
    for made in (
        autoregressive(target, [1, 0], **settings),
        generate(target, prompt_lookup(), [1, 0], **settings),
    ):
        np.testing.assert_allclose(made.logprobs, expected(target, made, sampling), atol=1e-9)


def test_nothing_is_returned_unless_asked_for(networks):
    settings = {"rng": 3, "max_new_tokens": 9}
    asked, unasked = (
        generate(networks.target, networks.draft, [1, 0], logprobs=logprobs, **settings)
        for logprobs in (True, False)
    )
    assert asked.tokens == unasked.tokens
    assert unasked.logprobs is None
    assert len(asked.logprobs) == len(asked.tokens)


def test_what_only_a_lossy_rule_can_emit_has_no_chance():
    pair = pair_named("toy")
    made = generate(
        pair.target, pair.draft, [0], top_k=1, rule=always_the_last, logprobs=True, max_new_tokens=3, rng=0
    )
    assert made.logprobs == (-np.inf,) * 3


def always_the_last(target, draft):
    """Keep nothing, and emit the last token whatever the target says."""
    from specsim.core import Plan

    stop = np.eye(target.shape[1])[:1]
    return Plan(stop, np.broadcast_to(np.eye(target.shape[2])[-1], target.shape))
