"""k-SEQ: k drafts of one law are tested in turn, all with the same test, scaled down by rho.

A draft x is kept with chance min(1, t(x) / (rho d(x))), t the target and d the law of all k drafts. With

    beta(rho) = sum over x of min(t(x) / rho, d(x)),   tries(rho) = sum over i < k of (1 - beta)^i

the chance that one is kept and equal to x is tries min(t(x) / rho, d(x)). It never exceeds t(x) if
tries <= rho, and then norm(t - tries min(t / rho, d)) after k rejections makes the output exactly t. The
chance to keep one, 1 - (1 - beta)^k, is the larger the smaller rho; the smallest valid one, rho*, solves
tries = rho and lies in [1, k]. It keeps at least 1 - (1 - 1/k)^k of what the optimal rule keeps, and at one
position never less than recursive rejection.

rho* is found by bisection with a fixed number of steps and from above, so that what is used is valid: to the
last bits in floats, strictly in fractions, where it exceeds rho* by at most (k - 1) / 2^48. With one child
rho = 1, and the rule is `token`. `with_scale` is the rule for a larger rho: as exact, but keeps less.
"""

from collections.abc import Callable
from numbers import Real
from typing import Any

from ..arrays import (
    Array,
    at,
    is_exact,
    like_indices,
    minimum,
    namespace,
    positive,
    ratio,
    rows,
    total,
    zeros,
)
from ..draft import Draft, children
from ..plan import Plan
from .rule import Rule, rule

STEPS = 48


@rule(exact=True, how=("independent",), source="Sun et al. 2023 (SpecTr, 2310.15141), K-SEQ")
def k_seq(target: Array, draft: Draft) -> Plan:
    """Keep the first child of a node that passes, each with chance min(1, target / (rho draft)).

    target: (..., n + 1, V); draft: any tree whose siblings were drawn independently from one law. rho is
    solved at each node for its number of children. Raises ValueError where laws of siblings differ, for
    symbols, and on what is not a law or does not fit.

    >>> import numpy as np
    >>> target = np.array([[0.25, 0.75]] * 3)
    >>> draft = Draft(np.array([0, 1]), np.array([[0.5, 0.5]] * 2), (0, 0))
    >>> k_seq(target, draft).stop.round(6)                     # rho = (3 + 5 ** 0.5) / 4
    array([0.      , 0.381966, 0.618034])

    Sun et al. 2023, the k-sequential selection algorithm.
    """
    return _verify(target, draft, 1)


def with_scale(rho: Any) -> Rule:
    """k-SEQ with this rho at each node where it is valid, that is at least rho*, and with rho* elsewhere.

    rho: a number. With the number of children or more it is valid for all laws. Raises ValueError as `k_seq`.

    >>> with_scale(2)
    rules.k_seq(rho=2)

    Sun et al. 2023, the k-sequential selection algorithm for any division factor from rho* on.
    """

    def kernel(target: Array, draft: Draft) -> Plan:
        return _verify(target, draft, rho)

    kernel.__name__ = f"k_seq(rho={rho})"
    return Rule(kernel, exact=True, chains_only=False, how=k_seq.how, source=k_seq.source)


def _verify(target: Array, draft: Draft, least: Any) -> Plan:
    """k-SEQ with the larger of rho* and `least`."""
    xp = namespace(target)
    reach, scale, tries = {0: xp.ones_like(target[:, 0, 0])}, [], []
    for node, below in enumerate(children(draft.parent)):
        owed, remaining = target[:, node], reach[node]
        law = draft.laws[:, below[0] - 1] if below else owed
        best = best_scale(owed, law, len(below))
        scale.append(xp.where(best < least, least, best))
        tries.append(expected_tries(owed, law, len(below), scale[-1]))
        for child in below:
            drafted = draft.tokens[:, child - 1]
            accept = minimum(ratio(at(owed, drafted), scale[-1] * at(law, drafted), 1), 1)
            reach[child], remaining = remaining * accept, remaining * (1 - accept)
        reach[node] = remaining
    stop = xp.stack([reach[node] for node in range(target.shape[1])], axis=-1)
    return Plan(stop, _residual(target, draft, xp.stack(scale, axis=-1), xp.stack(tries, axis=-1)))


def best_scale(target: Array, law: Array, k: int) -> Array:
    """rho for k drafts of one law, from above. target, law: (B, V); returns (B,). Raises for symbols."""
    xp, one = namespace(target), 1 + 0 * law[:, 0]
    if k <= 1:
        return one
    if is_exact(law) and not all(isinstance(p, Real) for laws in (target, law) for p in laws.flat):
        raise ValueError(
            f"k_seq solves an equation of degree {k} for its scale, so laws must be numbers, got symbols; "
            "put numbers in, or use rules.token"
        )
    low, high = one, k * one
    for _ in range(STEPS):
        middle = (low + high) / 2
        valid = expected_tries(target, law, k, middle) <= middle
        low, high = xp.where(valid, low, middle), xp.where(valid, middle, high)
    return xp.where(expected_tries(target, law, k, one) <= one, one, high)


def expected_tries(target: Array, law: Array, k: int, scale: Array) -> Array:
    """The expected number of drafts tested, of k, where each passes with min(1, target / (scale law))."""
    miss = 1 - total(minimum(target / scale[:, None], law))[:, 0]
    tries = 0 * miss
    for _ in range(k):
        tries = 1 + miss * tries
    return tries


def _residual(target: Array, draft: Draft, scale: Array, tries: Array) -> Callable[[Array], Array]:
    """A function from nodes (B, m) to (target - tries min(target / scale, law of the children))_+."""
    first = [below[0] - 1 if below else 0 for below in children(draft.parent)]

    def weights(nodes: Array) -> Array:
        owed = rows(target, nodes)
        if not draft.parent:
            return owed
        law = rows(draft.laws, like_indices(first, nodes)[nodes])
        accepted = minimum(owed / rows(scale, nodes)[..., None], law)
        excess = positive(owed - rows(tries, nodes)[..., None] * accepted)
        return excess + owed * zeros(total(excess))

    return weights
