"""All laws at once: pairs whose probabilities are quotients of polynomials, in positive symbols.

A computation with two laws has a case for every order of target(x) and draft(x). Within one case, a *cell*,
all minima are decided and what remains are quotients of polynomials, which are equal or not, like
fractions. So a rule that is run on one cell is run on every pair of laws in it, and what `==` says there is
proved, not tested:

>>> from specsim.theory import completed, output_law, string_law
>>> for cell in cells(3):
...     law = output_law("token", cell, (0,))
...     assert completed(law, cell.target, 2) == string_law(cell.target, 2)

>>> cell = next(cells(2))
>>> cell.target.law, cell.draft.law
(array([(e0 + m0)/(e0 + m0 + m1), m1/(e0 + m0 + m1)], dtype=object),
 array([m0/(e0 + m0 + m1), (e0 + m1)/(e0 + m0 + m1)], dtype=object))

A polynomial without a negative coefficient is positive wherever its symbols are. That decides all
comparisons that `token` makes on chains; rules that compare products need smaller cells, and say at which
polynomial to cut. Laws with zeros are limits of these, and equal laws are the limit e -> 0.
"""

from collections.abc import Callable, Iterator
from functools import total_ordering
from itertools import combinations
from numbers import Rational
from typing import Any

import numpy as np
import sympy
from sympy.polys.fields import FracElement, sfield

from specsim.models import Pair
from specsim.models.tables import Iid


def _binary(operation: Callable[[Any, Any], Any]) -> Any:
    """The operator of quotients that does this to their values."""

    def operator(self: "Quotient", other: Any) -> Any:
        if not isinstance(other, Quotient | Rational):
            return NotImplemented
        found = operation(self.value, other.value if isinstance(other, Quotient) else sympy.QQ(other))
        return found if isinstance(found, bool) else Quotient(found)

    return operator


@total_ordering
class Quotient:
    """A quotient of polynomials in positive symbols: exact, in lowest terms, ordered where signs tell.

    Made by `cell`; arithmetic with its own kind, integers and fractions. Comparing raises ValueError where
    the order depends on the symbols. `expression` is what sympy goes on with.
    """

    __slots__ = ("value",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, value: Any) -> None:
        self.value = value

    @property
    def expression(self) -> sympy.Expr:
        """The same as a sympy expression."""
        return sympy.sympify(self.value.as_expr() if isinstance(self.value, FracElement) else self.value)

    @property
    def free_symbols(self) -> set[sympy.Symbol]:
        """As on sympy expressions: what can be any positive number in this cell."""
        return set(self.value.field.symbols) if isinstance(self.value, FracElement) else set()

    __add__ = __radd__ = _binary(lambda a, b: a + b)
    __mul__ = __rmul__ = _binary(lambda a, b: a * b)
    __sub__ = _binary(lambda a, b: a - b)
    __rsub__ = _binary(lambda a, b: b - a)
    __truediv__ = _binary(lambda a, b: a / b)
    __rtruediv__ = _binary(lambda a, b: b / a)
    __eq__ = _binary(lambda a, b: bool(a == b))
    __lt__ = _binary(lambda a, b: _sign(a - b) < 0)

    def __pow__(self, count: int) -> "Quotient":
        return Quotient(self.value**count)

    def __neg__(self) -> "Quotient":
        return Quotient(-self.value)

    def __abs__(self) -> "Quotient":
        return -self if self < 0 else self

    def __repr__(self) -> str:
        return str(self.value)


def cell(target: list[Any], draft: list[Any], name: str = "cell") -> Pair:
    """Independent tokens whose laws are these expressions in positive symbols.

    target, draft: lists of V rational expressions in any symbols, each of which stands for any positive
    number. Raises ValueError unless both are laws: not negative anywhere, with sum 1.

    >>> a, b = sympy.symbols("a b")
    >>> cell([a / (a + b), b / (a + b)], [1, 0]).target.law[1]
    b/(a + b)
    """
    _, values = sfield([sympy.sympify(p) for p in (*target, *draft)])
    laws = np.array([Quotient(value) for value in values], dtype=object).reshape(2, len(target))
    if any(p < 0 for p in laws.flat) or any(law.sum() != 1 for law in laws):
        raise ValueError(f"target and draft must be laws for all positive symbols, got {target} and {draft}")
    return Pair(Iid(laws[0]), Iid(laws[1]), name)


def cells(tokens: int) -> Iterator[Pair]:
    """All pairs of laws, in 2^tokens - 2 cells: one for each set of tokens where the target is larger.

    With shared mass m_x and excess e_x, all positive,

        target(x) = (m_x + e_x) / sum where the target is larger, m_x / sum elsewhere,

    and the draft the other way round. Both have the same total excess; w are the shares of the side that has
    to follow the other. Raises ValueError for tokens < 2.

    >>> [pair.name for pair in cells(2)]
    ['target larger on (0,)', 'target larger on (1,)']
    """
    if tokens != int(tokens) or tokens < 2:
        raise ValueError(f"two different laws need at least 2 tokens, got tokens={tokens}")
    for count in range(1, tokens):
        for larger in combinations(range(tokens), count):
            yield _cell(larger, tuple(x for x in range(tokens) if x not in larger))


def _cell(larger: tuple[int, ...], smaller: tuple[int, ...]) -> Pair:
    shared = sympy.symbols(f"m:{len(larger) + len(smaller)}")
    free, bound = (larger, smaller) if len(larger) >= len(smaller) else (smaller, larger)
    extra = {x: sympy.Symbol(f"e{x}") for x in free}
    shares = {x: sympy.Symbol(f"w{x}") for x in bound}
    excess = sum(extra.values())
    extra |= {x: excess * share / sum(shares.values()) for x, share in shares.items()}
    whole = sum(shared) + excess
    target, draft = (
        [(mass + (extra[x] if x in side else 0)) / whole for x, mass in enumerate(shared)]
        for side in (larger, smaller)
    )
    return cell(target, draft, f"target larger on {larger}")


def _sign(value: Any) -> int:
    """The sign that a quotient of polynomials has for all positive symbols, or ValueError."""
    if not isinstance(value, FracElement):
        return int(value > 0) - int(value < 0)
    return _polynomial_sign(value.numer) * _polynomial_sign(value.denom)


def _polynomial_sign(polynomial: Any) -> int:
    signs = {1 if coefficient > 0 else -1 for coefficient in polynomial.coeffs()}
    if len(signs) > 1:
        raise ValueError(f"the sign of {polynomial} depends on its symbols; cut the cell where it is 0")
    return signs.pop() if signs else 0
