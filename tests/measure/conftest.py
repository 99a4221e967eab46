"""A real pair in miniature: two random Llamas over a tokenizer of a few words, with prompts in a file."""

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from specsim.models import load_pair

WORDS = ("<unk>", "a", "draft", "is", "checked", "by", "the", "target", "and", "kept", "or", "not")


@pytest.fixture(scope="session")
def word_pair(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pair")
    words = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    for seed, name in enumerate(("target", "draft")):
        torch.manual_seed(seed)
        config = LlamaConfig(
            vocab_size=len(WORDS),
            hidden_size=16,
            intermediate_size=16,
            num_hidden_layers=2 - seed,
            num_attention_heads=2,
            max_position_embeddings=256,
            initializer_range=0.4,
        )
        LlamaForCausalLM(config).save_pretrained(folder / name)
        PreTrainedTokenizerFast(tokenizer_object=words).save_pretrained(folder / name)
    prompts = folder / "prompts.txt"
    prompts.write_text("a draft\n\nthe target is checked\n\na draft or not\n\nby the target\n")
    return load_pair(str(folder)), prompts
