"""Several drafts at one position: exactness, acceptance by formula and by listing, orderings, the optimum."""

from fractions import Fraction as F
from itertools import combinations, product
from math import prod

import numpy as np
import pytest
import torch
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from specsim.core import Draft, law, rules, siblings
from specsim.core.rules.k_seq import best_scale, expected_tries
from specsim.models import Pair, iid
from specsim.testing import law_pairs, laws
from specsim.theory import (
    completed,
    optimal_acceptance,
    optimal_rule,
    output_law,
    overlap,
    siblings_acceptance,
    string_law,
    tokens_per_round,
)
from specsim.theory.distinct_drafts import chance_outside
from specsim.theory.multidraft import FORMULAS
from specsim.theory.optimal_transport import drafted_sets

T, D = np.array([F(1, 2), F(3, 10), F(1, 5)]), np.array([F(1, 5), F(1, 2), F(3, 10)])
CERTIFIED = (
    np.array([F(309, 500), F(177, 500), F(7, 250)]),
    np.array([F(373, 1000), F(29, 50), F(47, 1000)]),
)
COUNTS = st.integers(1, 3)
EVERY_FORMULA = pytest.mark.parametrize("rule, how", FORMULAS)


def listed(rule, target, draft, k, how="independent"):
    """The chance to keep a draft, from the rule's plans on all drafts."""
    return tokens_per_round(rule, Pair(iid(target), iid(draft)), siblings(k, how)) - 1


def least_bound(target, draft, k, replacement):
    """min over all sets H of target(H) + 1 - P(all drafts lie in H)."""
    chances = drafted_sets(draft.tolist(), k, replacement)
    tokens = range(len(target))
    return min(
        sum(target[x] for x in inside)
        + 1
        - sum(p for drafted, p in chances.items() if drafted <= set(inside))
        for size in range(len(target) + 1)
        for inside in combinations(tokens, size)
    )


@pytest.mark.theorem("k-seq")
@given(laws=law_pairs(tokens=3), k=st.integers(2, 4))
@example(laws=(T, D), k=2)
def test_the_scale_of_k_seq_is_valid_and_nearly_the_smallest(laws, k):
    target, draft = (row[None] for row in laws)
    rho = best_scale(target, draft, k)
    assert expected_tries(target, draft, k, rho) <= rho
    if rho > 1:
        less = rho - F(k - 1, 2**47)
        assert expected_tries(target, draft, k, less) > less


def test_k_seq_refuses_siblings_of_different_laws():
    laws = np.array([[0.5, 0.5], [0.25, 0.75]])
    with pytest.raises(ValueError, match=r"from one law, those at nodes \(1, 2\) .* use rules\.token"):
        rules.k_seq(np.full((3, 2), 0.5), Draft(np.array([0, 1]), laws, (0, 0)))


def test_k_seq_takes_siblings_of_one_law_below_different_parents():
    laws = np.array([[0.5, 0.5], [0.25, 0.75], [0.25, 0.75]])
    plan = rules.k_seq(np.full((4, 2), 0.5), Draft(np.array([0, 1, 1]), laws, (0, 1, 1)))
    assert plan.stop.sum() == 1


@pytest.mark.theorem("lossless-siblings", "optimum-is-a-cut")
@pytest.mark.parametrize("rule", [rules.token, rules.naive_tree, rules.hub], ids=repr)
@given(first=law_pairs(tokens=3), other=law_pairs(tokens=3))
def test_drafts_of_different_models_give_the_targets_law(rule, first, other):
    """Two draft models, one token of each."""
    target, laws = first[0], np.stack([first[1], other[1]])
    emitted = np.array([F(0)] * 3)
    for tokens in product(range(3), repeat=2):
        chance = prod(row[token] for row, token in zip(laws, tokens))
        if chance:
            joint = law(rule(np.stack([target] * 3), Draft(np.array(tokens), laws, (0, 0))))
            emitted += chance * joint[0]
            for node, token in enumerate(tokens, 1):
                emitted[token] += chance * joint[node].sum()
    assert (emitted == target).all()


@pytest.mark.theorem("look-up", "k-seq")
@EVERY_FORMULA
@given(laws=law_pairs(tokens=3), k=COUNTS)
@example(laws=(T, D), k=2)
def test_the_formula_is_what_the_plans_add_up_to(rule, how, laws, k):
    assert siblings_acceptance(rules.get(rule), *laws, k, how=how) == listed(rule, *laws, k, how)


@EVERY_FORMULA
@given(laws=law_pairs(tokens=4), k=COUNTS)
def test_the_formula_is_the_same_in_every_kind(xp, rule, how, laws, k):
    exact = float(siblings_acceptance(rule, *laws, k, how=how))
    found = siblings_acceptance(rule, *(xp.array(np.stack([row] * 2)) for row in laws), k, how=how)
    assert abs(np.asarray(found, dtype=float) - exact).max() <= 1e-12


def test_a_rule_without_a_formula_is_refused():
    with pytest.raises(ValueError, match=r"there is a formula for .*, got 'block' with how=\"independent\""):
        siblings_acceptance("block", T, D, 2)
    with pytest.raises(ValueError, match=r"got V = 700 and k = 3; take a smaller one"):
        siblings_acceptance("token", *np.full((2, 700), 1 / 700), 3, how="distinct")


@pytest.mark.theorem("siblings-order")
@given(laws=law_pairs(tokens=4), k=st.integers(2, 5))
@example(laws=(T, D), k=2)
def test_naive_look_up_then_naive_tree_then_recursive_rejection(laws, k):
    match, naive_tree, token = (siblings_acceptance(r, *laws, k) for r in ("match", "naive_tree", "token"))
    assert match <= naive_tree <= token <= optimal_acceptance(*laws, k)


@pytest.mark.theorem("k-seq-guarantee", "siblings-order")
@given(laws=law_pairs(tokens=4), k=st.integers(2, 4))
def test_k_seq_keeps_its_guaranteed_share_of_the_optimum(laws, k):
    best, found = optimal_acceptance(*laws, k), siblings_acceptance("k_seq", *laws, k)
    assert (1 - (1 - F(1, k)) ** k) * best <= found + F(1, 2**40)
    assert found <= best


@pytest.mark.theorem("k-seq-at-least-token", "siblings-order")
@pytest.mark.parametrize("k", [2, 3, 4, 5])
@pytest.mark.parametrize("spread", [0.2, 1.0, 5.0])
def test_k_seq_keeps_no_less_than_recursive_rejection(k, spread):
    rng = np.random.default_rng(k)
    for vocabulary in (2, 3, 5, 20):
        target, draft = rng.dirichlet(np.full(vocabulary, spread), size=(2, 1000))
        by_k_seq, by_token = (siblings_acceptance(rule, target, draft, k) for rule in ("k_seq", "token"))
        assert (by_k_seq >= by_token - 1e-12).all()


@pytest.mark.theorem("siblings-order")
@given(laws=law_pairs(tokens=4), k=COUNTS)
def test_different_drafts_are_never_worse_for_the_optimum(laws, k):
    assume((laws[1] > 0).sum() >= k)
    assert optimal_acceptance(*laws, k, replacement=False) >= optimal_acceptance(*laws, k)


@given(laws=law_pairs(tokens=4), k=COUNTS)
def test_different_drafts_were_never_seen_to_be_worse_for_recursive_rejection(laws, k):
    """Observed, not proved."""
    assert siblings_acceptance("token", *laws, k, how="distinct") >= siblings_acceptance("token", *laws, k)


@pytest.mark.theorem("optimum-by-prefixes")
@pytest.mark.parametrize("replacement", [True, False])
@given(laws=law_pairs(tokens=4), k=COUNTS)
@example(laws=(T, D), k=2)
def test_a_scan_of_prefixes_finds_the_least_bound_over_all_sets(replacement, laws, k):
    assume(replacement or (laws[1] > 0).sum() >= k)
    expected = least_bound(*laws, k, replacement)
    assert optimal_acceptance(*laws, k, replacement=replacement) == expected


@pytest.mark.theorem("optimum-is-a-cut")
@pytest.mark.parametrize("replacement", [True, False])
@settings(max_examples=15)
@given(laws=law_pairs(tokens=4, exact=False), k=COUNTS)
def test_the_linear_programme_attains_the_optimum_and_emits_the_target(replacement, laws, k):
    target, draft = laws
    assume(replacement or (draft > 1e-9).sum() >= k)
    rule = optimal_rule(target, draft, k, replacement=replacement)
    shape = siblings(k, "independent" if replacement else "distinct")
    pair = Pair(iid(target), iid(draft))
    kept = tokens_per_round(rule, pair, shape) - 1
    assert kept == pytest.approx(optimal_acceptance(target, draft, k, replacement=replacement), abs=1e-9)
    emitted = completed(output_law(rule, pair, shape), pair.target, 2)
    wanted = string_law(pair.target, 2)
    assert all(abs(emitted.get(text, 0) - wanted.get(text, 0)) < 1e-9 for text in {*emitted, *wanted})


@pytest.mark.theorem("optimum-is-a-cut")
@given(laws=law_pairs(tokens=4), k=COUNTS)
def test_the_optimum_is_1_where_no_set_is_drafted_too_often(laws, k):
    """Acceptance 1 if and only if target(H) >= draft(H)^k for every set H."""
    target, draft = laws
    sets = [np.array(one) for one in product([0, 1], repeat=4)]
    enough = all((target * one).sum() >= (draft * one).sum() ** k for one in sets)
    assert (optimal_acceptance(target, draft, k) == 1) == enough


@given(laws=law_pairs(tokens=4))
def test_the_optimum_of_one_draft_is_the_overlap(laws):
    for replacement in (True, False):
        assert optimal_acceptance(*laws, 1, replacement=replacement) == overlap(*laws)


@pytest.mark.theorem("hub-is-optimal")
@given(laws=law_pairs(tokens=4), k=st.integers(2, 4))
def test_hub_verification_is_optimal_on_hub_drafts(laws, k):
    """The bound of all sets, of the drafts that a hub can make: Top and one token x of the rest."""
    target, draft = laws
    top = np.argsort(-draft, kind="stable")[: k - 1].tolist()
    rest = [0 if x in top else p for x, p in enumerate(draft)]
    left = sum(rest)
    rest = [p / left for p in rest] if left else [F(x not in top, 5 - k) for x in range(4)]
    bounds = []
    for one in product([False, True], repeat=4):
        inside = sum(p for x, p in enumerate(rest) if one[x]) if all(one[x] for x in top) else 0
        bounds.append(sum(target[x] for x in range(4) if one[x]) + 1 - inside)
    assert siblings_acceptance("hub", target, draft, k, how="hub") == min(bounds)


def test_the_certified_example():
    """Drafts of a certified study: recursive rejection and the optimum of two drafts, as rationals."""
    assert siblings_acceptance("token", *CERTIFIED, 2) == F(169277, 200000)
    assert optimal_acceptance(*CERTIFIED, 2) == F(988871, 1000000)


def test_the_values_of_the_reference_vector():
    found = {rule: siblings_acceptance(rule, T, D, 2) for rule in ("match", "naive_tree", "token")}
    assert found == {"match": F(507, 1000), "naive_tree": F(19, 25), "token": F(19, 25)}
    assert round(float(best_scale(T[None], D[None], 2)[0]), 6) == 1.456776
    assert round(float(siblings_acceptance("k_seq", T, D, 2)), 6) == 0.791355
    assert round(float(siblings_acceptance("token", T, D, 2, how="distinct")), 6) == 0.808571
    assert siblings_acceptance("hub", T, D, 2, how="hub") == F(9, 10)
    assert optimal_acceptance(T, D, 2) == F(43, 50)
    assert round(float(optimal_acceptance(T, D, 2, replacement=False)), 6) == 0.985714


@pytest.mark.parametrize("replacement, k", [(True, 1), (True, 8), (False, 1), (False, 2), (False, 3)])
def test_the_optimum_is_the_same_in_every_kind(xp, replacement, k):
    rng = np.random.default_rng(k)
    weights = rng.integers(1, 50, size=(2, 3, 6))
    exact = np.vectorize(F, otypes=[object])(weights)
    target, draft = exact / exact.sum(axis=-1, keepdims=True)
    expected = optimal_acceptance(target, draft, k, replacement=replacement)
    found = optimal_acceptance(xp.array(target), xp.array(draft), k, replacement=replacement)
    assert found.shape == (3,)
    assert abs(np.asarray(found, dtype=float) - expected.astype(float)).max() <= 1e-12


def test_one_target_may_meet_many_drafts(xp):
    target, drafts = xp.array(T), xp.array(np.stack([D, T]))
    for found in (optimal_acceptance(target, drafts, 2), siblings_acceptance("token", target, drafts, 2)):
        assert found.shape == (2,)
        assert abs(float(found[1]) - 1) <= 1e-12


def test_two_distinct_drafts_of_a_nearly_certain_law_lose_no_digits():
    draft = np.array([1 - 3e-17, 2e-17, 1e-17])
    target = np.array([0.0, 0.5, 0.5])
    assert optimal_acceptance(target, draft, 2, replacement=False) == pytest.approx(5 / 6, abs=1e-15)


@given(law=laws(tokens=5, exact=False), k=st.integers(1, 4))
def test_the_integral_over_clocks_is_the_sum_over_all_sets_of_different_drafts(law, k):
    assume((law > 1e-200).sum() >= k)
    listed = drafted_sets(law.tolist(), k, replacement=False)
    outside = [sum(p for drafted, p in listed.items() if max(drafted) >= size) for size in range(1, 6)]
    assert chance_outside(law, k) == pytest.approx(outside, abs=1e-12)


def test_a_language_models_vocabulary_is_no_obstacle():
    """In one precision and the other, on NumPy and torch."""
    logits = torch.randn(2, 151_936, generator=torch.Generator().manual_seed(1))
    target, draft = (3 * logits).softmax(-1)
    exact = optimal_acceptance(*(3 * logits.double()).softmax(-1), 4)
    for both in ((target, draft), (target.numpy(), draft.numpy())):
        assert float(optimal_acceptance(*both, 4)) == pytest.approx(float(exact), abs=1e-5)
    values = [float(optimal_acceptance(target, draft, k, replacement=False)) for k in (2, 3)]
    assert 0 < values[0] < values[1] < 1


@pytest.mark.parametrize(
    "laws, k, replacement, message",
    [
        ((T, D), 0, True, "k must be an integer >= 1, got 0"),
        ((T, [F(1), F(0), F(0)]), 2, False, "need 2 tokens of positive draft law, got 1; draft fewer tokens"),
        (
            np.full((2, 500), F(1, 500)),
            3,
            False,
            "the sets of 3 drafts of 500 tokens are too many to be listed",
        ),
        ((T, D[:2] * 2), 1, True, "over the same V >= 1 tokens"),
    ],
)
def test_what_has_no_optimum_is_refused(laws, k, replacement, message):
    with pytest.raises(ValueError, match=message):
        optimal_acceptance(*laws, k, replacement=replacement)


def test_an_optimal_rule_is_for_the_laws_that_it_was_solved_for():
    rule, draft = optimal_rule(T, D, 2), Draft(np.array([0, 1]), np.stack([D, D]).astype(float), (0, 0))
    with pytest.raises(ValueError, match="solved for another target law; solve it anew"):
        rule(np.stack([D] * 3).astype(float), draft)
    with pytest.raises(ValueError, match=r"solved for siblings\(2\), got parent=\(0, 1\)"):
        rule(np.stack([T] * 3).astype(float), Draft(draft.tokens, draft.laws, (0, 1)))
    with pytest.raises(ValueError, match=r"one pair of laws \(V,\), got shape \(2, 3\)"):
        optimal_rule(np.stack([T, T]), np.stack([D, D]), 2)
