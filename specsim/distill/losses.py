"""What to minimise: how far the draft's law is from the target's.

A drafted token is kept with chance sum_x min(target(x), draft(x)), which is one minus the *total variation*
distance; so that distance is the loss that theory names. Its gradient is weak while the laws are far apart,
where the *Kullback-Leibler* divergence pulls hard. A draft whose states were matched first is near enough for
total variation at once; for one that was not there is the *mixed* course, first the one, then the other.

    tv   sum_x max(target - draft, 0)
         slope at the logit of x: draft(x) (s(x) - sum_y draft(y) s(y)), s = 1 where draft > target, else 0
    kl   sum_x target(x) log(target(x) / draft(x))
         slope at the logit of x: draft(x) - target(x)

The slopes are with respect to the logits of the draft, of which its law is the softmax: written down, they
need no graph through a vocabulary of 50,000 tokens.

>>> target, draft = torch.tensor([0.5, 0.5]), torch.tensor([0.75, 0.25])
>>> total_variation(target, draft), total_variation_slope(target, draft)
(tensor(0.2500), tensor([ 0.1875, -0.1875]))

Zhou et al. 2024, arXiv 2310.08461 (the choice of divergence); Leviathan et al. 2023, Theorem 3.5.
"""

from collections.abc import Callable

import torch
from torch import Tensor

Slope = Callable[[Tensor, Tensor], Tensor]
LOSSES = ("tv", "mixed", "kl")


def total_variation(target: Tensor, draft: Tensor) -> Tensor:
    """Total variation distance (...) of laws (..., V); one minus it is the overlap."""
    return (target - draft).clamp(min=0).sum(-1)


def total_variation_slope(target: Tensor, draft: Tensor) -> Tensor:
    """Gradient (..., V) of the total variation distance with respect to the draft's logits."""
    above = draft * (draft > target)
    return above - draft * above.sum(-1, keepdim=True)


def divergence(target: Tensor, draft: Tensor) -> Tensor:
    """Kullback-Leibler divergence (...) of the draft from the target, laws (..., V)."""
    return torch.special.xlogy(target, target / draft).sum(-1)


def divergence_slope(target: Tensor, draft: Tensor) -> Tensor:
    """Gradient (..., V) of the Kullback-Leibler divergence with respect to the draft's logits."""
    return draft - target


def slope_at(loss: str, done: float) -> Slope:
    """The slope of a loss when a share `done` of the training is over.

    Raises ValueError unless the loss is one of LOSSES.

    >>> slope_at("mixed", 0.2).__name__, slope_at("mixed", 0.6).__name__
    ('divergence_slope', 'total_variation_slope')
    """
    if loss not in LOSSES:
        raise ValueError(f"the loss must be one of {', '.join(LOSSES)}, got {loss!r}")
    near = loss == "tv" or (loss == "mixed" and done >= 0.5)
    return total_variation_slope if near else divergence_slope
