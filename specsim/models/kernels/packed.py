"""Float32 weights in the order in which oneDNN reads them.

The library's own product of matrices lays the weights out anew at each call, or does without. Laid out once,
they cost one pass through memory whatever the number of rows, up to about ten. The operators are those that
`torch.compile` uses when it freezes a model.
"""

import torch

from .layer import KernelLayer, require
from .replacing import Linear

OPERATORS = ("mkldnn", "_reorder_linear_weight", "_linear_pointwise")

ROWS = 8
"""The number of rows that the layout is chosen for; any other number may use it."""


class PackedLinear(KernelLayer):
    """A linear layer of packed weights. weight: (out, in) in a layout that few operators know."""

    def __init__(self, linear: Linear) -> None:
        super().__init__(linear)
        require(*OPERATORS)
        self.register_buffer("weight", torch.ops.mkldnn._reorder_linear_weight(linear.weight, ROWS))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x (..., in) to weight x + bias, (..., out)."""
        return torch.ops.mkldnn._linear_pointwise(x, self.weight, self.bias, "none", [], "")
