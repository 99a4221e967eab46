"""Formulas in symbols: they meet the numbers everywhere; identities in cells hold for all laws at once."""

from fractions import Fraction as F

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from specsim.core import chain, height, siblings, tree
from specsim.models import Pair, iid
from specsim.testing import law_pairs
from specsim.theory import (
    batch_rejections,
    completed,
    divergence_lk,
    expected_rejections,
    expected_tokens,
    output_law,
    overlap,
    residual,
    string_law,
    tokens_per_round,
    total_variation,
)
from specsim.theory.cells import Quotient, cell, cells
from specsim.theory.symbolic import bernoulli, general, settled, symbolic_pair, uniform

U, V = sympy.symbols("u v", positive=True)
BITS = bernoulli(U, V)
ALPHA = 1 - sympy.Abs(U - V)
probabilities = st.fractions(0, 1, max_denominator=8)


def two(pair):
    return pair.target.law, pair.draft.law


def test_two_bits_overlap_in_all_but_their_difference():
    assert settled(overlap(*two(BITS))) == ALPHA
    assert settled(divergence_lk(*two(BITS))) == settled(total_variation(*two(BITS))) == sympy.Abs(U - V)


def test_formulas_of_an_overlap_take_it_as_a_symbol():
    tokens = expected_tokens(settled(overlap(*two(BITS))), 3)
    assert sympy.expand(tokens - (1 + ALPHA + ALPHA**2 + ALPHA**3)) == 0
    assert sympy.diff(tokens.subs(V, 0), U).subs(U, F(1, 2)) == -F(11, 4)
    assert sympy.limit(tokens.subs(V, U / 2), U, 0) == 4
    assert sympy.lambdify((U, V), tokens)(0.3, 0.5) == pytest.approx(expected_tokens(0.8, 3))
    assert r"\left|{u - v}\right|" in sympy.latex(tokens)


def test_rejections_over_a_horizon_are_a_formula():
    horizon = 4
    assert settled(expected_rejections(BITS, horizon)) == horizon * sympy.Abs(U - V)
    more = settled(batch_rejections(bernoulli(V + U, V), 2, drafts=2).subs(V, sympy.Rational(1, 3)))
    for gap in (F(1, 8), F(1, 2)):
        pair = Pair(iid([F(2, 3) - gap, F(1, 3) + gap]), iid([F(2, 3), F(1, 3)]))
        assert more.subs(U, sympy.Rational(gap)) == batch_rejections(pair, 2, drafts=2)


@given(probabilities, probabilities.filter(lambda v: 0 < v < 1))
def test_symbols_replaced_by_numbers_give_the_numbers(u, v):
    pair = Pair(iid([1 - u, u]), iid([1 - v, v]))
    at = {U: sympy.Rational(u), V: sympy.Rational(v)}
    assert SYMBOLIC_TOKENS.subs(at) == tokens_per_round("token", pair, chain(2))
    assert settled(overlap(*two(BITS))).subs(at) == overlap(*two(pair))


SYMBOLIC_TOKENS = tokens_per_round("token", BITS, chain(2))


@given(st.integers(1, 4), st.integers(0, 3), st.integers(1, 3))
def test_tokens_of_one_ratio_may_be_merged(support, others, drafts):
    size = support + others
    target = [F(1, support)] * support + [F(0)] * others
    written_out, merged = Pair(iid(target), iid([F(1, size)] * size)), uniform(support, size)
    assert overlap(*two(merged)) == overlap(*two(written_out))
    assert batch_rejections(merged, 3, drafts=drafts) == batch_rejections(written_out, 3, drafts=drafts)


def test_a_uniform_draft_overlaps_by_the_share_of_the_support():
    k, n = sympy.symbols("k n", positive=True)
    assert settled(overlap(*two(uniform(k, k + n)))) == k / (k + n)


@given(law_pairs(3))
def test_general_laws_are_the_laws(laws):
    pair = general(3)
    symbols = [*pair.target.law[:2], *pair.draft.law[:2]]
    at = {symbol: sympy.Rational(p) for symbol, p in zip(symbols, [*laws[0][:2], *laws[1][:2]])}
    assert overlap(*two(pair)).subs(at) == overlap(*laws)


def test_settled_takes_what_signs_decide():
    assert settled(sympy.Min(U, U + V)) == U
    assert settled(sympy.Max(U / (U + V), 1, U)) == settled(sympy.Max(1, U))
    assert settled(3) == 3


@given(law_pairs(3))
def test_cells_cover_all_pairs_of_laws_without_zeros(laws):
    """From a pair of laws: its cell, and the values of the symbols that give it back."""
    target, draft = (np.array([p + F(1, 7) for p in law]) / (1 + F(3, 7)) for law in laws)
    larger = tuple(np.flatnonzero(target > draft).tolist())
    if not larger or (target == draft).any():
        return
    found = next(pair for pair in cells(3) if pair.name == f"target larger on {larger}")
    at = {f"m{x}": min(p, q) for x, (p, q) in enumerate(zip(target, draft))}
    at |= {f"{letter}{x}": abs(p - q) for x, (p, q) in enumerate(zip(target, draft)) for letter in "ew"}
    for law, expected in zip(two(found), (target, draft)):
        assert [p.expression.subs(at) for p in law] == expected.tolist()


CASES = [("token", 2, chain(3)), ("token", 3, chain(2)), ("match", 2, chain(2)), ("match", 2, siblings(2))]
CASES += [("token", 2, siblings(3)), ("token", 2, siblings(2, how="distinct")), ("token", 2, tree(2, 1))]


@pytest.mark.theorem("lossless-token", "lossless-siblings", "lossless-match")
@pytest.mark.parametrize("rule, tokens, shape", CASES)
def test_the_rule_is_exact_on_every_pair_of_laws(rule, tokens, shape):
    for pair in cells(tokens):
        assert is_exact(rule, pair, shape)


def is_exact(rule, pair, shape):
    length = height(shape) + 1
    return completed(output_law(rule, pair, shape), pair.target, length) == string_law(pair.target, length)


def finer_cells():
    """All pairs of laws on two tokens, cut where u (1 - u) = v (1 - v) as well."""
    a, k, e = sympy.symbols("a k e")
    for most, least in ((a + k, a), (a, a + k)):
        whole = most + least + e
        laws = [(most + e) / whole, least / whole], [most / whole, (least + e) / whole]
        yield cell(*laws)
        yield cell(*laws[::-1])


@pytest.mark.theorem("lossless-block")
@pytest.mark.parametrize("gamma", [1, 2])
def test_block_verification_is_exact_on_every_pair_of_laws_of_two_tokens(gamma):
    for pair in finer_cells():
        assert is_exact("block", pair, chain(gamma))


def test_block_verification_never_keeps_less_and_more_from_two_tokens_on():
    for pair in finer_cells():
        gains = [
            tokens_per_round("block", pair, chain(gamma)) - tokens_per_round("token", pair, chain(gamma))
            for gamma in (1, 2)
        ]
        assert gains[0] == 0
        assert gains[1] > 0


def test_one_token_in_a_cell():
    for pair in cells(3):
        target, draft = two(pair)
        assert overlap(target, draft) == 1 - total_variation(target, draft)
        kept = np.minimum(target, draft)
        assert (kept + (1 - kept.sum()) * residual(target, draft) == target).all()


def test_an_order_that_depends_on_the_symbols_is_not_guessed():
    a, b = (Quotient(value) for value in sympy.field("a,b", sympy.QQ)[1:])
    assert a < a + b
    assert a / (a + b) < 1 < 1 + b
    assert max(a, 0) == a
    with pytest.raises(ValueError, match=r"the sign of -a \+ b depends on its symbols; cut the cell"):
        min(a, b)
    with pytest.raises(ValueError, match="the sign of"):
        output_law("block", next(cells(2)), chain(2))


def test_quotients_are_numbers():
    (a,) = (Quotient(value) for value in sympy.field("a", sympy.QQ)[1:])
    assert (2 - a) + a == 2 == 2 * a / a
    assert (1 / a) ** 2 * a == 1 / a
    assert -a == abs(-a) - 2 * a
    assert (a / 2).expression == sympy.Symbol("a") / 2
    assert Quotient(1) / 2 + Quotient(1) / 2 == 1
    assert repr(a + 1) == "a + 1"


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: bernoulli(F(3, 2), V), "u must lie in"),
        (lambda: uniform(5, 3), "support / size must lie in"),
        (lambda: uniform(0, 3), "at least one token"),
        (lambda: general(1), "at least 2 tokens"),
        (lambda: next(cells(1)), "at least 2 tokens"),
        (lambda: cell([U, V], [1, 0]), "must be laws for all positive symbols"),
        (lambda: cell([1 + U, -U], [1, 0]), "must be laws for all positive symbols"),
        (lambda: symbolic_pair([1, 0], [1, 0, 0]), "share one vocabulary"),
    ],
)
def test_what_is_no_family_of_laws_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
