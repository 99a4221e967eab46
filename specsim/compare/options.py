"""What is compared."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """What a comparison does.

    drafted: tokens per round, the same for all. rules, shapes: names; none for all that there are. strengths:
    of lossy rules, each a point of the curve. rounds: to simulate for each entry; by default 100,000, or 256
    where drafts are too many to be listed. seed: of all of them.
    Raises ValueError for numbers out of range.
    """

    drafted: int = 4
    rules: tuple[str, ...] = ()
    shapes: tuple[str, ...] = ()
    strengths: tuple[str, ...] = ("0.001", "0.005", "0.02", "0.05", "0.1", "0.2", "0.4", "0.7", "0.9")
    rounds: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if self.drafted < 1:
            raise ValueError(f"a comparison needs at least 1 drafted token, got {self.drafted}")
        if self.rounds is not None and self.rounds < 2:
            raise ValueError(f"standard errors need at least 2 rounds, got {self.rounds}")
