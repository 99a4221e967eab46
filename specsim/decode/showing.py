"""Texts in a terminal: printed while they are written, in colours that say who wrote what."""

from collections.abc import Sequence
from typing import Any

import typer

from .generation import Generation, Round
from .marks import Kind, Marked, decoder, pieces
from .stopping import Stops

COLOURS: dict[Kind, dict[str, Any]] = {
    "accepted": {"fg": "green"},
    "corrected": {"fg": "blue", "bold": True},
    "bonus": {"fg": "magenta", "bold": True},
    "undrafted": {},
}

LEGEND: dict[Kind, str] = {
    "accepted": "drafted and kept",
    "corrected": "drafted otherwise",
    "bonus": "beyond the draft",
}


class Streamed:
    """One text: everything that is certain to stay is printed at once."""

    def __init__(self, tokenizer: Any, stop: Sequence[str], colour: bool) -> None:
        self._stops, self._colour = Stops(decoder(tokenizer), tuple(stop)), colour
        self._marked, self._printed = Marked(decoder(tokenizer)), 0

    def add(self, row: int, ids: Sequence[int], done: Round) -> None:
        """Print what the tokens of a round make certain."""
        self._marked.add(ids, done)
        self._print(self._stops.certain(self._marked.text))

    def end(self, made: Generation) -> None:
        """Print the rest."""
        self._print(self._marked.text if made.text is None else made.text)
        typer.echo()

    def _print(self, text: str) -> None:
        echo(self._marked.between(self._printed, text), self._colour)
        self._printed = max(self._printed, len(text))


def show_all(made: Sequence[Generation], prompts: Sequence[str], tokenizer: Any, colour: bool) -> None:
    """Several texts, each behind its prompt, with an empty line between."""
    for i, (prompt, one) in enumerate(zip(prompts, made)):
        typer.echo(("\n" if i else "") + prompt, nl=False)
        echo(pieces(one, tokenizer), colour)
        typer.echo()


def echo(words: Sequence[tuple[Kind, str]], colour: bool) -> None:
    """Print pieces of text, without a line's end."""
    for kind, text in words:
        typer.echo(typer.style(text, **COLOURS[kind]) if colour else text, nl=False, color=colour)


def legend() -> str:
    """What the colours mean, in one line; text without a colour is the target's, and nothing was drafted."""
    return "; ".join(f"{typer.style(kind, **COLOURS[kind])}: {why}" for kind, why in LEGEND.items())


def summary(made: Generation) -> str:
    """One line about the rounds of a text.

    >>> summary(Generation((0,), (1, 2, 1), (Round(2, 2, 3, 0.1, 0.1, 0.0),), "length", 0.2))
    '3 tokens in 1 round: 3.00 tokens per round, acceptance 1.00, 15.0 tokens per second; ended by length'
    """
    rounds = "1 round" if len(made.rounds) == 1 else f"{len(made.rounds)} rounds"
    return (
        f"{len(made.tokens)} tokens in {rounds}: {made.tokens_per_round:.2f} tokens per round, acceptance "
        f"{made.acceptance:.2f}, {made.tokens_per_second:.1f} tokens per second; ended by {made.stopped}"
    )


def summary_of_all(made: Sequence[Generation]) -> str:
    """One line about several texts that were written side by side, each at its own pace.

    >>> one = Generation((0,), (1, 2, 1), (Round(2, 2, 3, 0.1, 0.1, 0.0),), "length", 0.2)
    >>> summary_of_all([one, one])
    '2 texts, 6 tokens in 2 rounds: 3.00 tokens per round, acceptance 1.00, 30.0 tokens per second'
    """
    tokens, rounds = (sum(map(len, part)) for part in zip(*((one.tokens, one.rounds) for one in made)))
    drafted, kept = (
        sum(getattr(r, name) for one in made for r in one.rounds) for name in ("drafted", "kept")
    )
    return (
        f"{len(made)} texts, {tokens} tokens in {rounds} rounds: {tokens / rounds:.2f} tokens per round, "
        f"acceptance {kept / drafted if drafted else float('nan'):.2f}, "
        f"{tokens / max(one.seconds for one in made):.1f} tokens per second"
    )
