"""What a comparison finds, as plain data that can be written to JSON.

Every number comes twice: from theory, and from rounds that were simulated without it.
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from ..simulate import Estimate

AGREES = 5.0
"""Largest |z| that counts as agreement: a right implementation exceeds it once in 1.7 million numbers."""


@dataclass(frozen=True)
class Twice:
    """A number by two independent routes; z: their distance in standard errors.

    theory: without a standard error where every case was listed, with one where contexts were sampled.
    """

    theory: Estimate
    simulated: Estimate
    z: float

    @property
    def agrees(self) -> bool:
        """Whether the routes agree within chance."""
        return abs(self.z) <= AGREES


def twice(theory: Estimate, mean: float, variance: float, rounds: int, noise: float = 0.0) -> Twice:
    """A number by theory, and its mean over simulated rounds, whose variance theory knows as well.

    noise: variance of the number by theory, as far as the simulation does not share it. An event may be too
    rare to be met; so one unit in all rounds counts as noise too.
    """
    apart = (variance + noise + 1 / rounds**2) ** 0.5
    return Twice(theory, Estimate(mean, variance**0.5), (mean - theory.mean) / apart)


@dataclass(frozen=True)
class Entry:
    """A rule on drafts of one shape: tokens per round, and how far the text is from the target's law."""

    rule: str
    shape: str
    exact: bool
    tokens: Twice
    bias: Twice

    @property
    def agrees(self) -> bool:
        """Whether both numbers agree with their simulation."""
        return self.tokens.agrees and self.bias.agrees


@dataclass(frozen=True)
class Front:
    """What no verifier of drafts of this shape can cross: corners of the most tokens for each bias."""

    shape: str
    tokens: list[float]
    bias: list[float]


class Found(NamedTuple):
    """The results of a comparison, however they were come by; see `Comparison`."""

    contexts: str
    bias: str
    entries: list[Entry]
    most: dict[str, float]
    fronts: list[Front]


@dataclass(frozen=True)
class Comparison:
    """Everything that `specsim compare` prints, draws and writes.

    contexts: where the rounds begin, bias: what it is the total variation of, both in words. most: by shape,
    the most tokens of any exact verifier, where it is known.
    """

    pair: str
    settings: dict[str, Any]
    contexts: str
    bias: str
    entries: list[Entry]
    most: dict[str, float]
    fronts: list[Front]
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def agrees(self) -> bool:
        """Whether theory and simulation agree in every entry."""
        return all(entry.agrees for entry in self.entries)

    def save(self, path: Path) -> None:
        """Write the comparison as JSON."""
        path.write_text(json.dumps(asdict(self), indent=1) + "\n")
