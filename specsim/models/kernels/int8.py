"""Weights in 8 bits, activations in 16, sums in whole numbers.

Each row w of the weights is rounded to multiples of max|w| / 127, and at each call each token's activations x
to multiples of max|x| / 32639. A whole number of 16 bits is two of 8, x ~ 256 high + low, which are read as
two rows of one product: the weights are fetched once all the same. The product is exact, and scaled back:

    y = max|x| / 32639 * max|w| / 127 * (256 high . w + low . w) + bias

So only the rounding of the weights is felt. With activations of 8 bits, of which a few are far larger than
the others, the law would be three times as far off. A scale per token, not one for all tokens of a call as
is usual: with the latter a law would depend on the tokens read beside it, drafted ones among them, and
verification would be exact for no law at all. This way a layer gives a token the same numbers, bit for bit,
whatever stands beside it.

Dettmers et al. 2022 (2208.07339), Section 3.1: a scale per row of both factors; Section 4: large activations.
"""

from functools import cache

import torch

from .layer import KernelLayer, require
from .replacing import Linear

OPERATORS = ("onednn", "qlinear_prepack", "qlinear_pointwise")

WEIGHT_STEPS = 127
"""How many steps a weight has from 0 to the largest of its row."""

STEPS = 127 * 256 + 127
"""How many steps an activation has from 0 to the largest of its token."""

ZERO = 128
"""The operator takes activations as bytes, of which this one stands for 0."""


class Int8Linear(KernelLayer):
    """A linear layer in 8 bits. weight: (out, in) whole numbers, packed; scale: (out,), what one step is."""

    scale: torch.Tensor
    zeros: torch.Tensor

    def __init__(self, linear: Linear) -> None:
        super().__init__(linear)
        check_exact()
        largest = linear.weight.abs().amax(dim=1).clamp_min(_TINY)
        rounded = (linear.weight * (WEIGHT_STEPS / largest)[:, None]).round().to(torch.int8)
        self.register_buffer("weight", torch.ops.onednn.qlinear_prepack(rounded, None))
        self.register_buffer("scale", largest / (WEIGHT_STEPS * STEPS))
        self.register_buffer("zeros", torch.zeros(self.out_features, dtype=torch.int64))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x (..., in) to weight x + bias, (..., out)."""
        largest = x.abs().amax(dim=-1, keepdim=True).clamp_min_(_TINY)
        low, high = multiply(two_bytes(x, largest), self.weight, self.scale, self.zeros)
        y = torch.add(low, high, alpha=256).mul_(largest)
        return y if self.bias is None else y.add_(self.bias)


_TINY = 1e-30
"""In place of a largest value of 0."""

_MIDDLE = torch.tensor(256 * ZERO + ZERO + 0.5)
"""What 0 becomes in two bytes, and a half more, so that cutting off rounds."""


def two_bytes(x: torch.Tensor, largest: torch.Tensor) -> torch.Tensor:
    """STEPS * x / largest, rounded, as low and high bytes, (2, *x.shape), in each of which ZERO stands for 0.

    >>> low, high = two_bytes(torch.tensor([[-1.0, 0.0, 0.5, 1.0]]), torch.tensor([[1.0]])).int() - ZERO
    >>> (low + 256 * high).tolist()
    [[-32639, 0, 16320, 32639]]
    """
    whole = torch.addcmul(_MIDDLE, x, largest.reciprocal(), value=STEPS).to(torch.uint16).contiguous()
    return whole.view(torch.uint8).unflatten(-1, (-1, 2)).movedim(-1, 0).contiguous()


def multiply(x: torch.Tensor, weight: torch.Tensor, scale: torch.Tensor, zeros: torch.Tensor) -> torch.Tensor:
    """(x - ZERO) times the weights and what a step is, in float32."""
    return torch.ops.onednn.qlinear_pointwise(
        x, 1.0, ZERO, weight, scale, zeros, None, 1.0, 0, torch.float32, "none", [], ""
    )


@cache
def check_exact() -> None:
    """ValueError where torch lacks the operators, or where large sums are cut off on the way.

    Processors without instructions for products of bytes add pairs of them in 16 bits, which is too few.
    """
    require(*OPERATORS)
    weight = torch.ops.onednn.qlinear_prepack(torch.full((16, 64), WEIGHT_STEPS, dtype=torch.int8), None)
    largest = torch.full((1, 64), 255, dtype=torch.uint8)
    found = multiply(largest, weight, torch.ones(16), torch.zeros(16, dtype=torch.int64))
    if not bool((found == 64 * 127 * WEIGHT_STEPS).all()):
        raise ValueError(
            "this processor cuts off sums of products of bytes, which int8 kernels need exactly; "
            'use kernels="packed"'
        )
