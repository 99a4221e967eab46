"""The text while it is being written: tokens where the models are, ids on the host, and when to stop.

Drafted tokens are written behind the end of the text, and count only once `append` has taken them over.
"""

from collections.abc import Collection, Sequence
from time import perf_counter
from typing import Any

import numpy as np

from ..core.arrays import Array
from .generation import Generation, Round, Stopped


class Text:
    """A prompt and what is added to it.

    prompt: ids, at least one. limit: the most tokens there may be, prompt included. full: why it stops there.
    eos: ids that end the text. device: where the tokens live, None for NumPy.
    tokens: (1, limit) of which the first `length` are the text. stopped: why it ended, None while it has not.
    """

    def __init__(
        self, prompt: Sequence[int], limit: int, full: Stopped, eos: Collection[int], device: Any
    ) -> None:
        self.begun = perf_counter()
        self.prompt, self.added = tuple(prompt), list[int]()
        self.limit, self.full, self.eos = limit, full, frozenset(eos)
        self.device = device
        self.tokens = self.place(np.zeros((1, limit), np.int64))
        self.tokens[:, : self.length] = self.place(np.array([prompt], np.int64))
        self.stopped: Stopped | None = None

    @property
    def length(self) -> int:
        """How many tokens the text has."""
        return len(self.prompt) + len(self.added)

    @property
    def room(self) -> int:
        """How many more it may get."""
        return self.limit - self.length

    def place(self, values: np.ndarray) -> Array:
        """Values as an array of the kind, and on the device, of the tokens."""
        if self.device is None:
            return values
        import torch

        return torch.from_numpy(values).to(self.device)

    def append(self, ids: Sequence[int]) -> int:
        """Add ids, at most `room` of them, up to the first end token; return how many were added."""
        ends = [i + 1 for i, token in enumerate(ids) if token in self.eos]
        count = ends[0] if ends else len(ids)
        self.added += ids[:count]
        self.stopped = "eos" if ends else self.full if self.room == 0 else None
        return count

    def generation(self, rounds: Sequence[Round], tokenizer: Any) -> Generation:
        """The finished text."""
        assert self.stopped is not None
        written = tokenizer.decode(self.added, skip_special_tokens=True) if tokenizer is not None else None
        seconds = perf_counter() - self.begun
        return Generation(self.prompt, tuple(self.added), tuple(rounds), self.stopped, seconds, written)
