"""Fit a draft to the lessons of its target, in two stages.

First its *states* are matched with the target's narrowed ones (see `projection`): no law is computed, so a
position costs a few hundredths of what it costs later. Then its *laws* are matched, by total variation or
Kullback-Leibler (see `losses`), at every position that counts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .course import Course
from .imitation import imitate
from .loop import train
from .losses import slope_at
from .projection import Projection
from .teacher import Teacher


@dataclass(frozen=True)
class Stage:
    """How long and how fast: steps, rows of a step, peak learning rate, seed of the order of the rows."""

    steps: int
    rows: int
    rate: float
    seed: int = 0


def fit_states(draft: Any, narrow: Projection, course: Course, how: Stage, folder: Path) -> Iterator[float]:
    """Match the states of a draft that was made around this projection, in place.

    Yields the mean squared error in logits at each step. The head stays as it is: it is the measure.
    """
    head = draft.get_output_embeddings().weight.requires_grad_(False)

    def work(step: int) -> float:
        tokens, wanted, counts = course.batch(step, how.rows, how.seed)
        states = draft.base_model(tokens.to(draft.device), use_cache=False).last_hidden_state
        goal = wanted[counts].to(states) @ narrow.into
        error = (states[counts] - goal).square().sum(-1).mean()
        error.backward()
        return error.item()

    yield from train(draft, work, how.steps, how.rate, folder)
    head.requires_grad_(True)


def fit_laws(
    draft: Any, teacher: Teacher, course: Course, loss: str, how: Stage, folder: Path
) -> Iterator[float]:
    """Match the laws of a draft with its target's, in place; yield the mean overlap before each step.

    loss: one of losses.LOSSES, else ValueError.
    """
    slope_at(loss, 0.0)  # refuse unknown losses before any work

    def work(step: int) -> float:
        tokens, wanted, counts = course.batch(step, how.rows, how.seed)
        states = draft.base_model(tokens.to(draft.device), use_cache=False).last_hidden_state
        head = draft.get_output_embeddings().weight
        goal = wanted[counts].to(states.device)
        return imitate(states[counts], head, teacher, goal, slope_at(loss, step / how.steps))

    yield from train(draft, work, how.steps, how.rate, folder)
