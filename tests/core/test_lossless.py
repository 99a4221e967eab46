"""Every exact rule emits the target's own law, exactly, on every shape that it takes."""

from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from specsim.core import Shape, as_shape, chain, height, rules, siblings, tree
from specsim.models import Pair, iid
from specsim.testing import pairs, shapes

from . import twin

F = Fraction
EQUAL = Pair(iid([F(1, 2), F(1, 3), F(1, 6)]), iid([F(1, 2), F(1, 3), F(1, 6)]))
DISJOINT = Pair(iid([F(1, 2), F(1, 2), F(0)]), iid([F(0), F(0), F(1)]))
USUAL = Pair(iid([F(1, 2), F(3, 10), F(1, 5)]), iid([F(1, 5), F(1, 2), F(3, 10)]))

LOSSLESS = [rule for rule in rules.RULES.values() if rule.exact and rule is not rules.greedy]
ON_TREES = [rule for rule in LOSSLESS if not rule.chains_only]

trees = st.one_of(
    st.tuples(pairs(tokens=3), shapes(max_nodes=3, tokens=3)),
    st.tuples(pairs(tokens=2), shapes(max_nodes=4, tokens=2)),
)
chains = st.tuples(pairs(tokens=2), shapes(max_nodes=4, chains_only=True))


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


@pytest.mark.theorem("lossless", "lossless-siblings", "lossless-match")
@pytest.mark.parametrize("rule", ON_TREES, ids=repr)
@settings(max_examples=100)
@given(case=trees)
@example(case=(EQUAL, tree(2, 1)))
@example(case=(DISJOINT, tree(2, 1)))
@example(case=(USUAL, siblings(3, how="distinct")))
@example(case=(USUAL, siblings(3, how="top")))
@example(case=(USUAL, Shape((0, 0, 1, 1), "distinct")))
@example(case=(USUAL, Shape((0, 1, 0, 1), "independent")))
def test_the_output_on_any_tree_is_the_targets_own_law(rule, case):
    pair, shape = case
    target, draft = twin.next_law(pair.target), twin.next_law(pair.draft)
    assert emits_the_law_of(target, rule, target, draft, shape)


@pytest.mark.theorem("lossless", "lossless-token", "lossless-block")
@pytest.mark.parametrize("rule", LOSSLESS, ids=repr)
@settings(max_examples=50)
@given(case=chains)
@example(case=(EQUAL, chain(3)))
@example(case=(DISJOINT, chain(3)))
@example(case=(USUAL, chain(3)))
def test_the_output_on_a_chain_is_the_targets_own_law(rule, case):
    pair, shape = case
    target, draft = twin.next_law(pair.target), twin.next_law(pair.draft)
    assert emits_the_law_of(target, rule, target, draft, shape)


@pytest.mark.theorem("lossless", "lossless-greedy")
@given(case=trees)
@example(case=(EQUAL, tree(2, 1)))
@example(case=(USUAL, siblings(2, how="top")))
def test_greedy_emits_the_argmax(case):
    pair, shape = case
    target, draft = twin.next_law(pair.target), twin.next_law(pair.draft)
    assert emits_the_law_of(argmax_of(target), rules.greedy, target, draft, shape)


@pytest.mark.theorem("lossless")
@pytest.mark.parametrize("rule", ON_TREES, ids=repr)
@pytest.mark.parametrize("shape", [(0, 0, 1, 1, 2, 2), (0, 0, 0, 1, 2, 3), (0, 1, 1, 0, 4)], ids=str)
def test_the_output_on_larger_trees_is_the_targets_own_law(rule, shape):
    target, draft = lambda context: [F(2, 3), F(1, 3)], lambda context: [F(1, 4), F(3, 4)]
    assert emits_the_law_of(target, rule, target, draft, shape)
