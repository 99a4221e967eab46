"""What all token-wise lossy rules share: an acceptance, a replacement, and a name that says "lossy".

Such a rule walks along a chain. It keeps a drafted token x with chance accept(x), and at the first one not
kept it emits a token of the law `replace`. After the last drafted token the next one comes from the
target. At a drafted position it therefore emits

    accept(x) draft(x) + (sum over y of (1 - accept(y)) draft(y)) replace(x),

which is the target only for particular choices. Parameters are exact numbers: 0.3 means 3/10, so that on
fractions the law is exact and on floats it is that of the float.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from ...arrays import Array, at, is_exact, minimum, namespace, positive, ratio, rows, total, zeros
from ...draft import HOW, Draft
from ...plan import Plan
from ..rule import OneToken, Rule, Verify
from ..token import stops, token

Rows = Callable[[Array, Array], Array]
"""From target and draft laws (..., V) to one number per token, (..., V)."""

Replace = Callable[[Array, Array, Array], Array]
"""From target and draft laws (..., V) and the drafted token (...) to the weights that replace it."""


def token_wise(name: str, parameters: tuple[Any, ...], source: str, accept: Rows, replace: Rows) -> Rule:
    """The lossy rule that keeps x with chance accept(target, draft)[x], and otherwise emits from `replace`.

    parameters: as they stand in the name. accept: chances in [0, 1]. replace: weights, where all are 0 the
    target is taken.
    """

    def kernel(target: Array, draft: Draft) -> Plan:
        chance = at(accept(target[:, :-1], draft.laws), draft.tokens)
        return Plan(stops(chance, target), replacement_rows(target, draft, lambda t, d, token: replace(t, d)))

    return lossy(kernel, name, parameters, source, lambda t, d: (accept(t, d), replace(t, d)))


def aiming(name: str, parameters: tuple[Any, ...], source: str, aim: Rows) -> Rule:
    """The lossy rule that verifies exactly, but against aim(target, draft) instead of the target."""

    def kernel(target: Array, draft: Draft) -> Plan:
        aimed = aim(target[:, :-1], draft.laws)
        return token.kernel(namespace(target).concat([aimed, target[:, -1:]], axis=1), draft)

    def one_token(target: Array, draft: Array) -> tuple[Array, Array]:
        aimed = aim(target, draft)
        return kept_share(aimed, draft), positive(aimed - draft)

    return lossy(kernel, name, parameters, source, one_token)


def lossy(
    kernel: Verify,
    name: str,
    parameters: tuple[Any, ...],
    source: str,
    one_token: OneToken | None = None,
) -> Rule:
    """A rule for chains that is not exact, under a name that says so: "lossy:name(parameters)"."""
    given = f"({','.join(map(written, parameters))})" if parameters else ""
    kernel.__name__ = f"lossy:{name}{given}"
    return Rule(kernel, exact=False, chains_only=True, how=HOW, source=source, one_token=one_token)


def replacement_rows(target: Array, draft: Draft, replace: Replace) -> Callable[[Array], Array]:
    """A function from nodes (B, m) to `replace` there, and to the target at the last node."""
    last = len(draft.parent)

    def weights(nodes: Array) -> Array:
        owed = rows(target, nodes)
        if not last:
            return owed
        inner = (nodes < last)[..., None]
        drafted = nodes * (nodes < last)
        found = replace(owed, rows(draft.laws, drafted), rows(draft.tokens, drafted))
        found = namespace(target).where(inner, found, 0 * owed)
        return found + owed * zeros(total(found))

    return weights


def kept_share(allowed: Array, draft: Array) -> Array:
    """min(1, allowed / draft), and 1 where the draft is 0, without overflow on the way."""
    return ratio(minimum(allowed, draft), draft, 1)


def number(value: Any, name: str, low: float, high: float) -> Fraction:
    """The parameter as the exact number that it is written as. Raises ValueError outside [low, high]."""
    try:
        found = Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        found = None
    if found is None or not low <= found <= high:
        raise ValueError(f"{name} must be a number in [{low}, {high}], got {value!r}; write 0.3 or 1/3")
    return found


def written(value: Any) -> str:
    """A parameter as it stands in a name: the short decimal where there is one, else the fraction."""
    if not isinstance(value, Fraction):
        return str(value)
    decimal = repr(float(value)).removesuffix(".0")
    return decimal if Fraction(decimal) == value else str(value)


def of_kind(value: Fraction, like: Array) -> Any:
    """The number as arrays of this kind take it: exact among fractions, else a float."""
    return value if is_exact(like) else float(value)


def indicator(condition: Array, like: Array) -> Array:
    """1 where the condition holds and 0 elsewhere, in numbers of the kind of `like`."""
    return namespace(like).where(condition, 1 + 0 * like, 0 * like)
