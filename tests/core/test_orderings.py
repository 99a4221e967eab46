"""Which rule keeps more: block at least as much as token, and each as much as its closed form says."""

from collections import Counter
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from specsim.core import Draft, chain, every, grow, rules, score
from specsim.models import Pair, iid
from specsim.testing import drafts, pairs, shapes

from . import twin

F = Fraction
SUN = Pair(iid([F(1, 3), F(2, 3)]), iid([F(2, 3), F(1, 3)]))


def along_each_path(pair, gamma: int):
    """For every string of up to gamma tokens: the two models' laws of each of its tokens."""
    target, draft = twin.next_law(pair.target), twin.next_law(pair.draft)
    for length in range(1, gamma + 1):
        for string in product(range(pair.vocab_size), repeat=length):
            prefixes = [string[:i] for i in range(length)]
            yield [(target(p)[x], draft(p)[x]) for p, x in zip(prefixes, string)]


def chance_to_keep(rule, pair, gamma: int):
    """For every drafted prefix: the chance that it is drafted and all of it is kept."""
    empty, found = np.zeros((1, 0), dtype=int), Counter()
    chance, draft = grow(pair.draft, empty, chain(gamma), every)
    target = score(pair.target, np.repeat(empty, len(chance), axis=0), draft)
    for one, tokens, stop in zip(chance, draft.tokens.tolist(), rule(target, draft).stop):
        for length in range(1, gamma + 1):
            found[tuple(tokens[:length])] += one * stop[length:].sum()
    return found


def kept(rule, pair, gamma: int):
    """Expected number of drafted tokens that the rule keeps in a round from the empty context."""
    return sum(chance_to_keep(rule, pair, gamma).values())


@pytest.mark.theorem("block-at-least-token")
@given(pair=pairs(tokens=2), gamma=st.integers(1, 4))
@example(pair=SUN, gamma=3)
def test_block_keeps_at_least_as_many_as_token(pair, gamma):
    """Even prefix by prefix, averaged over what was drafted after it."""
    by_block, by_token = (chance_to_keep(rule, pair, gamma) for rule in (rules.block, rules.token))
    assert all(by_block[prefix] >= by_token[prefix] for prefix in by_token)


@given(drafted=drafts(shape=shapes(1, chains_only=True), tokens=4))
def test_block_is_token_at_gamma_1(drafted):
    block, token = rules.block(*drafted), rules.token(*drafted)
    assert (block.stop == token.stop).all()
    assert (block.residual == token.residual).all()


@given(pair=pairs(tokens=2), gamma=st.integers(1, 3))
@example(pair=SUN, gamma=2)
def test_token_keeps_the_product_of_overlaps(pair, gamma):
    expected = sum(np.prod([min(t, d) for t, d in path]) for path in along_each_path(pair, gamma))
    assert kept(rules.token, pair, gamma) == expected


@pytest.mark.theorem("block-switch-point")
@given(pair=pairs(tokens=2), gamma=st.integers(1, 3))
@example(pair=SUN, gamma=2)
def test_block_keeps_the_least_product_over_a_switch_from_draft_to_target(pair, gamma):
    def least(path):
        switches = range(len(path) + 1)
        return min(np.prod([d for _, d in path[:j]] + [t for t, _ in path[j:]]) for j in switches)

    assert kept(rules.block, pair, gamma) == sum(map(least, along_each_path(pair, gamma)))


@given(drafted=drafts(tokens=3, shape=shapes(3, chains_only=True)))
def test_match_never_keeps_more_than_token(drafted):
    target, draft = drafted
    by_match, by_token = (rule(target, draft).stop for rule in (rules.match, rules.token))
    assert (by_match[::-1].cumsum()[::-1] <= by_token[::-1].cumsum()[::-1]).all()


@given(drafted=drafts(tokens=3, shape=shapes(3, chains_only=True)))
def test_a_point_mass_draft_makes_token_and_match_one(drafted):
    target, draft = drafted
    point = np.vectorize(lambda x: F(int(x)), otypes=[object])(np.eye(3)[draft.tokens])
    chosen = Draft(draft.tokens, point, draft.parent)
    assert (rules.token(target, chosen).stop == rules.match(target, draft).stop).all()
