"""The gradient of a loss between two laws over a large vocabulary, a few positions at a time.

A thousand laws over 50,000 tokens take 200 MB, and a graph through target, draft and loss several times
that. But the slope of the loss at the draft's logits is known in closed form (see `losses`), and the head is
linear: with states h, head W, logits W h and slope g,

    dLoss/dh = W' g,    dLoss/dW = sum g h',

so each chunk of positions is done with at once, and only dLoss/dh travels back through the body.
"""

import torch

from .losses import Slope
from .teacher import Teacher

CHUNK = 64


def imitate(
    states: torch.Tensor,
    weight: torch.Tensor,
    teacher: Teacher,
    wanted: torch.Tensor,
    slope: Slope,
) -> float:
    """Add the gradient of the mean loss to the parameters; return the mean overlap before the step.

    states: (N, H) of the draft's body, with their graph. weight: (V, H) of its head. wanted: (N, D) the
    teacher's states at the same positions.
    """
    pull, kept = torch.empty_like(states), 0.0
    gradient = torch.zeros_like(weight)
    with torch.no_grad():
        for part in torch.arange(len(states), device=states.device).split(CHUNK):
            here = states[part]
            target = teacher.laws(wanted[part])
            draft = torch.softmax((here @ weight.T).float(), dim=-1)
            kept += torch.minimum(target, draft).sum().item()
            pushes = (slope(target, draft) / len(states)).to(weight.dtype)
            pull[part] = pushes @ weight
            gradient.addmm_(pushes.T, here)
    weight.grad = gradient if weight.grad is None else weight.grad + gradient
    states.backward(pull)
    return kept / len(states)
