"""Distil the draft from the target: bring its laws close to the target's where they will meet.

Speculative decoding keeps a drafted token with chance sum_x min(target(x), draft(x)), which is one minus the
total variation distance, so that distance is the loss that counts (Zhou et al. 2024, arXiv 2310.08461). Its
gradient is weak while the laws are far apart; the first half of the time therefore minimises the
Kullback-Leibler divergence instead, and the second half the distance itself. Half of the windows are text,
half are the target's own samples, since the states met in use are the latter.
"""

from collections.abc import Callable

import torch
from transformers import DynamicCache, LlamaForCausalLM

Laws = Callable[[LlamaForCausalLM, torch.Tensor], torch.Tensor]


def log_laws(model: LlamaForCausalLM, rows: torch.Tensor) -> torch.Tensor:
    """Return the log-laws (rows, length, V) of the token after each position."""
    return torch.log_softmax(model(rows).logits.float(), dim=-1)


def divergence(target: torch.Tensor, draft: torch.Tensor) -> torch.Tensor:
    """Return the mean Kullback-Leibler divergence KL(target || draft), from log-laws."""
    return (target.exp() * (target - draft)).sum(-1).mean()


def distance(target: torch.Tensor, draft: torch.Tensor) -> torch.Tensor:
    """Return the mean total variation distance, from log-laws; one minus it is the overlap."""
    return 0.5 * (target.exp() - draft.exp()).abs().sum(-1).mean()


def imitation(target: torch.Tensor, draft: torch.Tensor, close: bool) -> torch.Tensor:
    """Return the loss: the divergence, or the distance once the laws are close."""
    return distance(target, draft) if close else divergence(target, draft)


@torch.inference_mode()
def sample(
    model: LlamaForCausalLM, prompts: torch.Tensor, length: int, generator: torch.Generator
) -> torch.Tensor:
    """Extend each prompt (rows, t) to ``length`` tokens drawn from the model at temperature 1."""
    cache, rows, new = DynamicCache(config=model.config), prompts, prompts
    while rows.shape[1] < length:
        logits = model(new, past_key_values=cache, use_cache=True).logits[:, -1]
        cumulated = torch.softmax(logits.double(), -1).cumsum(-1)
        threshold = torch.rand(len(rows), 1, generator=generator, dtype=torch.float64)
        threshold = threshold * cumulated[:, -1:]
        new = torch.searchsorted(cumulated, threshold, right=True)
        rows = torch.cat([rows, new], 1)
    return rows
