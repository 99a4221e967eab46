"""The most tokens of any exact verifier: known where a closed form is, and above every rule everywhere."""

from fractions import Fraction
from itertools import chain as joined
from itertools import combinations, product
from math import prod

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from specsim.core import Shape, chain, chains, rules, siblings, tree
from specsim.models import Pair, iid, markov
from specsim.testing import law_pairs, pairs, shapes
from specsim.theory.multistep_optimum import most_tokens, programme, shortfalls
from specsim.theory.output import tokens_per_round

F = Fraction
SUN = Pair(iid([F(1, 3), F(2, 3)]), iid([F(2, 3), F(1, 3)]))
USUAL = Pair(iid([F(1, 2), F(3, 10), F(1, 5)]), iid([F(1, 5), F(1, 2), F(3, 10)]))


@pytest.mark.theorem("block-optimal", "round-optimum")
@settings(max_examples=20)
@given(pair=pairs(tokens=2), gamma=st.integers(1, 3))
@example(pair=SUN, gamma=2)
@example(pair=USUAL, gamma=3)
def test_block_is_optimal_on_a_chain(pair, gamma):
    """Sun et al. 2024 (2403.10444), Theorem 2."""
    best = most_tokens(pair, chain(gamma))
    assert best == pytest.approx(float(tokens_per_round("block", pair, chain(gamma))), abs=1e-9)


def transport(target, draft, k: int):
    """Most accepted of k independent drafts, by the least cut: min over sets A of t(A) + 1 - d(A)^k."""
    tokens = range(len(target))
    sets = joined.from_iterable(combinations(tokens, size) for size in range(len(target) + 1))
    return min(sum(target[x] for x in a) + 1 - sum(draft[x] for x in a) ** k for a in map(list, sets))


@pytest.mark.theorem("optimum-is-a-cut", "round-optimum")
@settings(max_examples=20)
@given(laws=law_pairs(tokens=3), k=st.integers(1, 3))
def test_one_position_is_optimal_transport(laws, k):
    target, draft = laws
    best = most_tokens(Pair(iid(target), iid(draft)), siblings(k))
    assert best == pytest.approx(1 + float(transport(target, draft, k)), abs=1e-9)


@pytest.mark.theorem("round-optimum")
@settings(max_examples=30)
@given(pair=pairs(tokens=2), shape=shapes(max_nodes=4, tokens=2))
@example(pair=USUAL, shape=tree(2, 1))
@example(pair=USUAL, shape=Shape((0, 0, 1, 1), "distinct"))
def test_no_exact_rule_yields_more(pair, shape):
    for name, one in shortfalls(pair, shape).items():
        assert one.lost >= -1e-9, name


def test_the_table_lists_the_exact_rules_that_take_the_shape_the_best_first():
    on_a_chain, on_a_tree = (shortfalls(USUAL, shape) for shape in (chain(2), tree(2, 1)))
    assert {"token", "block", "traversal", "match"} <= on_a_chain.keys()
    assert "greedy" not in on_a_chain
    assert "block" not in on_a_tree
    for table in (on_a_chain, on_a_tree):
        tokens = [one.tokens for one in table.values()]
        assert tokens == sorted(tokens, reverse=True)
        assert all(rules.get(name).exact for name in table)
    assert on_a_chain["token"].tokens == float(tokens_per_round("token", USUAL, chain(2)))


def test_what_is_lost_on_a_tree():
    """Two chains of two tokens: traversal gains 2 points on token-wise verification, of 12 there are."""
    lost = {name: one.lost for name, one in shortfalls(USUAL, chains(2, 2)).items()}
    assert lost["token"] == pytest.approx(0.1181, abs=1e-4)
    assert lost["traversal"] == pytest.approx(0.0950, abs=1e-4)


def known_texts(target, draft, count: int, length: int):
    """Sum over texts of min(t, chance that it is drafted): no text is kept more often."""
    for n in range(1, length + 1):
        for text in product(range(len(target)), repeat=n):
            t, d = (prod((law[x] for x in text), start=F(1)) for law in (target, draft))
            yield min(t, 1 - (1 - d) ** count)


@pytest.mark.theorem("kept-texts")
@settings(max_examples=20)
@given(laws=law_pairs(tokens=2), count=st.integers(1, 2), length=st.integers(1, 2))
def test_no_text_is_kept_more_often_than_drafted(laws, count, length):
    target, draft = laws
    best = most_tokens(Pair(iid(target), iid(draft)), chains(count, length))
    assert best <= 1 + float(sum(known_texts(target, draft, count, length))) + 1e-9


@pytest.mark.theorem("round-optimum")
@pytest.mark.parametrize("shape", [chain(2), chains(2, 2), (0, 0, 1)], ids=str)
def test_prices_of_drafts_and_texts_prove_that_there_is_no_more(shape):
    """The certificate: no column pays more than its prices, and the prices add up to the optimum."""
    lengths, given = programme(USUAL, shape, ())
    found = linprog(-lengths, **given, bounds=(0, None), method="highs")
    draft_prices, text_prices = -found.eqlin.marginals, -found.ineqlin.marginals
    assert (draft_prices @ given["A_eq"] + text_prices @ given["A_ub"] >= lengths - 1e-9).all()
    bound = draft_prices @ given["b_eq"] + text_prices @ given["b_ub"]
    assert bound == pytest.approx(most_tokens(USUAL, shape), abs=1e-8)


def test_rounding_does_not_make_it_unsolvable():
    """Laws in floats sum to 1 to within rounding only; rare tokens, several paths."""
    rng = np.random.default_rng(7)
    for _ in range(20):
        target, draft = (markov(rows[0], rows[1:]) for rows in rng.dirichlet(np.full(3, 0.3), size=(2, 4)))
        table = shortfalls(Pair(target, draft), (0, 0, 1))
        assert min(one.lost for one in table.values()) >= -1e-9


def test_too_much_is_refused():
    with pytest.raises(ValueError, match="lists every case"):
        most_tokens(USUAL, chains(8, 4))
