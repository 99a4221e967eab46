"""Bad input is refused before anything is drawn, with what must hold, what came and what to do."""

import numpy as np
import pytest
import torch

from specsim.core import chain, siblings, tree
from specsim.decode import autoregressive, generate
from specsim.models import iid

from .conftest import llama

TOY = iid([0.5, 0.3, 0.2])

BAD = {
    "an empty prompt": ({"prompt": []}, "at least one token"),
    "rows of prompts": ({"prompt": np.array([[0, 1], [1, 0]])}, "one row"),
    "an empty prompt among several": ({"prompt": [[0, 1], []]}, "at least one token"),
    "uniforms for other prompts": ({"prompt": [[0], [1]], "uniforms": [np.zeros((2, 7))]}, "2 prompts need"),
    "gamma and a shape": ({"gamma": 2, "shape": chain(2)}, "not both"),
    "a rule for chains and a tree": ({"rule": "block", "shape": siblings(2)}, "for trees use traversal"),
    "a lossy rule and a tree": ({"rule": "lossy:lenient", "shape": tree(2, 1)}, "single chain"),
    "a rule for equal laws": ({"rule": "k_seq", "shape": siblings(2, "distinct")}, "use siblings:2"),
    "no shape": ({"shape": "tre:2"}, "'tre:2' is no shape"),
    "an unknown token": ({"prompt": [0, 3]}, "0..2, got 3"),
    "no integers": ({"prompt": [0.5]}, "must be integers"),
    "a text without a tokenizer": ({"prompt": "to be"}, "no tokenizer"),
    "another vocabulary": ({"draft": iid([0.5, 0.5])}, r"3 \(target\) and 2 \(draft\)"),
    "a name for a model": ({"draft": "builtin"}, "a model is a function"),
    "gamma 0": ({"gamma": 0}, "gamma must be a whole number of at least 1, got 0"),
    "half a gamma": ({"gamma": 2.5}, "gamma must"),
    "no tokens wanted": ({"max_new_tokens": 0}, "max_new_tokens must"),
    "a cold temperature": ({"temperature": -0.1}, "temperature must"),
    "no nucleus": ({"top_p": 0.0}, "top_p must"),
    "negative top_k": ({"top_k": -1}, "top_k must"),
    "an unknown rule": ({"rule": "blck"}, "there is no rule 'blck'; choose one of"),
    "no rule": ({"rule": 3}, "a rule is one of"),
    "an end token as text": ({"eos": "</s>"}, "end tokens must be integers"),
    "an end token beyond the vocabulary": ({"eos": 3}, "end tokens must lie in 0..2, got 3"),
    "flat uniforms": ({"uniforms": [0.5, 0.5]}, r"\(rounds, 7\)"),
    "narrow uniforms": ({"uniforms": [[0.5, 0.5]]}, r"\(\.\.\., 7\)"),
    "uniforms of 1": ({"uniforms": np.ones((2, 7))}, r"lie in \[0, 1\)"),
    "too few uniforms": ({"uniforms": np.full((1, 7), 0.5)}, "1 rows of uniforms"),
}


@pytest.mark.parametrize("case", BAD.values(), ids=BAD)
def test_bad_input_is_refused(case):
    changed, message = case
    settings = {"target": TOY, "draft": iid([0.2, 0.5, 0.3]), "prompt": [0], **changed}
    with pytest.raises(ValueError, match=message):
        generate(settings.pop("target"), settings.pop("draft"), settings.pop("prompt"), **settings)


@pytest.mark.parametrize(
    "changed", [{"prompt": []}, {"max_new_tokens": 0}, {"temperature": -1}, {"uniforms": [1.0]}], ids=str
)
def test_plain_decoding_refuses_the_same(changed):
    with pytest.raises(ValueError):
        autoregressive(TOY, **{"prompt": [0], **changed})


@pytest.mark.parametrize("models", [(llama(1, window=8), llama(2)), (llama(1), llama(2, window=8))])
def test_a_prompt_that_fills_a_context_is_refused(models):
    with pytest.raises(ValueError, match="got 8 tokens for a context of 8"):
        generate(*models, [1] * 8)


def test_laws_that_are_none_are_refused():
    class Broken:
        vocab_size, order, homogeneous = 3, None, False

        def __call__(self, tokens):
            return np.full((len(tokens), 3), 0.5)

    with pytest.raises(ValueError, match=r"sums to 1\.5"):
        generate(Broken(), TOY, [0])
    with pytest.raises(ValueError, match=r"sums to 1\.5"):
        generate(TOY, Broken(), [0])


def test_laws_that_cease_to_be_any_are_refused_in_whatever_round_they_do():
    class Tiring:
        vocab_size, order, homogeneous = 3, None, False

        def __call__(self, tokens):
            return np.full((len(tokens), 3), 1 / 3 if tokens.shape[1] < 20 else 0.5)

    with pytest.raises(ValueError, match=r"sums to 1\.5"):
        generate(Tiring(), TOY, [0], rng=1)


@pytest.mark.parametrize("prompt", [(0, 1), np.array([[0, 1]]), torch.tensor([0, 1]), torch.tensor([[0, 1]])])
def test_a_prompt_may_come_in_any_container(prompt):
    assert generate(TOY, TOY, prompt, max_new_tokens=4, rng=1).prompt == (0, 1)


def test_a_text_is_tokenised_and_the_answer_is_one():
    class Letters:
        def __call__(self, text):
            return {"input_ids": ["abcdefg".index(letter) for letter in text]}

        def decode(self, ids, skip_special_tokens):
            return "".join("abcdefg"[i] for i in ids)

    target = llama(1)
    target.tokenizer = Letters()
    made = generate(target, llama(2), "bad", max_new_tokens=5, rng=1, eos=())
    assert made.prompt == (1, 0, 3)
    assert made.text == Letters().decode(made.tokens, skip_special_tokens=True)
