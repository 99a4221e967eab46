"""Who wrote which token: the draft, or the target where the draft went wrong, or after all of it was kept.

    accepted     drafted, and kept by the target
    corrected    the target's token in place of a drafted one that it rejected
    bonus        the target's token behind a draft that it kept to the end
    undrafted    the target's token in a round in which nothing was drafted

>>> from specsim.decode.generation import Round
>>> rounds = (Round(2, 1, 2, 0, 0, 0), Round(2, 2, 3, 0, 0, 0, full=True), Round(0, 0, 1, 0, 0, 0))
>>> made = Generation((9,), (1, 2, 3, 4, 5, 6), rounds, "length", 1.0)
>>> [(kind, text) for kind, text in pieces(made, None)]
[('accepted', '1'), ('corrected', ' 2'), ('accepted', ' 3 4'), ('bonus', ' 5'), ('undrafted', ' 6')]

Leviathan et al. 2023 (2211.17192), Figure 1.
"""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any, Literal

from .generation import Generation, Round

Kind = Literal["accepted", "corrected", "bonus", "undrafted"]
Piece = tuple[Kind, str]


def pieces(made: Generation, tokenizer: Any) -> list[Piece]:
    """The text that was added, in pieces of one kind each; token ids where there is no tokenizer.

    A character that several tokens make up counts as of the last one.
    """
    marked, begin = Marked(decoder(tokenizer)), 0
    for one in made.rounds:
        marked.add(made.tokens[begin : begin + one.emitted], one)
        begin += one.emitted
    written = marked.text if made.text is None else made.text
    return marked.between(0, written)


def decoder(tokenizer: Any) -> Callable[[Sequence[int]], str]:
    """From ids to the text that is shown: ids themselves where there is no tokenizer."""
    if tokenizer is None:
        return lambda ids: " ".join(map(str, ids))
    return lambda ids: tokenizer.decode(ids, skip_special_tokens=True)


class Marked:
    """A text that grows by rounds, and of each of its characters the kind.

    text: what its tokens say so far, with half a character at its end perhaps.
    """

    def __init__(self, decode: Callable[[Sequence[int]], str]) -> None:
        self._decode, self._ids, self._kinds = decode, list[int](), list[Kind]()
        self.text = ""

    def add(self, ids: Sequence[int], done: Round) -> None:
        """The tokens of a round."""
        for id, kind in zip(ids, kinds(done)):
            self._ids.append(id)
            self.text = self._decode(self._ids)
            whole = self.text.rstrip("\N{REPLACEMENT CHARACTER}")
            self._kinds += [kind] * (len(whole) - len(self._kinds))

    def between(self, begin: int, written: str) -> list[Piece]:
        """What is written from this place on, a beginning of the text, in pieces of one kind each."""
        kinds = [*self._kinds, *["undrafted"] * (len(written) - len(self._kinds))]
        found = groupby(zip(kinds[begin:], written[begin:]), key=lambda one: one[0])
        return [(kind, "".join(character for _, character in run)) for kind, run in found]


def kinds(done: Round) -> list[Kind]:
    """The kind of each token that a round emitted; a text that ended may lack the last ones."""
    last: Kind = "bonus" if done.full else "corrected" if done.drafted else "undrafted"
    found: list[Kind] = ["accepted"] * done.kept
    return [*found, last][: done.emitted]
