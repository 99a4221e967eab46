"""`model.generate(custom_generate=speculative_generate)` returns what `model.generate` does."""

import numpy as np
import pytest
import torch
from transformers import GenerationConfig
from transformers.generation import StopStringCriteria

from specsim.decode import generate, lengths, prompt_lookup
from specsim.decode.drop_in import speculative_generate
from specsim.models import load_pair
from tests.encoder_decoders import t5

from .conftest import gpt2, llama

PROMPT = torch.tensor([[1, 4, 1, 5]])
BATCH = torch.tensor([[0, 0, 1, 5], [1, 0, 1, 3], [0, 4, 4, 4]])
THERE = torch.tensor([[0, 0, 1, 1], [1, 1, 1, 1], [0, 1, 1, 1]])
SETTINGS = {
    "plain": {},
    "no end": {"eos_token_id": None},
    "repetition": {"repetition_penalty": 1.7},
    "n-grams": {"no_repeat_ngram_size": 2},
    "least length": {"min_new_tokens": 9},
    "words": {"bad_words_ids": [[3], [5, 5]], "suppress_tokens": [6]},
    "forced end": {"forced_eos_token_id": 2},
}
DRAFTS = {
    "model": {"draft": llama(2), "gamma": 3},
    "network": {"draft": llama(2).model, "rule": "block"},
    "name": {"draft": "lookup:2"},
    "source": {"draft": prompt_lookup(2), "gamma": lengths.schedule(2)},
    "tree": {"draft": gpt2(2), "shape": "tree:2,2", "rule": "traversal"},
}


def both(model, ids, drafts, **settings):
    """What transformers makes of it, without and with a draft."""
    torch.manual_seed(0)
    plain = model.generate(ids, max_new_tokens=12, **settings)
    return plain, model.generate(
        ids, max_new_tokens=12, custom_generate=speculative_generate, **drafts, **settings
    )


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_greedy_texts_are_the_same(networks, settings):
    plain, made = both(networks.target.model, PROMPT, DRAFTS["model"], do_sample=False, **settings)
    assert torch.equal(plain, made)


@pytest.mark.parametrize("drafts", DRAFTS.values(), ids=DRAFTS)
def test_any_draft_will_do(networks, drafts):
    plain, made = both(networks.target.model, PROMPT, drafts, do_sample=False)
    assert torch.equal(plain, made)


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_prompts_may_be_padded_in_front(networks, settings):
    chosen = {"attention_mask": THERE, "do_sample": False, **settings}
    plain, made = both(networks.target.model, BATCH, DRAFTS["model"], **chosen)
    assert torch.equal(plain, made)


@pytest.mark.parametrize("settings", [{}, {"num_return_sequences": 2}, {"num_beams": 1}], ids=str)
def test_sources_may_be_given_to_encoder_decoders(settings):
    target, drafts = t5(3).model, {"draft": t5(2).model, "gamma": 2}
    there = torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0], [1, 1, 0, 0]])
    chosen = {
        "attention_mask": there,
        "do_sample": "num_return_sequences" in settings,
        "top_k": 1,
        **settings,
    }
    plain, made = both(target, torch.tensor([[3, 4, 5, 2], [6, 5, 2, 0], [1, 2, 0, 0]]), drafts, **chosen)
    assert torch.equal(plain, made)


def test_texts_for_a_source_begin_with_their_start_token_alone():
    begun = {"decoder_input_ids": torch.tensor([[0, 3, 4]]), "custom_generate": speculative_generate}
    with pytest.raises(ValueError, match="begins with its start token alone"):
        t5(3).model.generate(torch.tensor([[3, 4, 5]]), draft=t5(2), max_new_tokens=4, **begun)


def test_drawn_texts_are_those_of_decode_generate(networks):
    config = GenerationConfig(
        do_sample=True, temperature=0.7, top_k=5, top_p=0.9, max_new_tokens=12, pad_token_id=0
    )
    arguments = {"custom_generate": speculative_generate, "draft": networks.draft, "gamma": 3}
    torch.manual_seed(3)
    made = networks.target.model.generate(BATCH, attention_mask=THERE, generation_config=config, **arguments)
    torch.manual_seed(3)
    seeds = torch.randint(2**62, (3,)).tolist()
    prompts = [row[there > 0].tolist() for row, there in zip(BATCH, THERE)]
    rest = {"gamma": 3, "max_new_tokens": 12, "processors": config}
    for row, one in zip(made, generate(networks.target, networks.draft, prompts, rng=seeds, **rest)):
        assert row[4 : 4 + len(one.tokens)].tolist() == list(one.tokens)


def test_texts_end_where_a_criterion_says():
    pair = load_pair("builtin")
    ids = torch.tensor([pair.tokenizer("The function returns")["input_ids"]])
    ends = [StopStringCriteria(pair.tokenizer, [" the", "."])]
    drafts = {"draft": pair.draft, "gamma": 4, "stopping_criteria": ends}
    made = pair.target.model.generate(
        ids, max_new_tokens=40, do_sample=False, custom_generate=speculative_generate, **drafts
    )
    plain = pair.target.model.generate(ids, max_new_tokens=40, do_sample=False, stopping_criteria=ends)
    assert torch.equal(plain, made)
    assert made.shape[1] < ids.shape[1] + 40


def test_a_criterion_may_be_a_function(networks):
    ends = lambda ids, scores: ids.shape[1] == 9  # noqa: E731
    made = generate(networks.target, networks.draft, [1, 0, 1], stop=ends, eos=(), rng=1, gamma=3)
    assert (len(made.tokens), made.stopped) == (6, "stop")


def test_processors_may_be_given_for_each_prompt(networks):
    bans = [
        lambda ids, logits, token=token: logits.index_fill(1, torch.tensor([token]), -np.inf)
        for token in (3, 5)
    ]
    chosen = {"gamma": 3, "max_new_tokens": 12, "eos": ()}
    together = generate(networks.target, networks.draft, [[1], [1, 4]], processors=bans, rng=[7, 8], **chosen)
    for made, prompt, ban, seed in zip(together, ([1], [1, 4]), bans, (7, 8)):
        own = generate(networks.target, networks.draft, prompt, processors=ban, rng=seed, **chosen)
        assert made.tokens == own.tokens
    assert 3 not in together[0].tokens
    assert 5 not in together[1].tokens


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"num_beams": 2}, "it has no beam_search"),
        ({"return_dict_in_generate": True}, "returns ids only"),
        ({"draft": None}, "say what drafts"),
        ({"draft": "exit:9"}, "an early exit keeps"),
        ({"guidance_scale": 1.5}, "remembers what it was shown"),
        ({"attention_mask": THERE.flip(1)}, "must be padded in front"),
        ({"token_type_ids": THERE}, "cannot use token_type_ids"),
    ],
    ids=lambda case: next(iter(case)) if isinstance(case, dict) else "",
)
def test_what_it_cannot_do_it_refuses(settings, message):
    model, drafts = gpt2(1).model, DRAFTS["model"]
    with pytest.raises(ValueError, match=message):
        model.generate(
            BATCH, custom_generate=speculative_generate, **{"max_new_tokens": 4, **drafts, **settings}
        )


def test_processors_may_look_at_rows_by_number(networks):
    allowed = [[1, 3, 4], [5, 6], [0, 2, 3]]
    chosen = {"attention_mask": THERE, "prefix_allowed_tokens_fn": lambda row, ids: allowed[row]}
    plain, made = both(networks.target.model, BATCH, DRAFTS["model"], do_sample=False, **chosen)
    assert torch.equal(plain, made)
