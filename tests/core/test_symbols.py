"""Symbols go through the core: values of the symbolic law are the law of the values."""

from fractions import Fraction

import numpy as np
import pytest
import sympy

from specsim.core import every, grow, law, rules, score
from specsim.models import iid

F = Fraction
SYMBOLS = t0, t1, d0, d1 = sympy.symbols("t0 t1 d0 d1", positive=True)
EMPTY = np.zeros((1, 0), dtype=int)
# greedy asks which of two expressions is larger, which has no answer before there are numbers
RULES = pytest.mark.parametrize("rule", [rules.token, rules.block, rules.match], ids=repr)


def joint_law(rule, target, draft, shape):
    """Tokens of every draft, and the joint law of draft, last kept node and emitted token."""
    chance, drafted = grow(draft, EMPTY, shape, every)
    found = rule(score(target, np.repeat(EMPTY, len(chance), axis=0), drafted), drafted)
    return drafted.tokens, chance[:, None, None] * law(found)


def symbolic(first, second):
    row = np.array([first, second]) / (first + second)
    return lambda context: np.tile(row, (len(context), 1))


def exact(first: int, second: int):
    return iid([F(first, first + second), F(second, first + second)])


def values(expressions, numbers) -> list[Fraction]:
    at = dict(zip(SYMBOLS, map(sympy.Integer, numbers)))
    found = [expression.xreplace(at) for expression in expressions.flat]
    return [F(int(value.p), int(value.q)) for value in found]


def agree(rule, shape, points) -> bool:
    tokens, expressions = joint_law(rule, symbolic(t0, t1), symbolic(d0, d1), shape)
    for a, b, c, d in points:
        expected_tokens, expected = joint_law(rule, exact(a, b), exact(c, d), shape)
        assert (tokens == expected_tokens).all()
        assert values(expressions, (a, b, c, d)) == expected.flatten().tolist()
    return True


@RULES
def test_on_chains_the_symbolic_law_holds_everywhere(rule):
    """Also where target = draft: nothing is rejected there, and the residual is a guarded 0 / 0."""
    assert agree(rule, (0, 1), [(1, 2, 3, 4), (5, 1, 1, 5), (1, 1, 9, 1), (1, 1, 1, 1), (2, 3, 4, 6)])


@pytest.mark.parametrize("rule", [rules.token, rules.match], ids=repr)
def test_on_siblings_the_symbolic_law_holds_where_the_models_differ(rule):
    assert agree(rule, (0, 0), [(1, 2, 3, 4), (5, 1, 1, 5), (3, 1, 9, 1)])


def test_one_drafted_token_is_kept_with_the_overlap():
    _, found = joint_law(rules.token, symbolic(t0, t1), symbolic(d0, d1), (0,))
    target, draft = (t0 / (t0 + t1), t1 / (t0 + t1)), (d0 / (d0 + d1), d1 / (d0 + d1))
    for numbers in [(1, 2, 3, 4), (5, 1, 1, 5), (2, 3, 2, 3), (7, 1, 3, 1)]:
        overlap = sum(min(values(np.array(pair), numbers)) for pair in zip(target, draft))
        assert sum(values(found[:, 1], numbers)) == overlap


def test_k_seq_asks_for_numbers():
    """Its scale solves an equation of the degree of the number of drafts."""
    with pytest.raises(
        ValueError, match=r"k_seq solves an equation of degree 2 .*, got symbols; put numbers"
    ):
        joint_law(rules.k_seq, symbolic(t0, t1), symbolic(d0, d1), (0, 0))
    assert agree(rules.k_seq, (0,), [(1, 2, 3, 4), (5, 1, 1, 5)])
