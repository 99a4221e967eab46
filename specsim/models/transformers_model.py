"""Causal language models of the `transformers` library as models: called, and read in sessions.

A `CausalLM` is a model as every other: tokens (B, t) in, laws (B, V) out. Its session keeps keys and values
(`causal_session`), so that `extend` runs the network on the new tokens only. Logits leave the network in
float32 or better before anything is exponentiated.

>>> import torch
>>> from transformers import LlamaConfig, LlamaForCausalLM
>>> config = LlamaConfig(vocab_size=11, hidden_size=8, intermediate_size=8, num_hidden_layers=1,
...                      num_attention_heads=2, max_position_embeddings=16)
>>> model = CausalLM(LlamaForCausalLM(config))
>>> reader = model.session()
>>> reader.extend(torch.tensor([[1, 2, 3]])).shape, reader.length
(torch.Size([1, 3, 11]), 3)
>>> reader.rewind(1)
>>> again = reader.extend(torch.tensor([[2, 3]]), keep=1)[:, 0]
>>> bool(torch.allclose(again, model(torch.tensor([[1, 2, 3]])), atol=1e-6))
True
"""

from functools import cached_property
from typing import Any

import torch

from specsim.core.checks import check_tokens

from .causal_session import CausalSession, as_came, as_tokens
from .columns import Columns, View, check_new
from .masks import input_device, placement, trouble, windows
from .plain_session import Warp


class CausalLM:
    """A model from a `transformers` causal language model.

    model: the network, in evaluation mode from here on and on its device already. tokenizer: its
    tokenizer, or None. Attributes as every model has them: vocab_size, order (None: the whole context
    counts), homogeneous; besides max_length, the number of tokens that the context holds, or None.
    """

    order: int | None = None
    homogeneous: bool = False

    def __init__(self, model: Any, tokenizer: Any = None) -> None:
        self.model, self.tokenizer = model.eval(), tokenizer
        self.device = input_device(model)
        config = model.config.get_text_config(decoder=True)
        self.vocab_size: int = config.vocab_size
        self.max_length: int | None = getattr(config, "max_position_embeddings", None)

    @cached_property
    def eos_token_ids(self) -> tuple[int, ...]:
        """The tokens that end a text; empty if the model names none."""
        return end_tokens(self.model)

    @torch.inference_mode()
    def __call__(self, tokens: Any) -> Any:
        """Laws (B, V) after tokens (B, t), t >= 1, from one forward pass without memory.

        Laws come as the tokens came: NumPy, or torch on the model's device. Raises ValueError for an empty
        context, ids out of range, more tokens than the model's context.
        """
        new = as_tokens(tokens)
        check_new(new, Columns(len(new)), 1, ())
        self.check(new, new.shape[1])
        return as_came(softmax(self.logits(new, keep=1))[:, 0], new)

    def session(self, warp: Warp | None = None, batch: int = 1) -> CausalSession:
        """A new session with a cache of its own; warp: from logits to laws, by default softmax."""
        return CausalSession(self, warp or softmax, batch)

    def logits(self, tokens: Any, keep: int, cache: Any = None, view: View | None = None) -> torch.Tensor:
        """Logits (B, keep, V) after the last `keep` of tokens (B, m), in float32 or better.

        view: what each token sees, where it is not all before it. Raises ValueError for networks that cannot
        be told so.
        """
        if view is not None and self.trouble_with_views:
            raise ValueError(
                f"{self.model.config.model_type} cannot read a tree of tokens, or texts of several lengths, "
                f"in one pass: {self.trouble_with_views}; draft chains for one text at a time, or load the "
                "model with attn_implementation='sdpa' or 'eager'"
            )
        return self._run(tokens, keep, cache, view)

    @cached_property
    def trouble_with_views(self) -> str:
        """Why the network cannot be told what tokens see; empty if it can. Found out by trying."""
        return trouble(self._run, self.model)

    @cached_property
    def windows(self) -> set[int | None]:
        """How far back its layers look; None: to the first token."""
        return windows(self.model.config)

    def _run(self, tokens: Any, keep: int, cache: Any, view: View | None) -> torch.Tensor:
        logits = self.model(
            input_ids=torch.as_tensor(tokens, dtype=torch.long, device=self.device),
            past_key_values=cache,
            use_cache=cache is not None,
            logits_to_keep=keep,
            **(placement(view, self.windows, self.max_length, self.model) if view is not None else {}),
        ).logits[:, -keep:]
        return at_least_float32(logits)

    def check(self, tokens: Any, length: int) -> None:
        """ValueError for ids out of range, or if `length` tokens are more than the context holds."""
        check_tokens(tokens, self.vocab_size)
        check_length(length, self.max_length)


def softmax(logits: torch.Tensor) -> torch.Tensor:
    """The law proportional to exp(logits), in the precision of the logits."""
    return torch.softmax(logits, dim=-1)


def at_least_float32(logits: torch.Tensor) -> torch.Tensor:
    """The logits, in float32 where they were coarser."""
    return logits.float() if logits.element_size() < 4 else logits


def end_tokens(network: Any) -> tuple[int, ...]:
    """The tokens that end a text of a network; empty if it names none."""
    ids = network.generation_config.eos_token_id
    ids = network.config.eos_token_id if ids is None else ids
    if ids is None:
        return ()
    return tuple(ids) if isinstance(ids, list | tuple) else (ids,)


def check_length(length: int, max_length: int | None) -> None:
    """ValueError if `length` tokens are more than the context holds."""
    if max_length is not None and length > max_length:
        raise ValueError(
            f"the model's context holds {max_length} tokens, got {length}; "
            "shorten the prompt or ask for fewer tokens"
        )
