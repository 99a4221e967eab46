"""The algorithm of Weng et al. 2025 (arXiv 2505.12398), enumerated, is the rule traversal.

It deletes leaves from the drafted tree until one is accepted. What a deletion leaves at the parent is its
acceptance, the target's law and the draft's law there, all of which its next children then face.
"""

from fractions import Fraction as F
from itertools import pairwise, product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from specsim.core import Shape, as_shape, law, rules, tree
from specsim.core.draft import children
from specsim.models import Pair, iid, table
from specsim.testing import HOW, drafts, pairs, shapes
from specsim.theory import output_law, tokens_per_round

from .enumeration import flip, outcomes, positive_part
from .examples import PAIRS, law_after
from .test_several_drafts import drawn_tree, drawn_tree_without_replacement, without

SUN = Pair(iid([F(1, 3), F(2, 3)]), iid([F(2, 3), F(1, 3)]))
SIBLINGS = st.builds(Shape, st.integers(1, 3).map(lambda k: (0,) * k), st.sampled_from(HOW))
SHAPES = [
    (0, 0, 1),
    (0, 1, 0, 3),
    (0, 0, 1, 2),
    (0, 1, 1, 0),
    Shape((0, 0, 1, 2), "distinct"),
    Shape((0, 1, 1, 0), "distinct"),
]


def traversal_verification(pair, shape):
    """The leaf that is tried is the first one; below a deleted leaf there is nothing left to try."""
    distinct = shape.how == "distinct"

    def program():
        big, small = law_after(pair.target), law_after(pair.draft)
        grown = drawn_tree_without_replacement if distinct else drawn_tree
        texts = yield from grown(small, shape.parent)
        below = [list(nodes) for nodes in children(shape.parent)]
        p, owed, left = {0: F(1)}, list(map(big, texts)), list(map(small, texts))
        tried = [set() for _ in texts]
        while True:
            path = [0]
            while below[path[-1]]:  # down to the first leaf
                above, node = path[-1], below[path[-1]][0]
                if node not in p:
                    token = texts[node][-1]
                    p[node] = min(F(1), p[above] * owed[above][token] / left[above][token])
                path.append(node)
            leaf = path[-1]
            if (yield flip(p[leaf])):
                return (*texts[leaf], (yield owed[leaf]))
            parent = path[-2]
            below[parent].remove(leaf)
            scaled = [p[parent] * value for value in owed[parent]]
            excess = sum(max(a - b, F(0)) for a, b in zip(scaled, left[parent]))
            p[parent] = excess / (excess + 1 - p[parent])
            owed[parent] = positive_part(scaled, left[parent]) if excess else owed[parent]
            if distinct:
                token = texts[leaf][-1]
                tried[parent].add(token)
                left[parent] = without(left[parent], token, tried[parent])

    return program


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_traversal_verification_is_the_rule_traversal(pair, shape):
    found = outcomes(traversal_verification(pair, as_shape(shape)))
    assert found == output_law(rules.traversal, pair, shape)


@pytest.mark.theorem("traversal-is-block")
@given(drafted=drafts(shape=shapes(4, chains_only=True)))
def test_traversal_is_block_on_a_chain(drafted):
    """Weng et al. 2025, Theorem 3.4."""
    assert (law(rules.traversal(*drafted)) == law(rules.block(*drafted))).all()


@pytest.mark.theorem("traversal-is-block")
@given(drafted=drafts(shape=SIBLINGS))
def test_traversal_is_token_on_siblings(drafted):
    assert (law(rules.traversal(*drafted)) == law(rules.token(*drafted))).all()


def fits_into(tree, other) -> bool:
    """Whether a tree, nested tuples of subtrees, needs no child that the other does not have."""
    return len(tree) <= len(other) and all(fits_into(*both) for both in zip(tree, other))


def falling(tree) -> bool:
    """Whether the subtree of each child fits into that of the sibling before it."""
    return all(fits_into(later, one) for one, later in pairwise(tree)) and all(map(falling, tree))


def nested(shape):
    """A tree as nested tuples of subtrees."""
    below = children(as_shape(shape).parent)

    def subtree(node):
        return tuple(subtree(child) for child in below[node])

    return subtree(0)


def deepest(tree) -> int:
    return max((1 + deepest(child) for child in tree), default=0)


@pytest.mark.theorem("traversal-at-least-token")
@settings(max_examples=60)
@given(
    pair=pairs(tokens=2),
    shape=shapes(max_nodes=5, tokens=2, how=["independent"]).filter(lambda shape: falling(nested(shape))),
)
@example(pair=SUN, shape=tree(2, 2))
@example(pair=SUN, shape=(0, 1, 1, 2, 3))
def test_traversal_keeps_at_least_as_many_as_token(pair, shape):
    by_traversal, by_token = (tokens_per_round(rule, pair, shape) for rule in ("traversal", "token"))
    assert by_traversal >= by_token


@settings(max_examples=30)
@given(pair=pairs(tokens=3), parent=st.sampled_from([(0, 0, 1, 2), (0, 1, 1), (0, 1, 1, 1)]))
def test_traversal_was_never_seen_to_keep_fewer_of_different_siblings(pair, parent):
    """Observed, not proved."""
    shape = Shape(parent, "distinct")
    assert tokens_per_round("traversal", pair, shape) >= tokens_per_round("token", pair, shape)


@pytest.mark.theorem("traversal-below-token")
def test_traversal_may_keep_fewer_where_a_later_sibling_is_deeper():
    """Node 2 is a leaf and tested before its sibling 3, below which there is node 4."""
    pair, shape = Pair(iid([F(1, 5), F(4, 5)]), iid([F(2, 5), F(3, 5)])), (0, 1, 1, 3)
    assert not falling(nested(shape))
    found = [tokens_per_round(rule, pair, shape) for rule in ("traversal", "token")]
    assert found == [F(1631, 625), F(1633, 625)]


def by_depth(*laws):
    """A model of three tokens whose law depends on the number of tokens before."""
    at = {(): laws[0]} | {text: laws[len(text)] for n in (1, 2) for text in product(range(3), repeat=n)}
    return table({text: [F(x, 4) for x in law] for text, law in at.items()}, default=[F(1), F(0), F(0)])


@pytest.mark.theorem("traversal-below-token")
def test_traversal_may_keep_fewer_where_a_later_sibling_of_equal_depth_has_more_children():
    pair = Pair(by_depth([0, 2, 2], [1, 3, 0], [0, 0, 4]), by_depth([1, 3, 0], [0, 2, 2], [2, 0, 2]))
    shape = (0, 1, 1, 2, 3, 3)
    first, second = nested(shape)[0]
    assert deepest(first) == deepest(second)
    assert not fits_into(second, first)
    found = [tokens_per_round(rule, pair, shape) for rule in ("traversal", "token")]
    assert found == [F(33, 16), F(67, 32)]


@given(drafted=drafts(exact=False, tokens=5, shape=shapes(max_nodes=6, tokens=5)))
def test_traversal_in_floats_is_a_law(drafted):
    plan = rules.traversal(*drafted)
    assert (plan.stop >= 0).all()
    assert abs(plan.stop.sum(axis=-1) - 1) <= 1e-12
