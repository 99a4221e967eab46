"""The target as a teacher: what it knows at a position, and the whole law that follows from it.

A causal network is a body and a head. The body turns the tokens so far into one vector, its *state*; the head
turns a state into a logit for every token. A state is small (576 numbers for SmolLM2-135M) where a law is
large (49,152), and the head costs a fifth of the body. So what the target thinks of a text is kept as
states: nothing is cut off, and the exact law over the whole vocabulary is there whenever it is needed,

    law(x | tokens so far) = softmax(head(state))(x).

>>> from transformers import LlamaConfig, LlamaForCausalLM
>>> config = LlamaConfig(vocab_size=11, hidden_size=8, intermediate_size=8, num_hidden_layers=1,
...                      num_attention_heads=2, max_position_embeddings=16)
>>> teacher = Teacher(LlamaForCausalLM(config))
>>> states = teacher.states(torch.tensor([[1, 2, 3]]))
>>> states.shape, teacher.laws(states).shape
(torch.Size([1, 3, 8]), torch.Size([1, 3, 11]))
"""

from typing import Any

import torch
from torch.nn.functional import linear
from transformers import DynamicCache

from ..core.arrays import invert


class Teacher:
    """A causal network of `transformers` in two parts, a body and a linear head.

    network: in evaluation mode from here on. Raises ValueError where the logits are not a linear function of
    the body's last state, as in networks that scale or cap them.
    """

    def __init__(self, network: Any) -> None:
        self.network, self.body = network.eval(), network.base_model
        self.head = network.get_output_embeddings()
        self.device: torch.device = network.device
        _check_parts(self)

    @torch.inference_mode()
    def states(self, tokens: torch.Tensor, cache: Any = None) -> torch.Tensor:
        """States (B, m, D) at tokens (B, m), which follow those in the cache, if there is one."""
        ids = tokens.to(self.device, torch.long)
        return self.body(ids, past_key_values=cache, use_cache=cache is not None).last_hidden_state

    def logits(self, states: torch.Tensor) -> torch.Tensor:
        """Logits (..., V) at states (..., D), in float32 or better."""
        logits = linear(states, self.head.weight.detach(), self.head.bias)
        return logits.float() if logits.element_size() < 4 else logits

    def laws(self, states: torch.Tensor) -> torch.Tensor:
        """Laws (..., V) of the token after states (..., D)."""
        return torch.softmax(self.logits(states), dim=-1)

    @torch.inference_mode()
    def write(
        self, opening: torch.Tensor, length: int, generator: torch.Generator
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Continue an opening (B, t) to `length` tokens, each drawn from its law; tokens and their states.

        Returns (B, length) and (B, length, D). Past its end token the target writes on.
        """
        cache, tokens = DynamicCache(config=self.network.config), opening.to(self.device)
        states = [self.states(tokens, cache)]
        while tokens.shape[1] < length:
            uniforms = torch.rand(len(tokens), generator=generator, dtype=torch.float64)
            new = invert(self.laws(states[-1][:, -1]), uniforms.to(self.device))[:, None]
            tokens = torch.cat([tokens, new], dim=1)
            states.append(self.states(new, cache))
        return tokens, torch.cat(states, dim=1)


def _check_parts(teacher: Teacher) -> None:
    if teacher.head is None or not hasattr(teacher.head, "weight"):
        raise ValueError(
            f"{type(teacher.network).__name__} has no linear head; choose a causal language model"
        )
    probe = torch.arange(3, device=teacher.device)[None]
    with torch.inference_mode():
        whole = teacher.network(probe).logits.float()
    if not torch.allclose(teacher.logits(teacher.states(probe)).float(), whole, rtol=1e-2, atol=1e-2):
        raise ValueError(
            f"{type(teacher.network).__name__} changes its logits after the head (it scales or caps them); "
            "distillation needs logits that are head(state)"
        )
