"""Texts that end a text, wherever tokens begin and end.

A stop text may be the end of one token, the middle of another, or spread over several, and a round may bring
many tokens at once. What counts is the text: it ends with the first token after which a stop text stands in
it, and is cut before that. Asking after every single token makes the answer the same in rounds of any size.

>>> stops = Stops(lambda ids: "".join("ab" if i else "c" for i in ids), ("bab",))
>>> stops.reached([0], [1, 1, 0]), stops.cut("cabab")
(2, 'ca')
>>> stops.certain("cab"), stops.certain("cabc")          # of "b" a stop text could still be made
('ca', 'cabc')
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Criterion = Callable[[Any, Any], Any]
"""Ids (1, t) in torch and None to whether the text ends there; a `StoppingCriteriaList` is one."""


@dataclass(frozen=True)
class Stops:
    """Stop texts, and how to see what the tokens added to a prompt say. ValueError for an empty one."""

    decode: Callable[[Sequence[int]], str]
    texts: tuple[str, ...]

    def __post_init__(self) -> None:
        if wrong := [one for one in self.texts if not isinstance(one, str) or not one]:
            raise ValueError(f"stop texts must have at least one character, got {wrong[0]!r}")

    def reached(self, added: Sequence[int], new: Sequence[int]) -> int | None:
        """After how many of the new tokens a stop text stands in the text; None: after none of them."""
        for count in range(1, len(new) + 1) if self.texts else ():
            written = self.decode([*added, *new[:count]])
            if any(stop in written for stop in self.texts):
                return count
        return None

    def cut(self, written: str) -> str:
        """What comes before the first stop text."""
        begins = [written.find(stop) for stop in self.texts]
        return written[: min((begin for begin in begins if begin >= 0), default=None)]

    def certain(self, written: str) -> str:
        """What stays of a text that goes on: no stop text, no beginning of one, no half of a character."""
        kept = self.cut(written)
        if len(kept) < len(written):
            return kept
        kept = kept.rstrip("\N{REPLACEMENT CHARACTER}")
        open_ends = (
            len(kept) - size
            for stop in self.texts
            for size in range(min(len(stop) - 1, len(kept)), 0, -1)
            if kept.endswith(stop[:size])
        )
        return kept[: min(open_ends, default=None)]


@dataclass(frozen=True)
class Criteria:
    """A criterion, asked after every token of a text with this prompt; the token that fulfils it stays."""

    criterion: Criterion
    prompt: Sequence[int]

    def reached(self, added: Sequence[int], new: Sequence[int]) -> int | None:
        """After how many of the new tokens the criterion is fulfilled; None: after none of them."""
        import torch

        ids, old = torch.tensor([[*self.prompt, *added, *new]]), len(self.prompt) + len(added)
        for count in range(1, len(new) + 1):
            if bool(torch.as_tensor(self.criterion(ids[:, : old + count], None)).all()):
                return count
        return None

    def cut(self, written: str) -> str:
        """All of it."""
        return written
