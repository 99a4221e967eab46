"""What the layers that take the place of linear ones have in common."""

from typing import Any

import torch
from torch import nn

from .replacing import Linear


class KernelLayer(nn.Module):
    """A linear layer for inference, with weights in a form that cannot be saved."""

    weight: torch.Tensor
    bias: torch.Tensor | None

    def __init__(self, linear: Linear) -> None:
        super().__init__()
        self.out_features, self.in_features = linear.weight.shape
        self.register_buffer("bias", linear.bias)

    def extra_repr(self) -> str:
        """As torch shows linear layers."""
        return (
            f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"
        )

    def _save_to_state_dict(self, destination: Any, prefix: str, keep_vars: bool) -> None:
        raise RuntimeError(
            f"the weights of a {type(self).__name__} cannot be saved; save the model with its plain kernels"
        )


def require(space: str, *names: str) -> None:
    """ValueError where torch lacks one of these operators, which are private to it."""
    for name in names:
        if not hasattr(getattr(torch.ops, space), name):
            raise ValueError(
                f"torch {torch.__version__} has no operator {space}.{name}, which these kernels need; "
                'use kernels="plain"'
            )
