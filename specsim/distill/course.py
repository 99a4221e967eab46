"""The course: all lessons as one set of rows, and the rows of each step of training."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open

from .lessons import Lesson, load_lesson


@dataclass(frozen=True, eq=False)
class Course:
    """Lessons in files, as `lessons.collect` writes them; all of one shape."""

    paths: tuple[Path, ...]

    @cached_property
    def rows(self) -> int:
        """Number of rows in each lesson."""
        with safe_open(self.paths[0], "pt") as file:
            return file.get_slice("tokens").get_shape()[0]

    def chosen(self, step: int, size: int, seed: int) -> np.ndarray:
        """The numbers of the rows of a step: every row once an epoch, in an order that the epoch sets."""
        total = len(self.paths) * self.rows
        places = np.arange(step * size, (step + 1) * size)
        order = {
            e: np.random.default_rng((seed, e)).permutation(total) for e in set((places // total).tolist())
        }
        return np.array([order[place // total][place % total] for place in places.tolist()])

    def batch(self, step: int, size: int, seed: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Tokens (size, T), states (size, T, D) and which positions count (size, T), at a step."""
        parts = [self._row(number) for number in self.chosen(step, size, seed)]
        tokens, states, counts = (torch.stack(column) for column in zip(*parts, strict=True))
        return tokens.long(), states, counts

    def some_states(self, count: int) -> torch.Tensor:
        """About `count` states (N, D) from positions that count, spread evenly over all lessons."""
        each = -(-count // len(self.paths))
        return torch.cat([_spread(load_lesson(path), each) for path in self.paths])

    def _row(self, number: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        lesson, row = divmod(int(number), self.rows)
        with safe_open(self.paths[lesson], "pt") as file:
            tokens = file.get_slice("tokens")[row]
            first = int(file.metadata()["first"])
            return tokens, file.get_slice("states")[row], torch.arange(len(tokens)) >= first


def _spread(lesson: Lesson, count: int) -> torch.Tensor:
    states = lesson.states[:, lesson.first :].flatten(0, 1)
    return states[torch.linspace(0, len(states) - 1, min(count, len(states))).long()]
