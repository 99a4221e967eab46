"""Lossy rules: they keep more, and what comes out is no longer the target's law. Each says so in its name.

A lossy rule is made with its parameters, and its name holds both them and the word: nobody can select one by
accident. `specsim.theory.rule_bias` says what a rule emits, and how far that is from the target.

>>> get("lossy:lenient(0.5)"), get("lossy:typical").exact
(rules.lossy:lenient(0.5,unchanged), False)
>>> names()
['lossy:cactus', 'lossy:cascade', 'lossy:lenient', 'lossy:literal_batch', 'lossy:mended_batch',
 'lossy:mentored', 'lossy:opt', 'lossy:target_on_rejection', 'lossy:threshold', 'lossy:typical', 'lossy:uno']

To drop a drafted token because of its value and draw that position anew is no rule, since the token is never
verified; what comes out then is `specsim.theory.discard_law`.
"""

import re
from collections.abc import Callable
from inspect import signature

from ..rule import Rule
from .cactus import cactus
from .cascade import cascade
from .lenient import lenient
from .literal_batch import literal_batch, mended_batch
from .mentored import mentored
from .over_accept import opt, target_on_rejection, uno
from .threshold import threshold, typical

PREFIX = "lossy:"

LOSSY: dict[str, Callable[..., Rule]] = {
    make.__name__: make
    for make in (
        lenient,
        typical,
        threshold,
        opt,
        uno,
        target_on_rejection,
        mentored,
        cascade,
        cactus,
        literal_batch,
        mended_batch,
    )
}
"""What makes the rule, by name without the prefix."""


def names() -> list[str]:
    """The names of all lossy rules, sorted; each stands for the rule with its usual parameters."""
    return sorted(PREFIX + name for name in LOSSY)


def get(text: str) -> Rule:
    """The rule of a name such as "lossy:typical" or "lossy:lenient(0.5,scaled)".

    Raises ValueError for a name that is none, and for parameters that the rule does not take.

    >>> get("lossy:mentored(1/20)").name
    'lossy:mentored(0.05)'
    """
    found = re.fullmatch(rf"{PREFIX}(\w+)(?:\((.*)\))?", text)
    if not found or found[1] not in LOSSY:
        raise ValueError(f"there is no lossy rule {text!r}; choose one of {', '.join(names())}")
    make = LOSSY[found[1]]
    given = [word.strip() for word in (found[2] or "").split(",") if word.strip()]
    takes = list(signature(make).parameters)
    if len(given) > len(takes):
        raise ValueError(f"{PREFIX}{found[1]} takes ({', '.join(takes)}), got {text!r}")
    return make(*given)


def is_lossy(name: str) -> bool:
    """Whether a name asks for a lossy rule, with the prefix."""
    return name.startswith(PREFIX)


def hint(name: str) -> str:
    """What to say to someone who asks for a lossy rule without the prefix; empty for any other name."""
    bare = name.split("(")[0]
    if bare not in LOSSY:
        return ""
    return f"{bare!r} changes the output law, so it must be asked for as {PREFIX + name!r}"


__all__ = [
    "LOSSY",
    "cactus",
    "cascade",
    "get",
    "hint",
    "is_lossy",
    "lenient",
    "literal_batch",
    "mended_batch",
    "mentored",
    "names",
    "opt",
    "target_on_rejection",
    "threshold",
    "typical",
    "uno",
]
