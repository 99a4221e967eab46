"""Every exact rule emits the target's own law, exactly, on every shape that it takes."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specsim.core import Shape, as_shape, chain, height, rules, siblings, tree
from specsim.core.draft import HOW, is_chain
from specsim.models import Pair, iid
from specsim.testing import pairs

from . import twin
from .families import shapes_of

F = Fraction
EQUAL = Pair(iid([F(1, 2), F(1, 3), F(1, 6)]), iid([F(1, 2), F(1, 3), F(1, 6)]))
DISJOINT = Pair(iid([F(1, 2), F(1, 2), F(0)]), iid([F(0), F(0), F(1)]))
USUAL = Pair(iid([F(1, 2), F(3, 10), F(1, 5)]), iid([F(1, 5), F(1, 2), F(3, 10)]))

LOSSLESS = [rule for rule in rules.RULES.values() if rule.exact and rule is not rules.greedy]
ON_TREES = [rule for rule in LOSSLESS if not rule.chains_only]


def cases(rule):
    """Pairs, and shapes that the rule takes."""
    return st.one_of(
        st.tuples(pairs(tokens=3), shapes_of(rule, 3, tokens=3)),
        st.tuples(pairs(tokens=2), shapes_of(rule, 4, tokens=2)),
    )


def emits_the_law_of(wanted, rule, target, draft, shape) -> bool:
    """Whether one round, carried on by the model `wanted`, has its law over height + 1 tokens."""
    shape = as_shape(shape)
    output = twin.output_law(rule, target, draft, shape.parent, shape.how)
    assert all(type(chance) is F for chance in output.values())
    length = height(shape) + 1
    return twin.completed(output, wanted, length) == twin.string_law(wanted, length)


def argmax_of(target: twin.Next) -> twin.Next:
    def law(context):
        row = target(context)
        return [F(token == row.index(max(row))) for token in range(len(row))]

    return law


def lossless(rule, pair, shape) -> bool:
    target, draft = twin.next_law(pair.target), twin.next_law(pair.draft)
    return emits_the_law_of(target, rule, target, draft, shape)


@pytest.mark.theorem("lossless", "lossless-token", "lossless-siblings", "lossless-block", "lossless-match")
@pytest.mark.parametrize("rule", LOSSLESS, ids=repr)
@settings(max_examples=60)
@given(data=st.data())
def test_the_output_is_the_targets_own_law(rule, data):
    assert lossless(rule, *data.draw(cases(rule)))


AWKWARD = {"equal": EQUAL, "disjoint": DISJOINT, "usual": USUAL}
SHAPES = [
    chain(3),
    tree(2, 1),
    (0, 1, 0, 1),
    *(siblings(3, how=how) for how in HOW),
    Shape((0, 0, 1, 1), "distinct"),
]


@pytest.mark.theorem("lossless")
@pytest.mark.parametrize("rule", LOSSLESS, ids=repr)
@pytest.mark.parametrize("pair", AWKWARD.values(), ids=AWKWARD)
def test_the_output_is_the_targets_own_law_on_awkward_pairs(rule, pair):
    for shape in map(as_shape, SHAPES):
        if shape.how in rule.how and (is_chain(shape.parent) or not rule.chains_only):
            assert lossless(rule, pair, shape)


@pytest.mark.theorem("lossless", "lossless-greedy")
@given(case=cases(rules.greedy))
def test_greedy_emits_the_argmax(case):
    pair, shape = case
    target, draft = twin.next_law(pair.target), twin.next_law(pair.draft)
    assert emits_the_law_of(argmax_of(target), rules.greedy, target, draft, shape)


@pytest.mark.theorem("lossless")
@pytest.mark.parametrize("rule", ON_TREES, ids=repr)
@pytest.mark.parametrize("shape", [(0, 0, 1, 1, 2, 2), (0, 0, 0, 1, 2, 3), (0, 1, 1, 0, 4)], ids=str)
def test_the_output_on_larger_trees_is_the_targets_own_law(rule, shape):
    assert lossless(rule, Pair(iid([F(2, 3), F(1, 3)]), iid([F(1, 4), F(3, 4)])), shape)
