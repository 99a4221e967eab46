"""What a decoder returns: the tokens, and what every round did."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

Stopped = Literal["eos", "stop", "length", "context"]


@dataclass(frozen=True, eq=False)
class Round:
    """One round: draft, verify, emit. Plain decoding has rounds of one token and nothing drafted.

    drafted, kept: tokens proposed, all nodes of a tree, and how many of them, on one path, verification kept.
    emitted: tokens added to the text; kept + 1 unless the text ended among them.
    draft_seconds: the draft model and its draws. verify_seconds: the target's pass, the rule and the draw,
        until the tokens have arrived. other_seconds: the rest of the round. The first round reads the prompt.
        On a GPU work is queued, and only the sum of the three means anything. Texts that are decoded side by
        side share their rounds, and each is given all of the time.
    stop: (drafted + 1,) the chance, given the draft, that this node is the last one kept, which in a chain is
        how many are; None unless asked for.
    full: whether a whole path of the draft was kept, so that the token after it is a bonus, not a correction.
    """

    drafted: int
    kept: int
    emitted: int
    draft_seconds: float
    verify_seconds: float
    other_seconds: float
    stop: np.ndarray | None = None
    full: bool = False


@dataclass(frozen=True, eq=False)
class Generation:
    """A text that was decoded.

    prompt, tokens: token ids given, and added. text: the added tokens as text, up to a stop text; None
        without a tokenizer.
    stopped: "eos" (the last token is an end token), "stop" (it completes a stop text), "length"
        (max_new_tokens) or "context" (the target's window is full). seconds: the wall time of all of it.
    logprobs: (tokens,) for each added token the log of the law that was asked for, the target's with all
        settings applied, whether the token was kept or emitted after the kept ones; None unless asked for.
    """

    prompt: tuple[int, ...]
    tokens: tuple[int, ...]
    rounds: tuple[Round, ...]
    stopped: Stopped
    seconds: float
    text: str | None = None
    logprobs: tuple[float, ...] | None = None

    @property
    def tokens_per_round(self) -> float:
        """Tokens added per round, the one after the kept ones included."""
        return len(self.tokens) / len(self.rounds)

    @property
    def acceptance(self) -> float:
        """Drafted tokens kept over drafted tokens; nan where nothing was drafted."""
        drafted = sum(one.drafted for one in self.rounds)
        return sum(one.kept for one in self.rounds) / drafted if drafted else np.nan

    @property
    def tokens_per_second(self) -> float:
        """Tokens added per second, reading the prompt included."""
        return len(self.tokens) / self.seconds
