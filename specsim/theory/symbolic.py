"""Pairs with parameters: every function of a pair or of two laws, as a formula.

The functions of this package, and the rules of the core, take sympy expressions for probabilities. This
module makes pairs of such laws and tidies up what comes out. Declare symbols positive, so that signs can be
told.

>>> from specsim.theory.overlap import overlap
>>> from specsim.theory.tokens import expected_tokens
>>> u, v = sympy.symbols("u v", positive=True)
>>> pair = bernoulli(u, v)
>>> alpha = settled(overlap(pair.target.law, pair.draft.law))
>>> alpha
1 - Abs(u - v)
>>> sympy.diff(expected_tokens(alpha, 2).subs(v, u / 2), u)     # any tool of sympy goes on from here
u/2 - 3/2

To prove an identity for all laws at once, run it in `specsim.theory.cells`.
"""

from functools import reduce
from typing import Any

import numpy as np
import sympy

from specsim.models import Pair
from specsim.models.tables import Iid


def bernoulli(u: Any, v: Any) -> Pair:
    """Independent bits: the target is 1 with probability u, the draft with probability v.

    u, v: symbols, numbers or expressions. Raises ValueError for a number outside [0, 1].

    >>> u, v = sympy.symbols("u v", positive=True)
    >>> bernoulli(u, v).target.law
    array([1 - u, u], dtype=object)
    """
    u, v = _probability("u", u), _probability("v", v)
    return symbolic_pair([1 - u, u], [1 - v, v], "bernoulli")


def uniform(support: Any, size: Any) -> Pair:
    """Independent tokens: the target uniform on `support` of them, the draft on all `size`.

    All tokens with one ratio target / draft may be merged into one, because nothing but their common mass
    enters a rule whose drafts are drawn independently. So this is a pair on two tokens: 0 stands for all
    tokens of the target, 1 for all others. support, size: symbols or numbers. Raises ValueError for numbers
    unless 0 < support <= size.

    >>> kept, size = sympy.symbols("k n", positive=True)
    >>> uniform(kept, size).draft.law
    array([k/n, -k/n + 1], dtype=object)

    Yin et al. 2024 (2411.00841), Figure 3.
    """
    share = _probability("support / size", sympy.sympify(support) / sympy.sympify(size))
    if share == 0:
        raise ValueError(f"the target needs at least one token, got support = {support}")
    return symbolic_pair([1, 0], [share, 1 - share], "uniform")


def general(tokens: int) -> Pair:
    """Independent tokens with any two laws: symbols t0, t1, ... and d0, d1, ...; the last is what they leave.

    >>> general(3).target.law
    array([t0, t1, -t0 - t1 + 1], dtype=object)
    """
    if tokens != int(tokens) or tokens < 2:
        raise ValueError(f"two different laws need at least 2 tokens, got tokens={tokens}")
    target, draft = (
        [sympy.Symbol(f"{letter}{x}", positive=True) for x in range(tokens - 1)] for letter in "td"
    )
    return symbolic_pair([*target, 1 - sum(target)], [*draft, 1 - sum(draft)], "general")


def symbolic_pair(target: list[Any], draft: list[Any], name: str = "") -> Pair:
    """Independent tokens with these laws, lists of expressions, which cannot be checked.

    >>> a, b = sympy.symbols("a b", positive=True)
    >>> symbolic_pair([a / (a + b), b / (a + b)], [1, 0]).draft.law
    array([1, 0], dtype=object)
    """
    laws = [np.array(sympy.sympify(law), dtype=object) for law in (target, draft)]
    return Pair(Iid(laws[0]), Iid(laws[1]), name)


def settled(expression: Any) -> sympy.Expr:
    """The same in lowest terms, without Min and Max.

    Where the signs of the symbols decide which argument is smaller, it is taken; elsewhere

        min(a, b) = (a + b - |a - b|) / 2,    max(a, b) = (a + b + |a - b|) / 2.

    >>> a, b = sympy.symbols("a b", positive=True)
    >>> settled(sympy.Min(a / (a + b), (a + b) / a) * sympy.Max(a, b))
    (a**2 + a*b + a*Abs(a - b))/(2*a + 2*b)
    """
    found = sympy.sympify(expression)
    found = found.replace(sympy.Min, lambda *values: -_largest([-value for value in values]))
    return sympy.cancel(found.replace(sympy.Max, lambda *values: _largest(list(values))))


def _largest(values: list[sympy.Expr]) -> sympy.Expr:
    """The largest; of two whose order is open, (a + b + |a - b|) / 2."""
    open_: list[sympy.Expr] = []
    for value in values:
        if not any(_at_least(other, value) for other in open_):
            open_ = [other for other in open_ if not _at_least(value, other)] + [value]
    return reduce(lambda a, b: (a + b + sympy.Abs(sympy.cancel(a - b))) / 2, open_)


def _at_least(a: sympy.Expr, b: sympy.Expr) -> bool:
    """Whether a >= b for all values of the symbols, as far as signs tell."""
    above, below = map(sympy.expand, sympy.fraction(sympy.cancel(a - b)))
    return bool((above * below).is_nonnegative)


def _probability(name: str, value: Any) -> sympy.Expr:
    value = sympy.sympify(value)
    if value.is_number and not 0 <= value <= 1:
        raise ValueError(f"{name} must lie in [0, 1], got {value}")
    return value
