"""Policies as text, for command lines."""

from collections.abc import Callable

from .confidence import confidence
from .constant import constant
from .optimal import optimal
from .policy import Lengths
from .schedule import schedule

KINDS: dict[str, tuple[Callable[..., Lengths], tuple[type, ...]]] = {
    "schedule": (schedule, (int, int)),
    "confidence": (confidence, (float, int)),
    "optimal": (optimal, (int,)),
}
"""What makes the policy of each kind, and of which numbers."""


def read_lengths(text: str) -> Lengths:
    """The policy that a text names: a number, or a kind and numbers.

        3                   constant(3)
        schedule:5          schedule(5), and schedule:5:20 is schedule(5, 20)
        confidence:0.4:10   confidence(0.4, 10)
        optimal:8           optimal(8), its costs measured

    Numbers may be left out from the end: "optimal". Raises ValueError for a text that names no policy.

    >>> read_lengths("3"), read_lengths("confidence:0.4")
    (Constant(most=3), Confidence(threshold=0.4, most=20))
    """
    if text.strip().isdigit():
        return constant(int(text))
    kind, *numbers = text.strip().split(":")
    try:
        make, types = KINDS[kind]
        values = [read(number) for read, number in zip(types, numbers, strict=len(numbers) > len(types))]
    except (KeyError, ValueError) as error:
        raise ValueError(
            f"{text!r} names no draft length; write a number such as 3, or schedule:5, confidence:0.4:10, "
            "optimal:8"
        ) from error
    return make(*values)
