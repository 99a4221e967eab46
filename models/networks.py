"""The two networks: their sizes, fresh or from a checkpoint."""

from pathlib import Path

import torch
from corpus import CONTEXT, VOCABULARY
from transformers import LlamaConfig, LlamaForCausalLM

SIZES = {
    "target": {"hidden_size": 256, "layers": 4, "heads": 4, "intermediate_size": 704},
    "draft": {"hidden_size": 192, "layers": 1, "heads": 3, "intermediate_size": 512},
}


def build(name: str) -> LlamaForCausalLM:
    """Return a fresh Llama of the size named ``target`` or ``draft``."""
    size = dict(SIZES[name])
    heads = size.pop("heads")
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        num_hidden_layers=size.pop("layers"),
        num_attention_heads=heads,
        num_key_value_heads=heads,
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=True,
        bos_token_id=0,
        eos_token_id=0,
        attn_implementation="eager",
        **size,
    )
    return LlamaForCausalLM(config)


def trained(name: str, work: Path, size: str) -> LlamaForCausalLM:
    """Return the model of a checkpoint, in evaluation mode."""
    model = build(size)
    model.load_state_dict(torch.load(work / f"{name}.pt", weights_only=True)["model"])
    return model.eval()
