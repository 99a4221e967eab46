"""Lessons: texts together with what the target thinks at each of their positions, in files.

A lesson is a batch of rows of tokens and the target's states at them. It is made in one of these ways:

    read        windows of the user's text, read by the target
    continued   the beginning of such a window, continued by the target
    asked       the target asks itself a question and answers it: what it writes after the opening of a user's
                turn (Xu et al. 2024, arXiv 2406.08464); needs a chat template
    free        what the target writes after its first token; where there is neither text nor template

The last three hold the states that a draft will meet in use, the first what its users feed it. Each lesson is
a pure function of (seed, number), and is written whole or not at all: a run that was stopped goes on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from .teacher import Teacher

OPENING = 32  # tokens of text that a continued row begins with


@dataclass(frozen=True, eq=False)
class Lesson:
    """Rows of tokens (B, T), the target's states (B, T, D) at them, and how they came to be.

    first: the first position that counts: where the law is that of a token that the target drew.
    """

    tokens: torch.Tensor
    states: torch.Tensor
    kind: str
    first: int

    def save(self, path: Path) -> None:
        """Write the lesson to a file, whole or not at all."""
        part = path.with_suffix(".part")
        content = {"tokens": self.tokens.to(torch.int32), "states": self.states}
        save_file(content, part, {"kind": self.kind, "first": str(self.first)})
        part.replace(path)


def load_lesson(path: Path) -> Lesson:
    """The lesson in a file."""
    with safe_open(path, "pt") as file:
        note = file.metadata()
        return Lesson(
            file.get_tensor("tokens").long(), file.get_tensor("states"), note["kind"], int(note["first"])
        )


@dataclass(frozen=True, eq=False)
class School:
    """Where lessons come from: a teacher, its tokenizer, a stream of text, and the shape of a lesson.

    text: token ids, one after another; it may be empty. rows, length: the shape (B, T) of a lesson.
    Raises ValueError for a text that is shorter than a row.
    """

    teacher: Teacher
    tokenizer: Any
    text: np.ndarray
    rows: int = 32
    length: int = 192

    def __post_init__(self) -> None:
        if 0 < len(self.text) < self.length:
            raise ValueError(
                f"a text must hold at least one row of {self.length} tokens, got {len(self.text)}; "
                "pass more text"
            )

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of lessons that can be made here; they take turns."""
        texts = ("read", "continued") if len(self.text) else ()
        asked = ("asked",) if getattr(self.tokenizer, "chat_template", None) else ()
        return (*asked, *texts) or ("free",)

    def lesson(self, number: int, seed: int) -> Lesson:
        """Lesson `number` of a course: kinds take turns, randomness comes from (seed, number) alone."""
        kind = self.kinds[number % len(self.kinds)]
        rng = np.random.default_rng((seed, number))
        generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
        if kind == "read":
            tokens = self._windows(rng, self.length)
            return Lesson(tokens, self.teacher.states(tokens), kind, 0)
        opening = self._windows(rng, OPENING) if kind == "continued" else self._first_tokens(kind)
        tokens, states = self.teacher.write(opening, self.length, generator)
        return Lesson(tokens, states, kind, opening.shape[1] - 1)

    def _windows(self, rng: np.random.Generator, length: int) -> torch.Tensor:
        starts = rng.integers(len(self.text) - length + 1, size=self.rows)
        return torch.from_numpy(self.text[starts[:, None] + np.arange(length)].astype(np.int64))

    def _first_tokens(self, kind: str) -> torch.Tensor:
        ids = opening_of_a_turn(self.tokenizer) if kind == "asked" else [_first_token(self.teacher.network)]
        return torch.tensor([ids]).repeat(self.rows, 1)


def opening_of_a_turn(tokenizer: Any) -> list[int]:
    """The tokens of a chat up to where the user's first message begins."""
    mark = "\N{WHITE SQUARE}"
    chat = tokenizer.apply_chat_template([{"role": "user", "content": mark}], tokenize=False)
    return tokenizer(chat.partition(mark)[0], add_special_tokens=False)["input_ids"]


def _first_token(network: Any) -> int:
    config = network.generation_config
    ids = [config.bos_token_id, config.eos_token_id, 0]
    found = next(i for i in ids if i is not None)
    return found[0] if isinstance(found, list) else found


def collect(school: School, count: int, seed: int, folder: Path) -> Iterator[int]:
    """Write lessons 0..count - 1 into a folder, those that are missing; yield the number of each one done."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        path = folder / f"{number:05d}.safetensors"
        if not path.exists():
            school.lesson(number, seed).save(path)
        yield number


def tokens_of(paths: list[Path], tokenizer: Any) -> np.ndarray:
    """The tokens of some text files, one after another. Raises FileNotFoundError where there is none."""
    ids = [
        tokenizer(p.read_text("utf-8"), add_special_tokens=False, verbose=False)["input_ids"] for p in paths
    ]
    return np.concatenate([np.asarray(row, np.int32) for row in ids]) if ids else np.zeros(0, np.int32)
