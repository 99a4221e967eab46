"""What a study does: which rules on which drafts, how many prompts, and how texts are sampled."""

from dataclasses import dataclass
from typing import Any

from ..core import chain, height, rules
from ..shapes import check_fit, fits, read_shape, shape_name

Arm = tuple[str, str]
"""A rule and the name of a shape; PLAIN is decoding without a draft."""

PLAIN: Arm = ("plain", "")


@dataclass(frozen=True)
class Settings:
    """What a study does.

    rules: names. gammas: lengths of chains. prompts, tokens: how many, and how many tokens each is continued
    by. temperature, top_k, top_p: as in `decode.generate`. file: prompts of the user's own. shapes: other
    drafts, as `specsim.shapes` names them; every rule meets those that it can verify.
    Raises ValueError for unknown rules and shapes, a rule that can verify none, and numbers out of range.
    """

    rules: tuple[str, ...] = ("token", "block", "match")
    gammas: tuple[int, ...] = (1, 2, 3, 5)
    prompts: int = 12
    tokens: int = 64
    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    seed: int = 0
    file: str | None = None
    shapes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.rules or not (self.gammas or self.shapes) or min(self.gammas, default=1) < 1:
            raise ValueError(
                "a study needs rules, and gammas of at least 1 or shapes, got "
                f"{self.rules}, {self.gammas} and {self.shapes}"
            )
        for name in self.rules:
            if not any(_fits(name, shape) for shape in self.drafts):
                check_fit(rules.get(name), read_shape(self.drafts[0]))
        if self.prompts < 2:
            raise ValueError(f"standard errors need at least 2 prompts, got {self.prompts}")
        deepest = max(self.drafts, key=lambda name: height(read_shape(name)))
        needed = 2 * height(read_shape(deepest)) + 2
        if self.tokens < needed:
            raise ValueError(f"{deepest} needs at least {needed} tokens per prompt, got {self.tokens}")

    @property
    def sampling(self) -> dict[str, Any]:
        """The arguments that every way of decoding shares."""
        return {"temperature": self.temperature, "top_k": self.top_k, "top_p": self.top_p}

    @property
    def drafts(self) -> list[str]:
        """The names of all shapes, chains first."""
        chains = [shape_name(chain(gamma)) for gamma in self.gammas]
        return list(dict.fromkeys([*chains, *(shape_name(read_shape(text)) for text in self.shapes)]))

    @property
    def arms(self) -> list[Arm]:
        """Every rule on every shape that it can verify."""
        return [(name, shape) for name in self.rules for shape in self.drafts if _fits(name, shape)]


def _fits(rule: str, shape: str) -> bool:
    return fits(rules.get(rule), read_shape(shape))
