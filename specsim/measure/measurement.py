"""What `measure` finds, as plain data that can be written to JSON and read back."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..simulate import Estimate
from .agreement import Alpha
from .costs import Cost
from .passes import Passes
from .record import json_text
from .turns import Spread


@dataclass(frozen=True)
class Tokens:
    """Tokens per round: three predictions, from texts that the target wrote before, and what was measured.

    textbook: each token is kept with chance alpha, independently of all others. anywhere: rounds as they
    would be if they began at every token equally often. Neither is known for lengths that change. predicted:
    rounds begin where rounds do begin (see `given_text`).
    """

    textbook: float | None
    anywhere: float | None
    predicted: Estimate
    measured: Estimate


@dataclass(frozen=True)
class Place:
    """A position in the round: the chance that it is kept, given that those before it were."""

    position: int
    predicted: float
    measured: Estimate


@dataclass(frozen=True)
class PeerSpeed:
    """The same by transformers: tokens per second and per pass, and how many times faster specsim is."""

    tokens_per_second: float
    tokens_per_round: float
    faster: Spread


@dataclass(frozen=True)
class Speed:
    """Speed-up over plain decoding of the same target, prompt by prompt.

    textbook: from alpha, c and v(gamma + 1) of bare passes, nothing else. predicted: from the expected rounds
    and what rounds cost in the pilot.
    """

    tokens_per_second: float
    textbook: float | None
    predicted: float
    measured: Spread
    peer: PeerSpeed | None

    @property
    def missed(self) -> float:
        """How far the prediction lies above what was measured, as a share of that."""
        return self.predicted / self.measured.median - 1


@dataclass(frozen=True)
class Found:
    """One way of decoding: a draft, a draft length, a rule."""

    draft: str
    gamma: str
    rule: str
    tokens: Tokens
    places: list[Place]
    cost: Cost | None = None
    speed: Speed | None = None


@dataclass(frozen=True)
class Batch:
    """Several texts side by side; a round is one for all of them, until the last has ended.

    Tokens per round, of all texts together. lockstep: by theory, if all advanced by the smallest number.
    textbook: ragged, with independent acceptances. predicted: ragged, given texts of the target. measured:
    what happened. faster: seconds for the texts one after the other, over seconds for the batch.
    """

    draft: str
    gamma: str
    rule: str
    texts: int
    lockstep: float
    textbook: float
    predicted: float
    measured: Estimate
    tokens_per_second: float | None
    faster: float | None

    @property
    def reached(self) -> float:
        """How much of the ragged theory's tokens per round was reached."""
        return self.measured.mean / self.predicted


@dataclass(frozen=True)
class Measurement:
    """Everything that `specsim measure` prints, draws and writes.

    plain: tokens per second of plain decoding. plain_peer: and those of transformers. What was not timed is
    None.
    """

    pair: str
    options: dict[str, Any]
    alpha: list[Alpha]
    passes: Passes | None
    plain: float | None
    plain_peer: PeerSpeed | None
    found: list[Found]
    batches: list[Batch]
    notes: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)

    def save(self, path: Path) -> None:
        """Write it as JSON."""
        path.write_text(json_text(self) + "\n")
