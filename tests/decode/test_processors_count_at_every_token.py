"""Processors of transformers see each drafted token with what stands before it, in target and draft alike."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
import torch
from transformers import (
    GenerationConfig,
    LogitsProcessorList,
    MinLengthLogitsProcessor,
    NoBadWordsLogitsProcessor,
    NoRepeatNGramLogitsProcessor,
    RepetitionPenaltyLogitsProcessor,
)

from specsim.core import every, grow, law, paths, rules
from specsim.decode import autoregressive, early_exit, generate, prompt_lookup, warp
from specsim.shapes import read_shape

from .conftest import Met, bigram, llama, pair_named
from .enumeration import PROMPT, close, middle

PROCESSORS = {
    "repetition": lambda: RepetitionPenaltyLogitsProcessor(1.8),
    "bad words": lambda: NoBadWordsLogitsProcessor([[2, 0], [1, 1], [3]]),
    "length": lambda: MinLengthLogitsProcessor(4, 0),
    "n-grams": lambda: NoRepeatNGramLogitsProcessor(2),
}
EVERYTHING = LogitsProcessorList(make() for name, make in PROCESSORS.items() if name != "n-grams")


def processed(model, processor, warped):
    """The processed law after tokens (B, t): one row at a time, from a fresh model."""

    def laws(tokens):
        ids = torch.from_numpy(tokens)
        with torch.no_grad():
            logits = model.model(ids).logits[:, -1]
        rows = zip(ids[:, None], logits[:, None])
        return warped(torch.cat([processor(ids, row.clone()) for ids, row in rows])).numpy()

    return laws


def string_law(model, length, begun=PROMPT):
    """The law of the next `length` tokens of a processed model."""
    if length == 0:
        return {(): 1.0}
    found = Counter()
    for token, chance in enumerate(model(np.array([begun]))[0]):
        if chance > 0:
            for rest, more in string_law(model, length - 1, (*begun, token)).items():
                found[token, *rest] += chance * more
    return found


def output_law(pair, rule, shape, laws, settings):
    """The law of what one round emits, over all drafts that the processed draft can make."""
    emitted = Counter()
    chances, drafts = grow(laws, np.array([PROMPT]), shape, every)
    for chance, tokens, rows in zip(chances, drafts.tokens, drafts.laws):
        met, forced = Met(rules.get(rule)), [middle(row, token) for row, token in zip(rows, tokens)]
        generate(
            pair.target, pair.draft, PROMPT, shape=shape, rule=met, uniforms=[[*forced, 0.5, 0.5]],
            eos=range(pair.target.vocab_size), **settings,
        )  # fmt: skip
        _, draft, plan = met.rounds[0]
        assert draft.tokens[0].tolist() == tokens.tolist()
        for path, row in zip(paths(draft.parent), law(plan)[0].tolist()):
            for token, weight in enumerate(row):
                emitted[*(int(tokens[node - 1]) for node in path), token] += chance * weight
    return emitted


@pytest.mark.theorem("lossless")
@pytest.mark.parametrize(
    "rule, shape", [("token", "chain:2"), ("block", "chain:2"), ("traversal", "tree:2,1")]
)
@pytest.mark.parametrize("sampling", [{}, {"temperature": 0.7, "top_p": 0.95}], ids=["plain", "warped"])
@pytest.mark.parametrize("make", PROCESSORS.values(), ids=PROCESSORS)
def test_a_round_completed_by_the_processed_target_has_its_law(make, sampling, rule, shape):
    pair = pair_named("three tokens")
    processor = make() if make is not PROCESSORS["bad words"] else NoBadWordsLogitsProcessor([[2, 0], [1, 1]])
    target, draft = (processed(model, processor, warp(**sampling)) for model in (pair.target, pair.draft))
    settings = {"processors": processor, **sampling}
    emitted, found = output_law(pair, rule, read_shape(shape), draft, settings), Counter()
    for tokens, chance in emitted.items():
        if chance > 0:
            for rest, more in string_law(target, 3 - len(tokens), (*PROMPT, *tokens)).items():
                found[*tokens, *rest] += chance * more
    assert close(found, string_law(target, 3))


@pytest.mark.parametrize("draft", [llama(2), bigram(), prompt_lookup(2), early_exit(llama(1, layers=2), 1)])
def test_greedy_texts_are_those_of_transformers(draft):
    target, prompt = llama(1), [1, 0, 1, 0]
    config = {
        "do_sample": False,
        "repetition_penalty": 1.3,
        "min_new_tokens": 9,
        "bad_words_ids": [[3], [4, 5]],
    }
    ids = torch.tensor([prompt])
    theirs = target.model.generate(
        ids,
        attention_mask=torch.ones_like(ids),
        generation_config=GenerationConfig(max_new_tokens=20, **config),
    )[0, len(prompt) :]
    settings = {"processors": GenerationConfig(**config), "max_new_tokens": 20}
    for made in (
        generate(target, draft, prompt, gamma=3, rule="greedy", **settings),
        autoregressive(target, prompt, **settings),
    ):
        assert made.tokens == tuple(theirs.tolist())


def test_a_config_samples_with_the_warpers_that_it_names():
    pair, settings = pair_named("llama, llama"), {"rng": 3, "max_new_tokens": 20, "logprobs": True}
    sampling = {"temperature": 0.7, "top_k": 4, "top_p": 0.9}
    config = GenerationConfig(do_sample=True, **sampling)
    by_config = generate(pair.target, pair.draft, [1, 0], processors=config, **settings)
    by_us = generate(pair.target, pair.draft, [1, 0], **sampling, **settings)
    assert by_config.tokens == by_us.tokens
    np.testing.assert_allclose(by_config.logprobs, by_us.logprobs, atol=1e-9)


@pytest.mark.parametrize("how", [{"gamma": 3}, {"shape": "tree:2,1,1", "rule": "traversal"}], ids=str)
def test_texts_side_by_side_are_processed_as_alone(networks, how):
    prompts = [[1, 0, 1], [1], [0, 1, 1, 0, 1, 0, 0]]
    config = GenerationConfig(do_sample=True, top_k=0, repetition_penalty=1.5, min_new_tokens=5)
    for processors in (EVERYTHING, config):
        settings = {"processors": processors, "max_new_tokens": 12, "eos": [0, 2], "logprobs": True, **how}
        together = generate(networks.target, networks.draft, prompts, rng=4, **settings)
        for i, made in enumerate(together):
            rng = np.random.default_rng([4, i])
            own = generate(networks.target, networks.draft, prompts[i], rng=rng, **settings)
            assert made.tokens == own.tokens
            np.testing.assert_allclose(made.logprobs, own.logprobs, atol=1e-9)


def test_returned_logprobs_are_those_of_the_processed_law(networks):
    made = generate(
        networks.target, networks.draft, [1, 0], processors=EVERYTHING, logprobs=True, rng=1, eos=()
    )
    target, text = processed(networks.target, EVERYTHING, warp()), (1, 0, *made.tokens)
    expected = [np.log(target(np.array([text[:end]]))[0, text[end]]) for end in range(2, len(text))]
    np.testing.assert_allclose(made.logprobs, expected, atol=1e-9)


def test_forbidden_words_never_come_however_they_are_drafted(networks):
    for draft in (networks.draft, prompt_lookup(), bigram()):
        made = generate(
            networks.target, draft, [1, 2, 0, 1], processors=PROCESSORS["bad words"](), rng=2, eos=(),
            max_new_tokens=50,
        )  # fmt: skip
        text = made.prompt[-1:] + made.tokens
        assert 3 not in made.tokens
        assert not {(2, 0), (1, 1)} & set(pairwise(text))


BAD = {
    "no function": ({"processors": [1]}, "must be a function of ids and logits"),
    "beams": ({"processors": GenerationConfig(num_beams=2)}, "sampling or greedy search"),
    "two temperatures": ({"processors": GenerationConfig(), "temperature": 0.5}, "says temperature"),
    "a table": ({"target": "toy", "processors": EVERYTHING}, "logits of a network, got Iid"),
    "infinity": ({"processors": lambda ids, logits: logits + (np.inf if ids.shape[1] > 9 else 0)}, "is inf"),
    "nothing left": (
        {"processors": lambda ids, logits: logits - np.inf},
        "some token possible, but the largest logit is -inf",
    ),
}


@pytest.mark.parametrize("case", BAD.values(), ids=BAD)
def test_what_cannot_be_processed_is_refused(case):
    settings, message = case
    pair = pair_named(settings.get("target", "llama, llama"))
    given = {k: v for k, v in settings.items() if k != "target"}
    with pytest.raises(ValueError, match=message):
        generate(pair.target, pair.draft, [1], eos=(), rng=1, **given)
