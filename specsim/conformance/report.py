"""What a check finds: a verdict, how far off, the smallest case that shows it, and what is wrong.

Three verdicts, as a judge has them. "exact": the completed law is the target's own, on every case. "lossy":
it is not, and here is a case. "unknown": something could not be seen, so nothing is claimed beyond bounds.
Sampling alone never proves exactness: a sampled pass is "unknown", with the smallest distance that it would
have caught.

>>> report = Report("unknown", "sampled", detectable=0.02, samples=20_000)
>>> report.verdict, report.bounds
('unknown', (0.0, 1.0))
>>> Report("exact", "sampled")
Traceback (most recent call last):
ValueError: "exact" must come from the exact law or from injection, not from sampling; say "unknown"
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from .wording import paragraphs

KINDS = (
    "acceptance",
    "correction",
    "bonus",
    "row",
    "draft",
    "siblings",
    "randomness",
    "context",
    "state",
    "stopping",
    "arithmetic",
    "logprobs",
    "seed",
    "crash",
)
"""The classes of faults: where in the algorithm the law goes wrong."""

VERDICTS = ("exact", "lossy", "unknown")
METHODS = ("exact law", "injected", "sampled")
FORMAT = 1
"""Version of the saved form."""

Outcome = Any
"""What came out once: a tuple of tokens, or the words of a crash."""


@dataclass(frozen=True)
class Diagnosis:
    """What explains the law that came out.

    kind: one of KINDS. words: what the code does, in one sentence. fix: what to do, in one sentence.

    >>> print(Diagnosis("bonus", "The bonus token is drawn from the draft.", "Draw it from target[gamma]."))
    bonus: The bonus token is drawn from the draft. Draw it from target[gamma].
    """

    kind: str
    words: str
    fix: str

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"a diagnosis is one of {', '.join(KINDS)}, got {self.kind!r}")

    def __str__(self) -> str:
        return f"{self.kind}: {self.words} {self.fix}"


@dataclass(frozen=True)
class Counterexample:
    """One input on which the law is wrong, both laws side by side.

    inputs: the arguments by name, as nested lists. law: rows (outcome, chance that came out, chance that had
    to), the largest difference first. tv: their total variation.

    >>> coin = Counterexample({"target": [[0.5, 0.5]]}, (((0,), 1.0, 0.5), ((1,), 0.0, 0.5)), 0.5)
    >>> print(coin)
    target  [[0.5, 0.5]]
    out     came     expected
    0       1        0.5
    1       0        0.5
    """

    inputs: dict[str, Any]
    law: tuple[tuple[Outcome, float, float], ...]
    tv: float

    def __str__(self) -> str:
        given = [(name, str(value)) for name, value in self.inputs.items()]
        rows = [(_shown(out), f"{came:.6g}", f"{due:.6g}") for out, came, due in self.law[:12]]
        width = max([6, *(len(first) for first, *_ in (*given, *rows))]) + 2
        middle = max([9, *(len(came) + 2 for _, came, _ in rows)])
        table = [
            f"{out:<{width}}{came:<{middle}}{due}" for out, came, due in [("out", "came", "expected"), *rows]
        ]
        return "\n".join([*(f"{name:<{width}}{value}" for name, value in given), *table])


@dataclass(frozen=True)
class Report:
    """The result of a check; `str(report)` explains it.

    verdict: "exact", "lossy" or "unknown". method: "exact law", "injected" or "sampled".
    tv: largest total variation seen between the completed law and the target's; None if none was computed.
    unexplored: probability that was not looked at, of the worst case. tolerance: what rounding may explain.
    counterexample, diagnosis: None unless lossy. cases: how many laws were compared.
    notes: what was seen on the way. tokens_per_round: mean over the cases; low values are no fault.
    samples, evalue, detectable: of sampling: tokens looked at, evidence against exactness (1 / false-alarm
        rate), and the smallest total variation that would have been caught with probability 0.99.

    Raises ValueError for verdicts and methods that do not exist, and for "exact" from sampling.
    """

    verdict: str
    method: str
    tv: float | None = None
    counterexample: Counterexample | None = None
    diagnosis: Diagnosis | None = None
    unexplored: float = 0.0
    tolerance: float = 0.0
    cases: int = 0
    notes: tuple[str, ...] = ()
    tokens_per_round: float | None = None
    samples: int = 0
    evalue: float | None = None
    detectable: float | None = None
    subject: str = ""

    def __post_init__(self) -> None:
        if self.verdict not in VERDICTS or self.method not in METHODS:
            raise ValueError(
                f"a report has a verdict of {VERDICTS} and a method of {METHODS}, "
                f"got {self.verdict!r} and {self.method!r}"
            )
        if self.verdict == "exact" and self.method == "sampled":
            raise ValueError(
                '"exact" must come from the exact law or from injection, not from sampling; say "unknown"'
            )

    @property
    def bounds(self) -> tuple[float, float]:
        """Between what the total variation of the worst case must lie, given what was not looked at."""
        if self.method == "sampled" or self.tv is None:
            return 0.0, 1.0
        return self.tv, min(1.0, self.tv + self.unexplored)

    def __str__(self) -> str:
        return paragraphs(self)

    def save(self, path: str | Path) -> None:
        """Write the report as JSON."""
        Path(path).write_text(json.dumps({"format": FORMAT, **asdict(self)}, indent=1) + "\n")

    @classmethod
    def read(cls, path: str | Path) -> "Report":
        """The report that `save` wrote. Raises ValueError for a file that is none."""
        found = _parsed(Path(path))
        if found["counterexample"]:
            found["counterexample"]["law"] = _rows(found["counterexample"]["law"])
            found["counterexample"] = Counterexample(**found["counterexample"])
        if found["diagnosis"]:
            found["diagnosis"] = Diagnosis(**found["diagnosis"])
        return cls(**{**found, "notes": tuple(found["notes"])})


def _parsed(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text())
    except (json.JSONDecodeError, UnicodeDecodeError) as broken:
        raise ValueError(f"a report is a JSON file as Report.save writes it; {path}: {broken}") from None
    wanted = {field.name for field in fields(Report)}
    if not isinstance(found, dict) or found.pop("format", None) != FORMAT or found.keys() != wanted:
        raise ValueError(f"a report of format {FORMAT} has the entries of Report.save; {path} has others")
    return found


def _rows(law: Sequence[Sequence[Any]]) -> tuple[tuple[Outcome, float, float], ...]:
    return tuple((_tuples(out), came, due) for out, came, due in law)


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _shown(outcome: Outcome) -> str:
    return " ".join(map(str, outcome)) if isinstance(outcome, tuple) else str(outcome)
