"""Finding the linear layers of a network, and putting others in their place."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from transformers.pytorch_utils import Conv1D


@dataclass(frozen=True)
class Linear:
    """A linear layer: x -> weight x + bias. weight: (out, in). bias: (out,) or None."""

    weight: torch.Tensor
    bias: torch.Tensor | None


def replace(network: Any, make: Callable[[Linear], nn.Module], kernels: str) -> None:
    """Put what is made of each linear layer in its place; embeddings keep weights that they share with one.

    One layer at a time: its own weights are let go of before the next one is made. Raises ValueError unless
    there are linear layers, all in float32 on the CPU.
    """
    names = [name for name, part in network.named_modules() if type(part) in (nn.Linear, Conv1D)]
    if not names:
        raise ValueError(
            f"this {network.config.model_type} has no linear layers to give {kernels} kernels to; if it has "
            'others already, begin with kernels="plain"'
        )
    for name in names:
        _check_weight(network.get_submodule(name).weight, kernels)
    for name in names:
        network.set_submodule(name, make(as_linear(network.get_submodule(name))), strict=True)


def as_linear(part: Any) -> Linear:
    """What a linear layer of torch, or one of GPT-2, which keeps (in, out), is."""
    weight = part.weight.detach()
    bias = None if part.bias is None else part.bias.detach()
    return Linear(weight.T.contiguous() if type(part) is Conv1D else weight, bias)


def shared_copy(network: Any) -> Any:
    """A copy of a network's structure around the same tensors."""
    return deepcopy(network, {id(one): one for one in (*network.parameters(), *network.buffers())})


def _check_weight(weight: torch.Tensor, kernels: str) -> None:
    if weight.dtype != torch.float32 or weight.device.type != "cpu":
        raise ValueError(
            f"{kernels} kernels are for networks in float32 on the CPU, got {weight.dtype} on "
            f'{weight.device}; load with device="cpu" and dtype="float32", or with kernels="plain"'
        )
