"""Verification rules by name.

>>> names()
['batch', 'block', 'greedy', 'match', 'token']
>>> get("block").exact
True
"""

from .batch import batch
from .block import block
from .greedy import greedy
from .match import match
from .rule import Rule, rule
from .token import token

RULES: dict[str, Rule] = {one.name: one for one in (token, block, batch, match, greedy)}


def names() -> list[str]:
    """The names of all rules, sorted."""
    return sorted(RULES)


def get(name: str) -> Rule:
    """The rule of this name. Raises ValueError, with the names that exist, where there is none."""
    if name not in RULES:
        raise ValueError(f"there is no rule {name!r}; choose one of {', '.join(names())}")
    return RULES[name]


__all__ = ["RULES", "Rule", "batch", "block", "get", "greedy", "match", "names", "rule", "token"]
