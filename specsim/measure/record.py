"""What a study finds, as plain data that can be written to JSON and read back.

One row per rule and shape sets theory, simulation and measurement side by side:

- `iid_on_policy`, `iid_teacher_forced`: the textbook formula at the measured acceptance. It assumes that
  acceptances are independent and identically distributed, which texts are not, and that the rule decides node
  by node, which `block` and `traversal` do not.
- `given_texts`: what the target's own texts say of rounds of this rule, without either assumption (see
  `given_text`); for chains that are verified by token, block or match.
- `exact`: no assumption. For pairs of finite order the long-run expectation under the exact law of
  rounds; for real models the expectation given the drafts that were met (the mean over the recorded plans).
- `simulated`: the same, drawn. `measured`: what decoding really kept.
"""

import json
import platform
import sys
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from math import isfinite
from pathlib import Path
from typing import Any

from ..core import as_shape
from ..shapes import read_shape
from ..simulate import Estimate

AGREES = 4.0
"""Largest |z| that counts as agreement: a right implementation exceeds it once in 16,000 comparisons."""


@dataclass(frozen=True)
class Row:
    """Tokens per round and speed of one rule on drafts of one shape.

    shape: its name, as `specsim.shapes` writes it. gamma: drafted tokens per round.
    """

    rule: str
    shape: str
    gamma: int
    rounds: int
    iid_on_policy: float
    iid_teacher_forced: float | None
    given_texts: float | None
    exact: float
    simulated: Estimate
    measured: Estimate
    z_simulated: float
    z_measured: float
    tokens_per_second: float | None = None
    predicted_speedup: float | None = None
    measured_speedup: Estimate | None = None

    @property
    def draft(self) -> str:
        """What is drafted, in short: gamma for a chain, else the name of the shape."""
        return str(self.gamma) if self.shape == f"chain:{self.gamma}" else self.shape

    @property
    def agrees(self) -> bool:
        """Whether simulation and measurement are both within chance of the exact expectation."""
        return abs(self.z_simulated) <= AGREES and abs(self.z_measured) <= AGREES


@dataclass(frozen=True)
class Costs:
    """Seconds per call, and what follows from them.

    target_step: one new token of plain decoding. The others by draft: gamma for a chain, else the name of the
    shape. draft: drafting all of it; the first token after a target pass is dearer, since the pass has driven
    the draft out of the processor's cache. verify: the target's pass over all of it, and the decision.
    opening: the first round, which reads the prompt, and what comes before it; of plain decoding under 0.
    """

    target_step: float
    draft: dict[int | str, float]
    verify: dict[int | str, float]
    opening: dict[int | str, float]

    def c(self, draft: int | str) -> float:
        """Time of drafting one of the tokens over one target step."""
        return self.draft[draft] / drafted(draft) / self.target_step

    def v(self, draft: int | str) -> float:
        """Time of verifying all of the tokens over one target step."""
        return self.verify[draft] / self.target_step

    def round(self, draft: int | str) -> float:
        """Time of a round over one target step."""
        return (self.draft[draft] + self.verify[draft]) / self.target_step

    def speedup(self, draft: int | str, tokens: int, per_round: float) -> float:
        """Time of plain decoding of so many tokens over that of rounds which yield `per_round` of them.

        >>> costs = Costs(1.0, {2: 0.5}, {2: 1.5}, {0: 3.0, 2: 5.0})
        >>> costs.speedup(2, tokens=31, per_round=3.1)                   # 33 steps over 5 and 9 rounds of 2
        1.434...
        """
        rounds = tokens / per_round - 1
        own = self.opening[draft] + rounds * (self.draft[draft] + self.verify[draft])
        return (self.opening[0] + (tokens - 1) * self.target_step) / own


@dataclass(frozen=True)
class Study:
    """Everything that `specsim study` prints, draws and writes."""

    pair: str
    settings: dict[str, Any]
    alpha: dict[str, Estimate]
    bits_per_token: dict[str, tuple[float, float]]
    costs: Costs | None
    plain_tokens_per_second: float | None
    rows: list[Row]
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def agrees(self) -> bool:
        """Whether every row does."""
        return all(row.agrees for row in self.rows)

    def save(self, path: Path) -> None:
        """Write the study as JSON."""
        path.write_text(json_text(self) + "\n")


def json_text(record: Any) -> str:
    """A dataclass as JSON; null where there is no finite number, for which JSON has no word.

    >>> json_text(Estimate(0.5, float("nan")))
    '{\\n "mean": 0.5,\\n "standard_error": null\\n}'
    """
    return json.dumps(_finite(asdict(record)), indent=1, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _finite(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def drafted(draft: int | str) -> int:
    """The number of drafted tokens: gamma itself, or the nodes of a shape."""
    return draft if isinstance(draft, int) else len(as_shape(read_shape(draft)).parent)


def environment() -> dict[str, str]:
    """What the numbers were taken with: versions, processor, threads."""
    found = {"python": platform.python_version(), "machine": platform.machine()}
    for name in ("specsim-decoding", "numpy", "torch", "transformers"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    if "torch" in sys.modules:
        found["torch threads"] = str(sys.modules["torch"].get_num_threads())
    return found
