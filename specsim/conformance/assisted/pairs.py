"""Tiny random models, and tokenizers that do not agree."""

from functools import cache
from typing import Any

WORDS = ("a", "b", "c")
"""The vocabulary of the target; the other tokenizer orders it in another way, and knows one word more."""
OTHER_WORDS = ("d", "c", "a", "b")


@cache
def model(seed: int, vocab: int = len(WORDS), layers: int = 1) -> Any:
    """A Llama of this many layers of width 8, its weights normal with a standard deviation of 1."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=vocab,
        hidden_size=8,
        intermediate_size=8,
        num_hidden_layers=layers,
        num_attention_heads=2,
        max_position_embeddings=64,
        initializer_range=1.0,
        bos_token_id=None,
        eos_token_id=None,
        pad_token_id=None,
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return LlamaForCausalLM(config).eval()


@cache
def tokenizer(words: tuple[str, ...], listed: tuple[str, ...]) -> Any:
    """A tokenizer of one token per word. listed: the words as its get_vocab() has them, in any order."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    whole = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token=words[0]))
    whole.pre_tokenizer = pre_tokenizers.Whitespace()
    made = PreTrainedTokenizerFast(tokenizer_object=whole, pad_token=words[0])
    setattr(made, "get_vocab", lambda: {word: words.index(word) for word in listed})  # noqa: B010, mypy
    return made
