"""Symbols go through the core: the law comes out as an expression, and its values are those of the numbers."""

from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from specsim.core import every, grow, law, rules, score, siblings, tree
from specsim.models import iid

F = Fraction
SYMBOLS = t0, t1, d0, d1 = sympy.symbols("t0 t1 d0 d1", positive=True)
EMPTY = np.zeros((1, 0), dtype=int)
# greedy asks which of two expressions is larger, which has no answer before there are numbers
RULES = [rule for rule in rules.RULES.values() if rule is not rules.greedy]


def joint_law(rule, target, draft, shape):
    """Tokens of every draft, and the joint law of draft, last kept node and emitted token."""
    chance, drafted = grow(draft, EMPTY, shape, every)
    found = rule(score(target, np.repeat(EMPTY, len(chance), axis=0), drafted), drafted)
    return drafted.tokens, chance[:, None, None] * law(found)


def independent(first, second):
    row = np.array([first, second]) / (first + second)
    return lambda context: np.tile(row, (len(context), 1))


def shape_for(rule):
    return (0, 1) if rule.chains_only else (0, 0)


SYMBOLIC = {
    rule: joint_law(rule, independent(t0, t1), independent(d0, d1), shape_for(rule)) for rule in RULES
}


@pytest.mark.parametrize("rule", RULES, ids=repr)
@given(weights=st.tuples(*[st.integers(1, 9)] * 4))
def test_values_of_the_symbolic_law_are_the_law_of_the_values(rule, weights):
    tokens, expressions = SYMBOLIC[rule]
    a, b, c, d = weights
    target, draft = iid([F(a, a + b), F(b, a + b)]), iid([F(c, c + d), F(d, c + d)])
    expected_tokens, expected = joint_law(rule, target, draft, shape_for(rule))
    values = [expression.subs(dict(zip(SYMBOLS, weights))) for expression in expressions.flat]
    assert (tokens == expected_tokens).all()
    assert [F(int(value.p), int(value.q)) for value in values] == expected.flatten().tolist()


def test_one_drafted_token_is_kept_with_the_overlap():
    _, found = joint_law(rules.token, independent(t0, t1), independent(d0, d1), (0,))
    target, draft = (t0 / (t0 + t1), t1 / (t0 + t1)), (d0 / (d0 + d1), d1 / (d0 + d1))
    overlap = sum(map(sympy.Min, target, draft))
    kept = found[:, 1].sum()
    for numbers in [(1, 2, 3, 4), (5, 1, 1, 5), (2, 3, 2, 3), (7, 1, 3, 1)]:
        at = dict(zip(SYMBOLS, numbers))
        assert kept.subs(at) == overlap.subs(at)


@pytest.mark.parametrize("shape", [siblings(2, how="distinct"), tree(2, 1)], ids=str)
def test_a_symbolic_target_is_emitted_by_match(shape):
    """The first token, whatever was drafted: no minimum is left in match, so the expressions simplify."""
    tokens, found = joint_law(rules.match, independent(t0, t1), independent(F(1, 3), F(2, 3)), shape)
    first = sum(
        found[row, node, 0] if node == 0 else found[row, node].sum()
        for row, drafted in enumerate(tokens)
        for node in range(found.shape[1])
        if node == 0 or (drafted[node - 1] == 0 and node <= 2) or (node > 2 and drafted[node - 3] == 0)
    )
    assert sympy.simplify(first - t0 / (t0 + t1)) == 0
