"""Who takes part: every rule on every shape that it verifies, all with the same number of drafted tokens.

>>> from specsim.shapes import shape_name
>>> [shape_name(one) for one in usual_shapes(4, vocabulary=3)]
['chain:4', 'siblings:4', 'chains:2,2', 'chains:2,2:distinct']
>>> found = candidates(["block", "lossy:opt"], [Shape(chain(4))], ["0.1", "0.2"])
>>> [rule.name for rule, shape in found]
['block', 'lossy:opt(0.1)', 'lossy:opt(0.2)']
"""

from collections.abc import Iterator, Sequence
from inspect import signature

from ..core import Shape, as_shape, chain, rules, siblings
from ..core.draft import HOW, children
from ..shapes import check_fit

Candidate = tuple[rules.Rule, Shape]


def usual_shapes(drafted: int, vocabulary: int) -> list[Shape]:
    """A chain, siblings and two chains of so many tokens, as far as the vocabulary can fill them."""
    longer = (drafted + 1) // 2
    halves = (*range(longer), *(0 if j == longer else j for j in range(longer, drafted)))
    found = [Shape(chain(drafted))]
    if drafted > 1:
        found += [as_shape(siblings(drafted, how)) for how in HOW]
    if drafted > 2:
        found += [Shape(halves), Shape(halves, "distinct")]
    return [shape for shape in found if _can_be_filled(shape, vocabulary)]


def _can_be_filled(shape: Shape, vocabulary: int) -> bool:
    """Whether there are enough tokens for siblings that have to differ."""
    return shape.how == "independent" or max(map(len, children(shape.parent))) <= vocabulary


def candidates(names: Sequence[str], shapes: Sequence[Shape], strengths: Sequence[str]) -> list[Candidate]:
    """Every one of these rules on every one of these shapes that it takes, exact rules first.

    names: of rules; none for all but `greedy`, which is exact at temperature 0 only. A lossy rule named
    without parameters is taken at each strength of its first parameter that it allows.
    Raises ValueError for unknown names, and for a rule that takes none of the shapes.
    """
    asked = names or [*(name for name in rules.RULES if name != rules.greedy.name), *rules.lossy.names()]
    every = [rule for name in asked for rule in _strengths(name, strengths)]
    found = [(rule, shape) for shape in shapes for rule in every if _fits(rule, shape)]
    if names:
        for rule in every:
            if all(rule is not one for one, _ in found):
                check_fit(rule, shapes[0])
    return sorted(found, key=lambda one: not one[0].exact)


def _strengths(name: str, strengths: Sequence[str]) -> Iterator[rules.Rule]:
    """The rule of this name; if it is lossy, without parameters and takes some: at every strength."""
    bare = name.removeprefix(rules.lossy.PREFIX)
    if not rules.lossy.is_lossy(name) or bare not in rules.lossy.LOSSY:
        yield rules.get(name)
        return
    make = rules.lossy.LOSSY[bare]
    if not signature(make).parameters:
        yield make()
        return
    for strength in strengths:
        yield make(strength)


def _fits(rule: rules.Rule, shape: Shape) -> bool:
    try:
        check_fit(rule, shape)
    except ValueError:
        return False
    return True
