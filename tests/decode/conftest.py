"""Pairs to decode with: laws that are written down, and tiny networks with random weights, in float64."""

from dataclasses import dataclass
from fractions import Fraction as F
from typing import Any

import numpy as np
import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

from specsim.models import Pair, iid, load_pair, markov, ngram
from specsim.models.transformers_model import CausalLM

VOCABULARY = 7
HALVES = [[F(1, 2), F(1, 2)], [F(1, 4), F(3, 4)]]
IDS = {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}


def llama(seed, width=16, window=64, vocabulary=VOCABULARY, layers=1):
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=width,
        intermediate_size=width,
        num_hidden_layers=layers,
        num_attention_heads=2,
        max_position_embeddings=window,
        initializer_range=0.5,
        **IDS,
    )
    return CausalLM(LlamaForCausalLM(config).double())


def gpt2(seed, window=64, layers=1):
    torch.manual_seed(seed)
    config = GPT2Config(
        vocab_size=VOCABULARY,
        n_embd=8,
        n_layer=layers,
        n_head=2,
        n_positions=window,
        initializer_range=0.7,
        **IDS,
    )
    return CausalLM(GPT2LMHeadModel(config).double())


def bigram():
    text = np.random.default_rng(3).integers(0, VOCABULARY, 200)
    return ngram.train([text.tolist()], vocab_size=VOCABULARY, order=2)


PAIRS = {
    "toy": lambda: load_pair("toy"),
    "regimes": lambda: load_pair("regimes"),
    "fractions": lambda: Pair(markov([1, 0], HALVES), iid([F(1, 3), F(2, 3)])),
    "bigram for itself": lambda: Pair(bigram(), bigram()),
    "llama, llama": lambda: Pair(llama(1), llama(2, width=8)),
    "gpt2, llama": lambda: Pair(gpt2(1), llama(2)),
    "llama, bigram": lambda: Pair(llama(1), bigram()),
    "bigram, gpt2": lambda: Pair(bigram(), gpt2(2)),
}
SMALL = {"three tokens": lambda: Pair(llama(1, vocabulary=3), llama(2, width=8, vocabulary=3))}
"""For enumerations of whole trees."""

_made: dict[str, Pair] = {}


def pair_named(name):
    """One of PAIRS or SMALL, made once."""
    if name not in _made:
        _made[name] = (PAIRS | SMALL)[name]()
    return _made[name]


@pytest.fixture(params=PAIRS)
def pair(request):
    return pair_named(request.param)


@pytest.fixture(params=["toy", "llama, llama", "gpt2, llama", "llama, bigram"])
def tieless(request):
    """Pairs whose target never has two most likely tokens."""
    return pair_named(request.param)


@pytest.fixture
def networks():
    return pair_named("llama, llama")


@dataclass
class Met:
    """A rule that lets another decide, and keeps what it was shown."""

    rule: Any

    def __post_init__(self):
        self.rounds = []

    def __call__(self, target, draft):
        plan = self.rule(target, draft)
        self.rounds.append((target, draft, plan))
        return plan
