"""Statements on several drafts, trees and the optimum that have no test elsewhere."""

from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from specsim.core import as_shape, chain, every, grow, height, paths, rules, siblings, tree
from specsim.core.rules import lossy
from specsim.core.rules.k_seq import best_scale
from specsim.models import Pair, iid
from specsim.testing import law_pairs, pairs, shapes
from specsim.theory import (
    completed,
    lost_by_rule,
    most_tokens,
    most_tokens_by_bias,
    output_law,
    overlap,
    shortfalls,
    siblings_acceptance,
    string_law,
    tokens_per_round,
    total_variation,
)

COIN = Pair(iid([F(1, 3), F(2, 3)]), iid([F(2, 3), F(1, 3)]))
USUAL = np.array([F(1, 2), F(3, 10), F(1, 5)]), np.array([F(1, 5), F(1, 2), F(3, 10)])
EXACT = [rule for rule in rules.RULES.values() if rule is not rules.greedy]


def caps(target, draft, k):
    """c_1, ..., c_k: recursive rejection of m drafts keeps min(target, c_m draft)."""
    found = [F(0)]
    for _ in range(k):
        found.append(found[-1] + np.maximum(target - found[-1] * draft, 0).sum())
    return found[1:]


@pytest.mark.theorem("recursive-rejection-caps")
@given(laws=law_pairs(tokens=4), k=st.integers(1, 5))
@example(laws=USUAL, k=2)
def test_recursive_rejection_keeps_the_target_up_to_a_multiple_of_the_draft(laws, k):
    target, draft = laws
    kept = np.minimum(target, caps(target, draft, k)[-1] * draft).sum()
    assert siblings_acceptance("token", target, draft, k) == kept


@pytest.mark.theorem("k-seq-at-least-token")
@given(laws=law_pairs(tokens=4), k=st.integers(2, 5))
@example(laws=USUAL, k=2)
def test_the_multiple_of_k_seq_is_no_smaller(laws, k):
    """So that it keeps no fewer; the scale is rho* from above, by 2^-46 at most, and exact where it is 1."""
    target, draft = laws
    rho = best_scale(target[None], draft[None], k)[0]
    assert caps(target, draft, k)[-1] <= rho
    assert siblings_acceptance("token", target, draft, k) <= siblings_acceptance(
        "k_seq", target, draft, k
    ) + F(1, 2**40)


@pytest.mark.theorem("traversal-exact")
@given(pair=pairs(tokens=2), shape=shapes(max_nodes=4, tokens=2))
@example(pair=COIN, shape=(0, 1, 1, 3))
def test_traversal_emits_the_targets_law(pair, shape):
    length = height(shape) + 1
    law = output_law("traversal", pair, shape)
    assert completed(law, pair.target, length) == string_law(pair.target, length)


def chance_drafted(pair, shape):
    """The chance that each text is among those of a drafted tree."""
    chance, draft = grow(pair.draft, np.zeros((1, 0), dtype=int), shape, every)
    found: dict = {}
    for p, tokens in zip(chance, draft.tokens.tolist()):
        for text in {tuple(tokens[node - 1] for node in path) for path in paths(draft.parent)}:
            found[text] = found.get(text, 0) + p
    return found


def takes(rule, shape) -> bool:
    shape = as_shape(shape)
    return shape.how in rule.how and (not rule.chains_only or shape.parent == chain(len(shape.parent)))


@pytest.mark.theorem("kept-texts", "block-optimal")
@settings(max_examples=40)
@given(pair=pairs(tokens=2), shape=shapes(max_nodes=4, tokens=2))
@example(pair=COIN, shape=(0, 1, 2))
@example(pair=COIN, shape=tree(2, 1))
def test_no_text_is_kept_more_often_than_drafted_to_some_point_and_written_from_there(pair, shape):
    drafted = chance_drafted(pair, shape)
    for rule in (rule for rule in EXACT if takes(rule, shape)):
        emitted = output_law(rule, pair, shape)
        for text, chance in drafted.items():
            kept = sum(p for y, p in emitted.items() if len(y) > len(text) and y[: len(text)] == text)
            ways = [F(chance)]
            for j in range(len(text)):
                onwards = string_law(pair.target, len(text) - j, text[:j])
                ways.append(drafted[text[:j]] * onwards.get(text[j:], 0))
            assert kept <= min(ways)
            assert rule is not rules.block or kept == min(ways)


@pytest.mark.theorem("no-best-rule")
def test_which_rule_loses_least_depends_on_pair_and_shape():
    best = {}
    for shape in (siblings(3), siblings(2, how="hub"), chain(3), tree(2, 1), tree(2, 2)):
        best[as_shape(shape)] = min(shortfalls(COIN, shape).items(), key=lambda one: (one[1].lost, one[0]))
    assert best[as_shape(siblings(3))][0] == best[as_shape(tree(2, 2))][0] == "k_seq"
    assert best[as_shape(tree(2, 1))][0] == "traversal"
    assert best[as_shape(tree(2, 1))][1].lost > 0.05
    assert best[as_shape(tree(2, 2))][1].lost > 0.05


def test_the_table_has_an_entry_where_a_rule_takes_the_shape():
    table = lost_by_rule({"chain": (COIN, chain(2)), "tree": (COIN, tree(2, 1))})
    assert list(table["block"]) == ["chain"]
    assert list(table["traversal"]) == ["chain", "tree"]
    assert table["token"]["tree"] == shortfalls(COIN, tree(2, 1))["token"].lost


@pytest.mark.theorem("lossy-front")
@settings(max_examples=15)
@given(pair=pairs(tokens=2), gamma=st.integers(1, 2))
@example(pair=COIN, gamma=2)
def test_the_front_is_concave_from_the_exact_optimum_to_the_draft_as_it_is(pair, gamma):
    front = most_tokens_by_bias(pair, chain(gamma))
    assert front.bias[0] == 0
    assert front.tokens[0] == pytest.approx(most_tokens(pair, chain(gamma)), abs=1e-8)
    texts = [string_law(model, gamma) for model in (pair.target, pair.draft)]
    apart = sum(max(p - texts[1].get(text, 0), 0) for text, p in texts[0].items())
    assert front.tokens[-1] == pytest.approx(gamma + 1, abs=1e-8)
    assert front.bias[-1] == pytest.approx(float(apart), abs=1e-8)
    slopes = (
        np.diff(front.tokens)[np.diff(front.bias) > 1e-7] / np.diff(front.bias)[np.diff(front.bias) > 1e-7]
    )
    assert (np.diff(slopes) <= 1e-4 * slopes[:-1]).all()


@pytest.mark.theorem("lossy-front")
@pytest.mark.parametrize(
    "name", [one for one in lossy.names() if one.split(":")[1] not in ("mentored", "cactus")]
)
def test_no_lossy_rule_lies_above_the_front(name):
    front = most_tokens_by_bias(COIN, chain(2))
    written = completed(output_law(name, COIN, chain(2)), COIN.target, 3)
    gap = sum(max(p - written.get(text, 0), 0) for text, p in string_law(COIN.target, 3).items())
    allowed = np.interp(float(gap), front.bias, front.tokens)
    assert float(tokens_per_round(name, COIN, chain(2))) <= allowed + 1e-9


@pytest.mark.theorem("literal-batch")
@given(laws=law_pairs(tokens=3), drafts=st.integers(1, 3))
def test_the_bias_of_a_half_mended_batch_is_at_most_what_is_said(laws, drafts):
    """Where the second residual is empty the rule falls back on the first, which only helps."""
    target, draft = laws
    law = output_law("lossy:mended_batch", Pair(*map(iid, laws)), siblings(drafts))
    first = [sum(p for text, p in law.items() if text[0] == token) for token in range(3)]
    bound = F(drafts**drafts, (drafts + 1) ** (drafts + 1))
    assert total_variation(target, first) <= min(bound, 1 - overlap(target, draft))


@pytest.mark.theorem("speed-of-light")
def test_drawn_drafts_are_not_bound_by_the_speed_of_light():
    target = iid([F(1, 2), F(1, 2)])
    assert tokens_per_round("token", Pair(target, target), chain(4)) == 5
