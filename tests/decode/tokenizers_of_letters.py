"""Tiny tokenizers over the letters a, b, c, which cut texts differently, and models that read them."""

from dataclasses import dataclass
from typing import Any

from tokenizers import Tokenizer, decoders, models, processors
from transformers import PreTrainedTokenizerFast


def tokenizer(tokens, merges=(), start=None):
    """Byte-pair encoding: these tokens have the ids 0, 1, ...; start: a token that begins every text."""
    ids = {token: index for index, token in enumerate(tokens)}
    made = Tokenizer(models.BPE(vocab=ids, merges=[tuple(pair) for pair in merges]))
    made.decoder = decoders.Fuse()
    if start:
        made.add_special_tokens([start])
        made.post_processor = processors.TemplateProcessing(
            single=f"{start} $0", special_tokens=[(start, ids[start])]
        )
    return PreTrainedTokenizerFast(tokenizer_object=made, bos_token=start)


AB = tokenizer(["a", "b", "c", "ab"], [("a", "b")])
BC = tokenizer(["<s>", "bc", "c", "b", "a", "aa"], [("b", "c"), ("a", "a")], start="<s>")


@dataclass(eq=False)
class Told:
    """A model with a tokenizer."""

    model: Any
    tokenizer: Any
    order: int | None = None
    homogeneous: bool = False

    def __post_init__(self):
        self.vocab_size = self.model.vocab_size

    def __call__(self, tokens):
        return self.model(tokens)


def with_tokenizer(network, own):
    """A network of conftest, given a tokenizer."""
    network.tokenizer = own
    return network
