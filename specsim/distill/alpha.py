"""Alpha of a draft on lessons that it was not fitted to: the mean overlap, exactly, at every position.

On *read* lessons it is teacher-forced: averaged over the positions of a text. On the others it is on-policy:
averaged over what the target wrote itself. Standard errors are over rows, since positions of a row depend on
each other.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..models.ngram import NGram
from .lessons import load_lesson
from .teacher import Teacher

Laws = Callable[[torch.Tensor], torch.Tensor]
"""From the tokens (T,) of a row to the laws (T, V) after each."""


def network_laws(network: Any) -> Laws:
    """The laws of a network after each token of a row."""

    def laws(tokens: torch.Tensor) -> torch.Tensor:
        return torch.softmax(network(tokens[None].to(network.device)).logits[0].float(), dim=-1)

    return laws


def ngram_laws(model: NGram) -> Laws:
    """The laws of an n-gram model that depend on one token or none, after each token of a row."""
    return lambda tokens: torch.from_numpy(model(tokens[:, None].numpy())).float()


@torch.inference_mode()
def alphas(teacher: Teacher, laws: Laws, paths: Iterable[Path]) -> dict[str, tuple[float, float]]:
    """Mean overlap with the target and its standard error, for each kind of lesson in these files."""
    found: dict[str, list[float]] = {}
    for path in paths:
        lesson = load_lesson(path)
        for tokens, states in zip(lesson.tokens, lesson.states, strict=True):
            target = teacher.laws(states[lesson.first :].to(teacher.device))
            both = torch.minimum(target, laws(tokens)[lesson.first :].to(target)).sum(-1)
            found.setdefault(lesson.kind, []).append(both.mean().item())
    return {kind: (float(np.mean(rows)), _error(rows)) for kind, rows in found.items()}


def _error(rows: list[float]) -> float:
    return float(np.std(rows, ddof=1) / np.sqrt(len(rows))) if len(rows) > 1 else float("nan")
