"""What a draft tree yields, and which tree is the best: against enumeration of rounds and of all trees."""

from fractions import Fraction
from functools import cache
from itertools import product

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from specsim.core import Draft, as_shape, chain, chains, height, paths, rules, score, siblings, tree
from specsim.core.draft import children
from specsim.models import Pair, iid
from specsim.testing import pairs, shapes
from specsim.theory.best_first import TokenTree, best_first_tree, likely_tree, text_tokens
from specsim.theory.output import tokens_per_round
from specsim.theory.overlap import overlap
from specsim.theory.strings import string_law
from specsim.theory.tree_choice import fastest_tree
from specsim.theory.tree_search import optimal_tokens_by_size, optimal_tree
from specsim.theory.trees import positional_acceptances, tree_tokens

F = Fraction

sixteenths = st.lists(st.integers(0, 8), min_size=1, max_size=4).filter(lambda row: sum(row) <= 16)
rows = sixteenths.map(lambda row: [F(value, 16) for value in row])
falling = rows.map(lambda row: sorted(row, reverse=True))
limits = st.none() | st.integers(1, 3)


@cache
def every_tree(nodes: int):
    """All trees of up to this many drafted nodes."""
    return [parent for n in range(nodes + 1) for parent in product(*(range(j + 1) for j in range(n)))]


def widest(parent) -> int:
    return max(map(len, children(parent)))


def best_of_all(acceptances, nodes, depth=None, branching=None):
    most = min(branching or nodes, np.shape(acceptances)[-1])
    deepest = min(depth or nodes, len(acceptances) if np.ndim(acceptances) == 2 else nodes)
    fitting = (
        parent
        for parent in every_tree(nodes)
        if not parent or (widest(parent) <= most and height(parent) <= deepest)
    )
    return max(tree_tokens(parent, acceptances) for parent in fitting)


@pytest.mark.theorem("tree-tokens")
@given(
    pair=pairs(tokens=2, kinds=["iid"]), shape=shapes(max_nodes=5, tokens=2, how=["independent", "distinct"])
)
@pytest.mark.parametrize("rule", ["token", "match"])
def test_the_sum_over_paths_is_what_rounds_yield(rule, pair, shape):
    """Chen et al. 2024 (Sequoia), Proposition 3.4, where positions are all that counts."""
    shape = as_shape(shape)
    acceptances = positional_acceptances(rule, pair, widest(shape.parent), how=shape.how)
    assert tree_tokens(shape, acceptances) == tokens_per_round(rule, pair, shape)


@given(pair=pairs(tokens=3), k=st.integers(1, 3))
def test_the_first_child_is_accepted_with_the_overlap(pair, k):
    first, *others = positional_acceptances("token", pair, k, context=(1,))
    context = np.array([[1]])
    assert first == overlap(pair.target(context)[0], pair.draft(context)[0])
    assert first + sum(others) <= 1


@pytest.mark.theorem("optimal-tree")
@given(acceptances=rows, nodes=st.integers(1, 5), depth=limits, branching=limits)
@example(acceptances=[F(1, 10), F(1, 200), F(17, 20)], nodes=3, depth=None, branching=None)
def test_no_tree_yields_more_than_the_optimal_one(acceptances, nodes, depth, branching):
    parent, tokens = optimal_tree(acceptances, nodes, depth=depth, branching=branching)
    found = tree_tokens(parent, acceptances)
    assert found == best_of_all(acceptances, nodes, depth, branching)
    assert abs(found - tokens) <= 1e-12


@given(
    acceptances=st.lists(st.tuples(*[st.integers(0, 5)] * 3), min_size=1, max_size=3), nodes=st.integers(1, 5)
)
def test_acceptances_may_differ_from_depth_to_depth(acceptances, nodes):
    acceptances = [[F(value, 16) for value in row] for row in acceptances]
    parent, tokens = optimal_tree(acceptances, nodes)
    found = tree_tokens(parent, acceptances)
    assert found == best_of_all(acceptances, nodes)
    assert abs(found - tokens) <= 1e-12


@pytest.mark.theorem("best-first")
@given(acceptances=falling, nodes=st.integers(1, 40), depth=limits, branching=limits)
def test_best_first_is_optimal_where_acceptances_fall(acceptances, nodes, depth, branching):
    parent, tokens = best_first_tree(acceptances, nodes, depth=depth, branching=branching)
    assert tokens == tree_tokens(parent, acceptances)
    assert abs(tokens - optimal_tree(acceptances, nodes, depth=depth, branching=branching)[1]) <= 1e-12


@pytest.mark.theorem("best-first")
def test_best_first_would_miss_a_good_third_child():
    acceptances = [F(1, 10), F(1, 200), F(17, 20)]
    greedy = tree_tokens((0, 1, 0), acceptances)  # 1/10, then 1/100, then 1/200
    assert greedy < tree_tokens((0, 0, 0), acceptances) == best_of_all(acceptances, 3)
    with pytest.raises(ValueError, match="use optimal_tree"):
        best_first_tree(acceptances, 3)


@pytest.mark.theorem("tree-bounds")
@given(acceptances=rows, count=st.integers(1, 4), length=st.integers(1, 4))
def test_sequoias_bounds_hold(acceptances, count, length):
    """A chain yields at most 1 / (1 - p_1), k chains 1 more, a binary tree 1 / (1 - p_1 - p_2)."""
    first = acceptances[0]
    bound = 1 / (1 - first)
    assert tree_tokens(chain(length), acceptances) <= bound
    count = min(count, len(acceptances))
    assert tree_tokens(chains(count, length), acceptances) <= bound + 1
    both = sum(acceptances[:2])
    if len(acceptances) > 1 and both < 1:
        assert tree_tokens(tree(*[2] * length), acceptances) <= 1 / (1 - both)


@given(acceptances=rows, verify=st.floats(0, 2), step=st.floats(0, 1))
def test_the_fastest_tree_is_the_fastest_of_all(acceptances, verify, step):
    choice = fastest_tree(acceptances, lambda tokens: 1 + verify * tokens, step, nodes=4, depth=3)

    def speed(parent):
        deep = height(parent) if parent else 0
        return float(tree_tokens(parent, acceptances)) / (1 + verify * (len(parent) + 1) + deep * step)

    fitting = [p for p in every_tree(4) if not p or (height(p) <= 3 and widest(p) <= len(acceptances))]
    assert choice.speed == pytest.approx(max(map(speed, fitting)), rel=1e-12)
    assert speed(choice.parent) == pytest.approx(choice.speed, rel=1e-12)
    assert choice.tokens == pytest.approx(float(tree_tokens(choice.parent, acceptances)), rel=1e-12)


def chosen(tree: TokenTree, pair) -> tuple[np.ndarray, Draft]:
    """Target laws and the draft of these tokens, chosen and not drawn."""
    tokens = np.array([tree.tokens])
    certain = np.array([[[F(int(x == token)) for x in range(pair.vocab_size)] for token in tree.tokens]])
    draft = Draft(tokens, certain, tree.parent)
    return score(pair.target, np.zeros((1, 0), dtype=int), draft), draft


@pytest.mark.theorem("look-up-tree")
@given(pair=pairs(tokens=3), nodes=st.integers(1, 6), depth=limits, branching=limits)
def test_match_yields_the_targets_chance_of_the_texts(pair, nodes, depth, branching):
    tree = likely_tree(pair.draft, nodes, depth=depth, branching=branching)
    stop = rules.match(*chosen(tree, pair)).stop[0]
    kept = sum(len(path) * chance for path, chance in zip(paths(tree.parent), stop))
    assert text_tokens(pair.target, tree) == 1 + kept


@pytest.mark.theorem("look-up-tree")
@given(pair=pairs(tokens=3), nodes=st.integers(1, 6))
def test_no_texts_are_likelier_than_those_of_the_likely_tree(pair, nodes):
    tree = likely_tree(pair.target, nodes)
    chances = [chance for n in range(1, nodes + 1) for chance in string_law(pair.target, n).values()]
    assert text_tokens(pair.target, tree) == 1 + sum(sorted(chances, reverse=True)[:nodes])


def test_limits_bind():
    tree = likely_tree(iid([0.5, 0.25, 0.25]), 100, depth=2, branching=2)
    assert (len(tree.tokens), height(tree.parent), widest(tree.parent)) == (6, 2, 2)
    for search in (optimal_tree, best_first_tree):
        assert sorted(search([0.5, 0.25], 100, depth=2)[0]) == [0, 0, 1, 1, 2, 2]
    assert optimal_tokens_by_size([0.5, 0.25], 7, depth=2)[-1] == -np.inf


@pytest.mark.parametrize(
    "wrong, message",
    [
        (lambda: tree_tokens(siblings(2), [0.5]), "child 2 of a node at depth 0 has none"),
        (lambda: tree_tokens(chain(2), [[0.5]]), "child 1 of a node at depth 1 has none"),
        (lambda: tree_tokens(chain(2), [0.75, 0.5]), "sum to at most 1"),
        (lambda: tree_tokens(chain(2), [-0.5, 0.5]), "must be >= 0"),
        (lambda: optimal_tree([], 3), r"got shape \(0,\)"),
        (lambda: optimal_tree([0.5], 0), "nodes must be an integer >= 1"),
        (lambda: optimal_tree([0.5], 3, depth=0), "depth must be an integer >= 1"),
        (lambda: best_first_tree([0.5], 3, branching=0), "branching must be an integer >= 1"),
        (lambda: likely_tree(iid([0.5, 0.5]), 1.5), "nodes must be an integer >= 1"),
        (lambda: positional_acceptances("tokn", Pair(iid([1.0]), iid([1.0])), 1), "tokn"),
    ],
)
def test_what_cannot_be_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        wrong()
