"""Muon: momentum whose step has all its singular values pushed towards one.

The momentum M of a weight matrix is replaced by a near-orthogonal matrix with the same singular vectors,
got by five rounds of X <- a X + b (X X') X + c (X X')^2 X. Source: Jordan et al. (2024), "Muon: an optimizer
for hidden layers in neural networks"; the step size 0.2 sqrt(max(rows, columns)), which matches the size of
an AdamW step, is from Liu et al. (2025), arXiv 2502.16982. In float32, since CPUs without bfloat16 units are
slow at it (torch.optim.Muon always uses bfloat16), and all matrices of one shape at once.
"""

from collections import defaultdict
from collections.abc import Iterable

import torch

A, B, C = 3.4445, -4.7750, 2.0315


def orthogonalise(stack: torch.Tensor, rounds: int = 5) -> torch.Tensor:
    """Return matrices (..., m, n) with the same singular vectors and singular values near one."""
    tall = stack.shape[-2] > stack.shape[-1]
    x = stack.mT if tall else stack
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(rounds):
        gram = x @ x.mT
        x = A * x + (B * gram + C * gram @ gram) @ x
    return x.mT if tall else x


class Muon(torch.optim.Optimizer):
    """Nesterov momentum, orthogonalised, with decoupled weight decay, for 2-D parameters."""

    def __init__(
        self,
        params: Iterable[torch.Tensor],
        lr: float,
        momentum: float = 0.95,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]
        """Apply one update to every parameter that has a gradient."""
        for group in self.param_groups:
            by_shape = defaultdict(list)
            for p in (p for p in group["params"] if p.grad is not None):
                by_shape[p.shape].append(p)
            for same in by_shape.values():
                self._update(same, group)

    def _update(self, params: list[torch.Tensor], group: dict) -> None:
        ahead = []
        for p in params:
            buffer = self.state[p].setdefault("momentum", torch.zeros_like(p))
            buffer.mul_(group["momentum"]).add_(p.grad)
            ahead.append(p.grad + group["momentum"] * buffer)
        size = 0.2 * max(params[0].shape) ** 0.5 * group["lr"]
        for p, update in zip(params, orthogonalise(torch.stack(ahead)), strict=True):
            p.mul_(1 - group["lr"] * group["weight_decay"]).sub_(size * update)
