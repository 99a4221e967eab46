"""Tiny random-weight networks: losslessness and cache handling do not need trained ones."""

import pytest
import torch
from transformers import (
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
)

from specsim.models.transformers_model import CausalLM

SMALL = {
    "vocab_size": 17,
    "hidden_size": 16,
    "intermediate_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "max_position_embeddings": 64,
    "initializer_range": 0.5,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
}


def llama():
    return LlamaForCausalLM(LlamaConfig(**SMALL))


def gpt2():
    config = GPT2Config(
        vocab_size=17,
        n_embd=16,
        n_layer=2,
        n_head=2,
        n_positions=64,
        initializer_range=0.5,
        bos_token_id=1,
        eos_token_id=2,
    )
    return GPT2LMHeadModel(config)


def mistral():
    """Every layer sees a window of 4 tokens only."""
    return MistralForCausalLM(MistralConfig(**SMALL, sliding_window=4))


def gemma3():
    """One layer with a window of 4 tokens, one without."""
    layers = ["sliding_attention", "full_attention"]
    return Gemma3ForCausalLM(Gemma3TextConfig(**SMALL, head_dim=8, sliding_window=4, layer_types=layers))


@pytest.fixture(scope="session", params=[llama, gpt2, mistral, gemma3], ids=lambda make: make.__name__)
def network(request):
    torch.set_num_threads(1)
    torch.manual_seed(5)
    return CausalLM(request.param())


@pytest.fixture(scope="session")
def tiny():
    torch.set_num_threads(1)
    torch.manual_seed(5)
    return CausalLM(llama())
