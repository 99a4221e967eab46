"""What `measure` looks at."""

from dataclasses import dataclass
from typing import Any

from ..decode.lengths import read_lengths
from ..decode.sampling import warp
from . import given_text


@dataclass(frozen=True)
class Options:
    """What is measured, on which texts, and how long that may take.

    gammas: draft lengths, as `specsim.decode.lengths` reads them. rules: token, block or match. prompts,
    tokens: how many, and how many tokens each is continued by. temperature, top_k, top_p: of all decoding.
    temperatures, top_ps: at which alpha is read besides. batch: how many texts side by side; 1: no batches.
    longest: of passes, in tokens. seconds: for passes. peers: whether to race transformers. prompt_file,
    text_file: instead of the package's, prompts separated by blank lines, and held-out text.
    Raises ValueError for numbers out of range, and for rules and draft lengths that there are not.
    """

    gammas: tuple[str, ...] = ("2", "4")
    rules: tuple[str, ...] = ("token",)
    prompts: int = 8
    tokens: int = 48
    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    temperatures: tuple[float, ...] = (0.5, 0.8, 1.0)
    top_ps: tuple[float, ...] = (0.9,)
    batch: int = 8
    longest: int = 64
    seconds: float = 10.0
    peers: bool = True
    prompt_file: str | None = None
    text_file: str | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if not (self.gammas and self.rules):
            raise ValueError(
                "there is nothing to measure without a draft length and a rule, got "
                f"{self.gammas} and {self.rules}"
            )
        for rule in self.rules:
            given_text.check_rule(rule)
        if self.prompts < 2:
            raise ValueError(f"standard errors need at least 2 prompts, got {self.prompts}")
        for gamma in self.gammas:
            needed = _tokens_needed(gamma)
            if self.tokens < needed:
                raise ValueError(
                    f"gamma {gamma} needs at least {needed} tokens per prompt, got {self.tokens}"
                )
        if self.batch < 1 or self.longest < 2 or self.seconds < 0 or self.seed < 0:
            raise ValueError(
                "batch must be at least 1, longest at least 2, seconds and seed at least 0, got "
                f"{self.batch}, {self.longest}, {self.seconds} and {self.seed}"
            )
        for temperature, top_p in self.settings:
            warp(temperature, self.top_k, top_p)

    @property
    def sampling(self) -> dict[str, Any]:
        """The arguments that every way of decoding shares."""
        return {"temperature": self.temperature, "top_k": self.top_k, "top_p": self.top_p}

    @property
    def settings(self) -> list[tuple[float, float]]:
        """Temperatures with their top-p at which alpha is read, that of decoding first."""
        main = (self.temperature, self.top_p)
        others = [(one, self.top_p) for one in self.temperatures] + [(main[0], one) for one in self.top_ps]
        return list(dict.fromkeys([main, *others]))


def _tokens_needed(gamma: str) -> int:
    """For a second round, whatever the first keeps; of a constant length, for a whole one."""
    first = read_lengths(gamma).pace().longest()
    return 2 * first + 2 if gamma.isdigit() else first + 2
