"""Shapes of drafts as text, for command lines and tables: kind, sizes, and how siblings are chosen.

    chain:5               five tokens, one after the other
    siblings:4:distinct   four alternatives for one position, drawn without replacement
    tree:3,2,1            three children of the root, two of each of them, one of each of those
    chains:2,3            two chains of three tokens that part at the root
    parent:0,0,1:top      any tree, by the parent of each node

>>> read_shape("tree:2,1"), read_shape("siblings:2:distinct")
((0, 0, 1, 2), Shape(parent=(0, 0), how='distinct'))
>>> shape_name((0, 0, 1, 1, 2, 2)), shape_name((0, 0, 1))
('tree:2,2', 'parent:0,0,1')
"""

from collections.abc import Callable
from typing import Any

from .core.draft import (
    HOW,
    AnyShape,
    Parent,
    Shape,
    as_shape,
    chain,
    chains,
    children,
    is_chain,
    siblings,
    tree,
)
from .core.rules import Rule

KINDS: dict[str, Callable[..., Any]] = {
    "chain": chain,
    "siblings": siblings,
    "tree": tree,
    "chains": chains,
    "parent": lambda *above: above,
}
"""What makes the shape of each kind from its sizes."""


def read_shape(text: str) -> AnyShape:
    """The shape that a text such as "tree:3,2:distinct" names; see the module for the kinds.

    Raises ValueError for a text that names none.

    >>> read_shape("chain:3")
    (0, 1, 2)
    """
    kind, _, rest = text.strip().partition(":")
    numbers, _, how = rest.partition(":")
    try:
        full = Shape(KINDS[kind](*(int(number) for number in numbers.split(","))), how or HOW[0])
    except (KeyError, TypeError, ValueError) as error:
        why = f" ({error})" if isinstance(error, ValueError) and numbers.replace(",", "").isdigit() else ""
        raise ValueError(
            f"{text!r} is no shape{why}; write chain:5, siblings:3, tree:3,2,1, chains:2,3 or parent:0,0,1, "
            f"and how siblings are chosen behind it: {', '.join(':' + one for one in HOW[1:])}"
        ) from error
    return full.parent if full.how == HOW[0] else full


def shape_name(shape: AnyShape) -> str:
    """The shortest text that `read_shape` turns into this shape.

    >>> shape_name((0, 1, 2)), shape_name(Shape((0, 0, 0), "top")), shape_name((0, 1, 0, 3))
    ('chain:3', 'siblings:3:top', 'chains:2,2')
    """
    full = as_shape(shape)
    how = "" if full.how == HOW[0] else f":{full.how}"
    for kind, sizes in _readings(full.parent):
        if sizes and KINDS[kind](*sizes) == full.parent:
            return f"{kind}:{','.join(map(str, sizes))}{how}"
    return f"parent:{','.join(map(str, full.parent))}{how}"


def check_fit(rule: object, shape: AnyShape) -> None:
    """Raise ValueError unless the rule verifies drafts of this shape; other functions verify what they like.

    >>> from specsim.core import rules
    >>> check_fit(rules.token, (0, 0))
    >>> check_fit(rules.block, (0, 0))
    Traceback (most recent call last):
    ...
    ValueError: block verifies a single chain such as chain:3, got siblings:2; for trees use traversal
    """
    if why := _misfit(rule, as_shape(shape)):
        raise ValueError(why)


def fits(rule: object, shape: AnyShape) -> bool:
    """Whether the rule verifies drafts of this shape.

    >>> from specsim.core import rules
    >>> fits(rules.block, (0, 0)), fits(rules.traversal, (0, 0))
    (False, True)
    """
    return not _misfit(rule, as_shape(shape))


def _misfit(rule: object, shape: Shape) -> str:
    if not isinstance(rule, Rule) or is_chain(shape.parent):
        return ""
    if rule.chains_only:
        return (
            f"{rule.name} verifies a single chain such as chain:3, got {shape_name(shape)}; "
            "for trees use traversal"
        )
    if shape.how not in rule.how:
        return (
            f"{rule.name} verifies siblings chosen {' or '.join(rule.how)}, got {shape_name(shape)}; "
            f"use {shape_name(Shape(shape.parent, rule.how[0]))}, or the rule token"
        )
    return ""


def _readings(parent: Parent) -> list[tuple[str, tuple[int, ...]]]:
    """Kinds in the order of preference, with the only sizes that could make them this tree."""
    below = children(parent)
    branches = len(below[0])
    return [
        ("chain", (len(parent),) if parent else ()),
        ("siblings", (branches,) if parent else ()),
        ("tree", _branching(below)),
        ("chains", (branches, len(parent) // branches) if branches else ()),
    ]


def _branching(below: tuple[tuple[int, ...], ...]) -> tuple[int, ...]:
    """The number of children of the first node of each level."""
    found, node = [], 0
    while below[node]:
        found.append(len(below[node]))
        node = below[node][0]
    return tuple(found)
