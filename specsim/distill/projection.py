"""The best narrow head: the target's logits, approximated from a state of few numbers.

The target's logits are E s, with its embedding E (V, D) and its state s. A draft of width H has logits of
rank H, and the nearest such logits are known in closed form. Errors count where they matter: tokens by how
often the target writes them (f, its mean law), states as they occur (S, their second moment). With the rows
of E centred by f, which changes no law, the squared error

    mean over s of sum_x f(x) (E s - A h)(x)^2

is least for the leading eigenvectors V of S^1/2 E' diag(f) E S^1/2, with eigenvalues l (Eckart and Young
1936):

    A = E S^1/2 V l^-1/2    (V, H), with columns orthonormal under f
    h = l^1/2 V' S^-1/2 s   (H), whose k-th entry has mean square l_k

so the squared error in logits of another h is simply its squared distance to this one.
"""

from dataclasses import dataclass

import torch

from .teacher import Teacher

CHUNK = 64


@dataclass(frozen=True, eq=False)
class Projection:
    """head: (V, H). scale: (H,) root mean square of each entry of a narrow state. into: (D, H)."""

    head: torch.Tensor
    scale: torch.Tensor
    into: torch.Tensor


def projection(teacher: Teacher, states: torch.Tensor, width: int) -> Projection:
    """The best head of this width, from states (N, D) of the target.

    Raises ValueError where the width is larger than the states'.
    """
    if width > states.shape[-1]:
        raise ValueError(
            f"a draft may be at most as wide as its target's states, {states.shape[-1]}, got {width}"
        )
    often = torch.stack([teacher.laws(part).sum(0) for part in states.split(CHUNK)]).sum(0) / len(states)
    embedding = teacher.head.weight.detach().float()
    embedding = embedding - often @ embedding
    tokens = (embedding * often[:, None]).T @ embedding
    moment = states.float().T @ states.float() / len(states)
    root, inverse = _roots(moment.double())
    values, vectors = torch.linalg.eigh(root @ tokens.double() @ root)
    scale = values.flip(0)[:width].clamp(min=_least(values)).sqrt()
    vectors = vectors.flip(1)[:, :width]
    head = embedding @ (root @ vectors / scale).float()
    return Projection(head, scale.float(), (inverse @ vectors * scale).float())


def _roots(moment: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The square root of a symmetric matrix and its inverse; directions never seen are damped."""
    values, vectors = torch.linalg.eigh(moment)
    roots = values.clamp(min=_least(values)).sqrt()
    return (vectors * roots) @ vectors.T, (vectors / roots) @ vectors.T


def _least(values: torch.Tensor) -> float:
    return values.max().item() * 1e-10
