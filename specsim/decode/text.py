"""The text while it is being written: its ids, its rounds, and when to stop."""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from ..models.columns import side_by_side
from .generation import Generation, Round, Stopped
from .stopping import Criteria, Stops
from .timing import seconds as now


class Text:
    """A prompt and what is added to it.

    prompt: ids, at least one. limit: the most tokens there may be, prompt included. full: why it stops there.
    eos, stops: ids, and texts or criteria, that end it. source: of an encoder-decoder model, what the text is
    written for. ids: prompt and added tokens. logprobs: of the added ones, where asked for. stopped: why it
    ended, None while it has not.
    """

    def __init__(
        self,
        prompt: Sequence[int],
        limit: int,
        full: Stopped,
        eos: Collection[int],
        stops: Stops | Criteria | None = None,
        source: Sequence[int] | None = None,
    ) -> None:
        self.begun = now()
        self.prompt, self.ids = tuple(prompt), list(prompt)
        self.source = None if source is None else tuple(source)
        self.limit, self.full, self.eos = limit, full, frozenset(eos)
        self.stops, self.logprobs = stops, list[float]()
        self.rounds: list[Round] = []
        self.stopped: Stopped | None = None

    @property
    def length(self) -> int:
        """How many tokens the text has."""
        return len(self.ids)

    @property
    def room(self) -> int:
        """How many more it may get."""
        return self.limit - len(self.ids)

    @property
    def added(self) -> list[int]:
        """The ids after the prompt."""
        return self.ids[len(self.prompt) :]

    def append(self, ids: Sequence[int], logprobs: Sequence[float] = ()) -> int:
        """Add ids, at most `room` of them, up to the first that ends the text; return how many were added."""
        ids = ids[: self.room]
        ends = [i + 1 for i, token in enumerate(ids) if token in self.eos]
        count = ends[0] if ends else len(ids)
        stop = self.stops.reached(self.added, ids[:count]) if self.stops else None
        count = stop or count
        self.ids += ids[:count]
        self.logprobs += logprobs[:count]
        self.stopped = "stop" if stop else "eos" if ends else self.full if self.room == 0 else None
        return count

    def generation(self, tokenizer: Any) -> Generation:
        """The finished text."""
        assert self.stopped is not None
        added, written = tuple(self.added), None
        if tokenizer is not None:
            written = tokenizer.decode(added, skip_special_tokens=True)
            written = self.stops.cut(written) if self.stops else written
        seconds = now() - self.begun
        logprobs, prompt = tuple(self.logprobs) or None, self.source or self.prompt
        return Generation(prompt, added, tuple(self.rounds), self.stopped, seconds, written, logprobs)


def unread(
    texts: Sequence[Text], lengths: Sequence[int], due: Sequence[bool] | None = None
) -> tuple[np.ndarray, np.ndarray | None]:
    """What a session that has read so many tokens of each text has still to read, (B, m), and what is there.

    due: of which texts; by default all. Rows with less to read than others are filled up in front. What is
    there: (B, m), or None if everything is.

    >>> tokens, present = unread([Text((5, 6, 7), 9, "length", ()), Text((8, 9), 9, "length", ())], [1, 1])
    >>> tokens.tolist(), present.tolist()
    ([[6, 7], [0, 9]], [[True, True], [False, True]])
    """
    ends = [text.ids[start:] for text, start in zip(texts, lengths)]
    if due is not None:
        ends = [end if wanted else [] for end, wanted in zip(ends, due)]
    return side_by_side(ends)
