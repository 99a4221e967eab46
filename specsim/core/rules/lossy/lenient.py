"""Lenience: the draft counts only l times, so a token is kept with chance min(1, target / (l draft)).

No token is emitted with more than target / l, if the correction is (target - draft)_+ ("unchanged") or
(target - l draft)_+ ("scaled"); the paper leaves it open, and with the target itself the promise fails.
"""

from typing import Any

from ...arrays import Array, positive
from ..rule import Rule
from .token_wise import Rows, kept_share, number, of_kind, token_wise

CORRECTIONS = ("unchanged", "scaled", "target")
SOURCE = "Leviathan et al. 2023 (2211.17192), Appendix A.5"


def lenient(lenience: Any = "1/2", correction: str = "unchanged") -> Rule:
    """Keep x with chance min(1, target / (lenience draft)).

        emitted = min(target / lenience, draft) + rejected correction

    lenience: in (0, 1], 1 being no lenience. correction: "unchanged", "scaled" or "target". Chains only.
    Raises ValueError for other arguments. The law is `theory.lenient_law`.

    >>> lenient(0.5), lenient("1/3", correction="scaled")
    (rules.lossy:lenient(0.5,unchanged), rules.lossy:lenient(1/3,scaled))

    Leviathan et al. 2023, Appendix A.5.
    """
    share = number(lenience, "lenience", 0, 1)
    if share == 0:
        raise ValueError("lenience must be above 0; towards 0 every drafted token is kept")
    if correction not in CORRECTIONS:
        raise ValueError(f"correction must be one of {', '.join(CORRECTIONS)}, got {correction!r}")

    def accept(target: Array, draft: Array) -> Array:
        return kept_share(target, of_kind(share, draft) * draft)

    replace: dict[str, Rows] = {
        "unchanged": lambda target, draft: positive(target - draft),
        "scaled": lambda target, draft: positive(target - of_kind(share, draft) * draft),
        "target": lambda target, draft: target,
    }
    return token_wise("lenient", (share, correction), SOURCE, accept, replace[correction])
