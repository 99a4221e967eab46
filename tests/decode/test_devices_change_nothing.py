"""Every kind of draft gives the same texts on a GPU, from the same uniforms, in double precision."""

import pytest

from specsim.decode import early_exit, generate, hierarchical, prompt_lookup, string_match
from specsim.models.transformers_model import CausalLM

from .conftest import bigram, gpt2, llama
from .tokenizers_of_letters import AB, BC

DRAFTS = {
    "a model": lambda target, other: llama_on(other.device, 2),
    "n-grams": lambda target, other: bigram(),
    "look-up": lambda target, other: prompt_lookup(2),
    "early exit": lambda target, other: early_exit(target, 1),
    "hierarchical": lambda target, other: hierarchical(llama_on(other.device, 2), bigram(), gamma=2),
    "other tokens": lambda target, other: other,
    "strings": lambda target, other: string_match(other),
}


def llama_on(device, seed, **settings):
    made = llama(seed, **settings)
    return CausalLM(made.model.to(device), made.tokenizer)


def texts(device, draft):
    target, other = llama_on(device, 1, layers=2), CausalLM(gpt2(3).model.to(device), BC)
    if draft in ("other tokens", "strings"):
        target.tokenizer = AB
    settings = {"gamma": 3, "max_new_tokens": 20, "rng": 5, "eos": ()}
    made = generate(target, DRAFTS[draft](target, other), [[1, 0, 2], [3], [0, 1, 1, 2]], **settings)
    return [(one.tokens, [part.kept for part in one.rounds]) for one in made]


@pytest.mark.gpu
@pytest.mark.parametrize("draft", DRAFTS)
def test_on_a_gpu_texts_are_the_same(draft):
    assert texts("cuda", draft) == texts("cpu", draft)
