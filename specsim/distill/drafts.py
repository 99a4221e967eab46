"""New drafts for a target: a small network from scratch, or the target's own first layers.

Over a vocabulary of V tokens a small network is mostly head: V x width numbers that each step reads once. So
the width sets the price, and the head is worth more care than the rest: it begins as the best one of its
width (see `projection`) before the first step of training. It is the embedding as well (tied); the weights of
the last norm hold the scale of each direction.
"""

from typing import Any

import torch
from transformers import AutoModelForCausalLM, GenerationConfig, LlamaConfig, LlamaForCausalLM

from .projection import Projection

HEAD_SIZE = 32


def from_scratch(target: Any, narrow: Projection, layers: int, seed: int = 0) -> LlamaForCausalLM:
    """A small Llama over the target's vocabulary around a narrow head, of the head's width.

    Raises ValueError for a width that is no multiple of 32, or for no layer.
    """
    width = narrow.head.shape[1]
    check_size(width, layers)
    wanted = target.config.get_text_config(decoder=True)
    special: dict[str, Any] = {
        name: getattr(wanted, name, None) for name in ("bos_token_id", "eos_token_id", "pad_token_id")
    }
    config = LlamaConfig(
        vocab_size=wanted.vocab_size,
        hidden_size=width,
        intermediate_size=3 * width,
        num_hidden_layers=layers,
        num_attention_heads=width // HEAD_SIZE,
        max_position_embeddings=getattr(wanted, "max_position_embeddings", 2048),
        tie_word_embeddings=True,
        **special,
    )
    torch.manual_seed(seed)
    draft = LlamaForCausalLM(config).to(target.device)
    with torch.no_grad():
        draft.model.embed_tokens.weight.copy_(narrow.head)
        draft.model.norm.weight.copy_(narrow.scale)
    return _with_defaults(draft, target)


def check_size(width: int, layers: int) -> None:
    """ValueError for a width that is no multiple of 32, or for no layer."""
    if width % HEAD_SIZE or width < HEAD_SIZE or layers < 1:
        raise ValueError(
            f"a draft needs a width that is a multiple of {HEAD_SIZE} and at least one layer, "
            f"got width {width} and {layers} layers"
        )


def truncated(target: Any, layers: int) -> Any:
    """The target's first layers with its embedding, last norm and head.

    Raises ValueError unless 1 <= layers < the target's.
    """
    config = type(target.config)(**target.config.to_dict())
    inner = config.get_text_config(decoder=True)
    if not 1 <= layers < inner.num_hidden_layers:
        raise ValueError(
            f"the target has {inner.num_hidden_layers} layers; keep at least 1 and fewer, got {layers}"
        )
    inner.num_hidden_layers = layers
    if getattr(inner, "layer_types", None):
        inner.layer_types = inner.layer_types[:layers]
    draft = AutoModelForCausalLM.from_config(config, dtype=torch.float32).to(target.device)
    kept = draft.state_dict().keys()
    draft.load_state_dict({name: value for name, value in target.state_dict().items() if name in kept})
    return _with_defaults(draft, target)


def _with_defaults(draft: Any, target: Any) -> Any:
    draft.generation_config = GenerationConfig(**target.generation_config.to_dict())
    return draft
