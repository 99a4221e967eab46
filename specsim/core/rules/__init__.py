"""Verification rules by name: `RULES` are exact, those of `lossy` are not, and their names say so.

>>> [name for name in names() if get(name).exact]
['batch', 'block', 'greedy', 'hub', 'k_seq', 'match', 'naive_tree', 'token', 'traversal']
>>> get("block").exact
True
"""

from . import lossy
from .batch import batch
from .block import block
from .greedy import greedy
from .hub import hub
from .k_seq import k_seq
from .match import match
from .naive_tree import naive_tree
from .rule import Rule, Verify, rule
from .token import token
from .traversal import traversal

RULES: dict[str, Rule] = {
    one.name: one for one in (token, block, batch, traversal, naive_tree, hub, k_seq, match, greedy)
}


def names() -> list[str]:
    """The names of all rules, sorted; those of lossy rules begin with "lossy:"."""
    return sorted([*RULES, *lossy.names()])


def get(name: str) -> Rule:
    """The rule of this name. Raises ValueError, with the names that exist, where there is none.

    >>> get("lossy:lenient(0.25)").exact
    False
    """
    if lossy.is_lossy(name):
        return lossy.get(name)
    if advice := lossy.hint(name):
        raise ValueError(f"there is no exact rule {name!r}; {advice}")
    if name not in RULES:
        raise ValueError(f"there is no rule {name!r}; choose one of {', '.join(names())}")
    return RULES[name]


def find(rule: str | Verify) -> Verify:
    """The rule of this name, or the function itself: what every public function that takes a rule accepts.

    Raises ValueError where it is neither.
    """
    if isinstance(rule, str):
        return get(rule)
    if not callable(rule):
        raise ValueError(
            f"a rule is one of {', '.join(names())}, or a function (target, draft) -> Plan, got {rule!r}"
        )
    return rule


__all__ = [
    "RULES",
    "Rule",
    "batch",
    "block",
    "find",
    "get",
    "greedy",
    "hub",
    "k_seq",
    "lossy",
    "match",
    "naive_tree",
    "names",
    "rule",
    "token",
    "traversal",
]
