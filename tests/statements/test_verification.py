"""Statements on verification that have no test elsewhere: plans, rounds in a row, weights, bounds."""

from fractions import Fraction as F
from itertools import product
from math import prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from specsim.core import Draft, Plan, chain, every, grow, law, rules, score, siblings
from specsim.models import Pair, iid
from specsim.testing import drafts, laws, pairs
from specsim.theory import completed, output_law, string_law

from ..papers.enumeration import flip, outcomes, positive_part

COIN = Pair(iid([F(1, 3), F(2, 3)]), iid([F(2, 3), F(1, 3)]))


@pytest.mark.theorem("verifier-is-a-plan")
@given(st.integers(1, 3).flatmap(lambda nodes: st.tuples(st.just(nodes), laws(3 * nodes))))
def test_every_law_of_node_and_token_is_that_of_a_plan(case):
    joint = case[1].reshape(case[0], 3)
    stop = joint.sum(axis=1)
    rest = np.where(stop[:, None] == 0, F(1, 3), joint / np.where(stop == 0, 1, stop)[:, None])
    assert (law(Plan(stop, rest)) == joint).all()


def algorithm_1(target, draft):
    """Leviathan et al. 2023, Algorithm 1, after the draft has been made: (tokens kept, token emitted)."""

    def program():
        for n, token in enumerate(draft.tokens):
            if not (yield flip(min(F(1), target[n, token] / draft.laws[n, token]))):
                return n, (yield positive_part(target[n], draft.laws[n]))
        return len(draft.tokens), (yield target[-1])

    return program


@pytest.mark.theorem("verifier-is-a-plan")
@given(drafts(tokens=3, shape=st.sampled_from([chain(1), chain(3)])))
def test_the_published_algorithm_has_the_law_of_the_plan_of_token(drafted):
    target, draft = drafted
    joint = law(rules.token(target, draft))
    found = {place: p for place, p in np.ndenumerate(joint) if p != 0}
    assert found == outcomes(algorithm_1(target, draft))


@pytest.mark.theorem("lossless")
@pytest.mark.parametrize("rule, shape", [("token", siblings(2)), ("block", chain(2)), ("match", chain(2))])
@given(pair=pairs(tokens=2, kinds=["markov"]))
def test_a_second_round_of_another_shape_leaves_the_targets_law(rule, shape, pair):
    written = {}
    for first, p in output_law(rule, pair, shape).items():
        for second, q in output_law("token", pair, chain(len(first)), first).items():
            written[first + second] = written.get(first + second, 0) + p * q
    length = max(map(len, written))
    assert completed(written, pair.target, length) == string_law(pair.target, length)


def kept_prefixes(rule, pair, gamma):
    """The chance that each string of 1..gamma tokens was drafted and kept."""
    start = np.zeros((1, 0), dtype=int)
    chance, draft = grow(pair.draft, start, chain(gamma), every)
    plan = rules.get(rule)(score(pair.target, np.repeat(start, len(chance), axis=0), draft), draft)
    at_least = chance[:, None] * plan.stop[:, ::-1].cumsum(axis=1)[:, ::-1]
    found = {}
    for tokens, row in zip(draft.tokens.tolist(), at_least):
        for i in range(1, gamma + 1):
            found[tuple(tokens[:i])] = found.get(tuple(tokens[:i]), 0) + row[i]
    return found


def along(pair, string):
    """The chances of the tokens of a string, one by one: (target's, draft's)."""
    before = [np.array([string[:i]], dtype=int) for i in range(len(string))]
    return [[model(row)[0, x] for row, x in zip(before, string)] for model in (pair.target, pair.draft)]


@pytest.mark.theorem("block-weights")
@given(pair=pairs(tokens=2), gamma=st.integers(1, 3))
def test_block_keeps_a_drafted_prefix_with_its_weight(pair, gamma):
    for string, chance in kept_prefixes("block", pair, gamma).items():
        weight = F(1)
        for t, d in zip(*along(pair, string)):
            weight = min(F(1), weight * t / d)
        assert chance == prod(along(pair, string)[1]) * weight


@pytest.mark.theorem("block-below-full-information")
@pytest.mark.parametrize("rule", ["token", "match", "block"])
@given(pair=pairs(tokens=2), gamma=st.integers(1, 3))
def test_no_exact_rule_keeps_a_string_more_often_than_either_model_writes_it(rule, pair, gamma):
    for string, chance in kept_prefixes(rule, pair, gamma).items():
        assert chance <= min(map(prod, along(pair, string)))


@pytest.mark.theorem("block-below-full-information")
def test_block_stays_below_that_bound():
    strings = [x for i in (1, 2) for x in product((0, 1), repeat=i)]
    bound = sum(min(map(prod, along(COIN, string))) for string in strings)
    kept = [sum(kept_prefixes(rule, COIN, 2).values()) for rule in ("token", "block")]
    assert (*kept, bound) == (F(10, 9), F(11, 9), F(12, 9))


@pytest.mark.theorem("decide-then-draw")
@pytest.mark.parametrize("rule", [rules.token, rules.block], ids=repr)
@given(pair=pairs(tokens=3), last=st.sets(st.integers(0, 2)))
def test_to_stop_drafting_after_certain_tokens_is_exact(rule, pair, last):
    """Drafts of two tokens, of which the second is not looked at where the first is in `last`."""

    def cut(target, draft):
        full = rule(target, draft)
        first = rule(target[:, :2], Draft(draft.tokens[:, :1], draft.laws[:, :1], chain(1)))
        ends = np.isin(draft.tokens[:, 0], list(last))[:, None]
        stop, residual = full.stop.copy(), full.residual.copy()
        stop[:, :2] = np.where(ends, first.stop, stop[:, :2])
        stop[:, 2:] = np.where(ends, 0 * stop[:, 2:], stop[:, 2:])
        residual[:, :2] = np.where(ends[..., None], first.residual, residual[:, :2])
        return Plan(stop, residual)

    assert completed(output_law(cut, pair, chain(2)), pair.target, 3) == string_law(pair.target, 3)
