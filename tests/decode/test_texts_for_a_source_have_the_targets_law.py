"""Encoder-decoder targets: what is written for a source has the target's own law, whatever drafts for it."""

import numpy as np
import pytest
import torch
from transformers import GenerationConfig

from specsim.core import as_shape, height, rules
from specsim.decode import autoregressive, generate, prompt_lookup, warp
from specsim.models import Pair
from specsim.shapes import read_shape
from tests.encoder_decoders import bart, t5

from .conftest import bigram, llama
from .enumeration import PROMPT, close, completed, output_law, string_law

SOURCES = [[1, 0, 1], [1, 6], [0, 1, 1, 5, 1, 0, 3], [4, 0]]
TARGET, DRAFT = t5(1, layers=2), t5(2)
DRAFTS = {"t5": DRAFT, "llama": llama(2), "bigram": bigram(), "lookup": prompt_lookup()}
BEGUN = (0,)


@pytest.mark.theorem("lossless")
@pytest.mark.parametrize(
    "rule, shape",
    [("token", "chain:2"), ("block", "chain:2"), ("traversal", "tree:2,1"), ("token", "tree:2,1:top")],
)
@pytest.mark.parametrize("sampling", [{}, {"temperature": 0.7, "top_p": 0.9}], ids=["plain", "warped"])
def test_one_round_completed_by_the_target_has_the_targets_law(rule, shape, sampling):
    pair, warped, full = (
        Pair(t5(1, vocabulary=3), t5(2, vocabulary=3)),
        warp(**sampling),
        as_shape(read_shape(shape)),
    )
    target, draft = (model.given([PROMPT]) for model in (pair.target, pair.draft))
    emitted = output_law(pair, rules.get(rule), full, warped, sampling, written=(draft, BEGUN))
    long = height(full) + 1
    expected = string_law(target, long, warped, BEGUN)
    assert close(completed(emitted, target, long, warped, BEGUN), expected)


CHAIN, TREE = {"gamma": 3}, {"shape": "tree:2,1,1"}


@pytest.mark.parametrize(
    "name, drafts",
    [*((name, CHAIN) for name in DRAFTS), *((name, TREE) for name in ("t5", "llama", "bigram"))],
)
def test_every_text_is_what_it_is_alone(name, drafts):
    draft, chosen = DRAFTS[name], {**drafts, "eos": [2], "max_new_tokens": 12}
    together = generate(TARGET, draft, SOURCES, rng=4, **chosen)
    for i, (source, made) in enumerate(zip(SOURCES, together)):
        own = generate(TARGET, draft, source, rng=np.random.default_rng([4, i]), **chosen)
        assert made.prompt == own.prompt == tuple(source)
        assert (made.tokens, made.stopped) == (own.tokens, own.stopped)
        assert [one.kept for one in made.rounds] == [one.kept for one in own.rounds]


CONFIG = {"repetition_penalty": 1.5, "no_repeat_ngram_size": 2, "min_new_tokens": 6, "max_new_tokens": 10}


@pytest.mark.parametrize("config", [{"max_new_tokens": 10}, CONFIG], ids=["plain", "processed"])
def test_greedy_texts_are_those_of_transformers(config):
    target = t5(3)
    wanted = GenerationConfig(
        do_sample=False, pad_token_id=0, eos_token_id=2, decoder_start_token_id=0, **config
    )
    for source in SOURCES:
        ids = target.model.generate(torch.tensor([source]), generation_config=wanted)[0, 1:].tolist()
        for made in (
            generate(target, DRAFT, source, processors=wanted, max_new_tokens=10),
            autoregressive(target, source, processors=wanted, max_new_tokens=10),
        ):
            assert list(made.tokens) == ids


def test_decoders_that_cannot_be_told_what_tokens_see_write_the_same_chains():
    target, draft = bart(1), bart(2)
    chosen = {"max_new_tokens": 12, "eos": (), "rng": [5, 6, 7, 8]}
    together = generate(target, draft, SOURCES, gamma=2, **chosen)
    plain = autoregressive(target, SOURCES, temperature=0, **chosen)
    for i, source in enumerate(SOURCES):
        own = {**chosen, "rng": 5 + i}
        assert together[i].tokens == generate(target, draft, source, gamma=2, **own).tokens
        assert plain[i].tokens == generate(target, draft, source, gamma=2, temperature=0, **own).tokens


def test_decoders_that_cannot_be_told_what_tokens_see_refuse_trees():
    with pytest.raises(ValueError, match=r"cannot read a tree of tokens in one pass.*draft chains"):
        generate(bart(1), bart(2), SOURCES, shape="tree:2,1", rng=1)


def test_the_context_of_a_decoder_fills_with_what_is_written_only():
    target = bart(1)
    made = generate(target, bart(2), SOURCES[2], gamma=3, max_new_tokens=50, eos=(), rng=1)
    assert (len(made.tokens), made.stopped) == (15, "context")


def test_a_draft_that_reads_sources_needs_a_target_that_does():
    with pytest.raises(ValueError, match="encoder-decoder draft needs an encoder-decoder target"):
        generate(llama(1), DRAFT, [1, 0])
