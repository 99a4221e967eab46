"""The exact law of a round against recursion over strings, closed forms and the papers' examples."""

from fractions import Fraction as F
from itertools import product
from math import prod
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from specsim.core import Plan, chain, height, rules, siblings, tree
from specsim.models import Pair, iid, load_pair, markov, table
from specsim.testing import pairs, shapes
from specsim.theory import (
    completed,
    expected_tokens,
    output_law,
    overlap,
    string_law,
    tokens_law,
    tokens_per_round,
    tokens_per_round_variance,
    tokens_pmf,
    tokens_variance,
)
from tests.core import twin

COIN = Pair(iid([F(1, 3), F(2, 3)]), iid([F(2, 3), F(1, 3)]))
EQUAL = Pair(iid([F(1, 2), F(1, 2)]), iid([F(1, 2), F(1, 2)]))
DISJOINT = Pair(iid([F(1), F(0)]), iid([F(0), F(1)]))

gammas = st.integers(1, 3)
two_tokens = pairs(tokens=2)
every_rule = pytest.mark.parametrize("rule", ["token", "block", "match", "greedy"])


@every_rule
@given(two_tokens, gammas)
def test_the_law_equals_recursion_over_strings(rule, pair, gamma):
    expected = twin.output_law(rules.get(rule), *map(twin.next_law, (pair.target, pair.draft)), chain(gamma))
    assert output_law(rule, pair, chain(gamma)) == expected


@pytest.mark.parametrize("rule", ["token", "match"])
@given(two_tokens, shapes(max_nodes=3, tokens=2))
def test_so_it_does_on_trees(rule, pair, shape):
    models = map(twin.next_law, (pair.target, pair.draft))
    assert output_law(rule, pair, shape) == twin.output_law(rules.get(rule), *models, shape.parent, shape.how)


@given(two_tokens, gammas)
def test_the_token_rule_needs_no_rule(pair, gamma):
    """Kept with min(target, draft), corrected with (target - draft)_+: the law of a round by hand."""

    def by_hand(context, left):
        target, draft = (
            list(model(np.array([context], dtype=int))[0]) for model in (pair.target, pair.draft)
        )
        if left == 0:
            return {(token,): p for token, p in enumerate(target)}
        law = {(token,): max(p - q, F(0)) for token, (p, q) in enumerate(zip(target, draft))}
        for token, (p, q) in enumerate(zip(target, draft)):
            for rest, more in by_hand((*context, token), left - 1).items():
                law[token, *rest] = min(p, q) * more
        return law

    expected = {emitted: p for emitted, p in by_hand((), gamma).items() if p != 0}
    assert output_law("token", pair, chain(gamma)) == expected


@every_rule
@given(pairs(tokens=3), gammas.filter(lambda gamma: gamma < 3))
@example(EQUAL, 2)
@example(DISJOINT, 2)
def test_numbers_of_tokens_are_lengths_of_tuples(rule, pair, gamma):
    law, counts = output_law(rule, pair, chain(gamma)), tokens_law(rule, pair, chain(gamma))
    assert sum(counts.values()) == sum(law.values()) == 1
    assert all(
        p == sum(q for emitted, q in law.items() if len(emitted) == count) for count, p in counts.items()
    )
    mean = tokens_per_round(rule, pair, chain(gamma))
    assert mean == sum(len(emitted) * p for emitted, p in law.items())
    variance = sum(len(emitted) ** 2 * p for emitted, p in law.items()) - mean**2
    assert tokens_per_round_variance(rule, pair, chain(gamma)) == variance


@pytest.mark.theorem("tokens-pmf", "tokens-mean", "tokens-variance")
@given(pairs(tokens=3, kinds=["iid"]), gammas)
def test_for_independent_tokens_the_overlap_says_it_all(pair, gamma):
    alpha, shape = overlap(pair.target.law, pair.draft.law), chain(gamma)
    pmf = {count: p for count, p in enumerate(tokens_pmf(alpha, gamma), 1) if p != 0}
    assert tokens_law("token", pair, shape) == pmf
    assert tokens_per_round("token", pair, shape) == expected_tokens(alpha, gamma)
    assert tokens_per_round_variance("token", pair, shape) == tokens_variance(alpha, gamma)


def strings(pair, gamma):
    """Each string of 1..gamma tokens: the target's and the draft's chances of its tokens, one by one."""
    for length in range(1, gamma + 1):
        for string in product(range(2), repeat=length):
            prefixes = [np.array([string[:i]], dtype=int) for i in range(length)]
            yield [
                [model(prefix)[0, token] for prefix, token in zip(prefixes, string)]
                for model in (pair.target, pair.draft)
            ]


@given(two_tokens, gammas)
def test_the_token_rule_keeps_a_string_with_the_product_of_minima(pair, gamma):
    kept = sum(prod(map(min, target, draft)) for target, draft in strings(pair, gamma))
    assert tokens_per_round("token", pair, chain(gamma)) == 1 + kept


@pytest.mark.theorem("block-switch-point")
@given(two_tokens, gammas)
def test_the_block_rule_keeps_a_string_with_the_minimum_over_switch_points(pair, gamma):
    """min over j of draft(first j tokens) target(the rest | them): Sun et al. 2024, in closed form."""
    kept = sum(
        min(prod(draft[:j]) * prod(target[j:]) for j in range(len(draft) + 1))
        for target, draft in strings(pair, gamma)
    )
    assert tokens_per_round("block", pair, chain(gamma)) == 1 + kept


def test_the_motivating_example_of_block_verification():
    assert tokens_per_round("token", COIN, chain(2)) - 1 == F(10, 9)
    assert tokens_per_round("block", COIN, chain(2)) - 1 == F(11, 9)
    assert tokens_law("block", COIN, chain(2)) == {1: F(3, 9), 2: F(1, 9), 3: F(5, 9)}


@given(two_tokens, st.lists(st.integers(0, 1), max_size=2))
def test_a_round_after_a_context_is_a_round_of_the_rest(pair, context):
    rest = SimpleNamespace(target=shifted(pair.target, context), draft=shifted(pair.draft, context))
    law = output_law("token", pair, chain(2), context)
    assert law == output_law("token", rest, chain(2))
    assert completed(law, pair.target, 3, context) == string_law(pair.target, 3, context)


def shifted(model, context):
    return lambda tokens: model(
        np.concatenate([np.tile(np.array(context, int), (len(tokens), 1)), tokens], 1)
    )


@given(two_tokens, st.integers(0, 3))
def test_completed_cuts_what_is_longer(pair, length):
    assert completed(string_law(pair.target, 3), pair.target, length) == string_law(pair.target, length)


@given(two_tokens, st.integers(0, 3))
def test_string_law_is_the_chain_rule(pair, length):
    assert string_law(pair.target, length) == twin.string_law(twin.next_law(pair.target), length)


def test_a_rule_may_be_any_function():
    def keep_nothing(target, draft):
        stop = np.zeros(target.shape[:-1])
        stop[..., 0] = 1
        return Plan(stop, target)

    assert tokens_law(keep_nothing, load_pair("toy"), chain(2)) == {1: 1.0}


def test_floats_and_fractions_agree():
    exact = output_law("block", COIN, chain(3))
    floats = output_law("block", load_pair("bernoulli"), chain(3))
    assert floats.keys() == exact.keys()
    assert all(p == pytest.approx(float(exact[emitted]), abs=1e-15) for emitted, p in floats.items())


def test_drafts_that_are_not_drawn_are_few_on_any_vocabulary():
    law = np.arange(1, 501) / np.arange(1, 501).sum()
    pair = Pair(iid(law), iid(law))
    assert tokens_per_round("match", pair, siblings(3, how="top")) == pytest.approx(1 + law[-3:].sum())


@pytest.mark.parametrize(
    "rule, pair, shape, message",
    [
        ("tokens", COIN, chain(1), "there is no rule 'tokens'; choose one of"),
        (None, COIN, chain(1), "a rule is one of"),
        ("token", COIN.target, chain(1), "a pair has a model as .target, got Iid"),
        ("block", COIN, tree(2, 1), "block verifies a single chain"),
        ("token", COIN, (1,), "must hang below"),
        ("token", load_pair("toy"), chain(20), "lists every case, at most .* specsim.simulate.run"),
    ],
)
def test_what_cannot_be_listed_is_refused(rule, pair, shape, message):
    with pytest.raises(ValueError, match=message):
        output_law(rule, pair, shape)


@pytest.mark.parametrize(
    "law, message",
    [
        ([0.5, 0.6], "draft law at .* sums to 1.1"),
        ([1.5, -0.5], "draft law at .* has an entry -0.5"),
        ([np.nan, 0.5], "draft law at .* has an entry nan"),
        ([0.2, 0.3, 0.5], "share one vocabulary"),
    ],
)
def test_bad_laws_are_refused(law, message):
    target, draft = ([0.5, 0.5], law)
    bad = SimpleNamespace(
        target=lambda tokens: np.tile(target, (len(tokens), 1)),
        draft=lambda tokens: np.tile(draft, (len(tokens), 1)),
    )
    with pytest.raises(ValueError, match=message):
        output_law("token", bad, chain(2))


def test_a_model_that_answers_one_law_for_many_contexts_is_refused():
    pair = SimpleNamespace(target=lambda tokens: np.array([0.5, 0.5]), draft=COIN.draft)
    with pytest.raises(ValueError, match=r"returns laws \(B, V\) for tokens \(B, t\); the target"):
        output_law("token", pair, chain(1))


def test_strings_that_cannot_be_listed_are_refused():
    with pytest.raises(ValueError, match="lists every case"):
        string_law(iid(np.full(3000, 1 / 3000)), 2)


def test_tables_and_chains_by_position_are_pairs_too():
    halves = [F(1, 2), F(1, 2)]
    by_position = markov(halves, [[[F(1, 4), F(3, 4)], halves], [halves, [F(1), F(0)]]])
    listed = table(
        {(): halves, (0,): [F(1, 4), F(3, 4)], (1,): halves, (0, 1): [F(1), F(0)], (1, 1): [F(1), F(0)]},
        halves,
    )
    pairs_alike = [Pair(target, COIN.draft) for target in (by_position, listed)]
    first, second = (output_law("block", pair, chain(2)) for pair in pairs_alike)
    assert first == second
    assert height(chain(2)) + 1 == max(map(len, first))
