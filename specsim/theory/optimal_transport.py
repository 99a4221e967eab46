"""How often can any rule keep one of k drafts of the next token?

Draw k tokens from the draft and emit one that has exactly the target's law: the largest chance with which the
emitted token can lie among the drafts is

    optimum = min over sets H of tokens of  target(H) + 1 - Q(H),   Q(H) = P(all k drafts lie in H).

Whatever the rule, it keeps a draft from H at most as often as it emits a token of H, target(H), and one from
outside H at most as often as one is drafted, 1 - Q(H); that some rule attains the least of these bounds is
the max-flow min-cut theorem. Drafts with replacement have Q(H) = draft(H)^k; without, Q(H) follows from

    P(the drafts are the set S) = sum over x in S of P(S without x) draft(x) / (1 - draft(S without x)).

The best H takes tokens by draft / target, largest first, so sorting once and scanning V prefixes is enough;
for three and more different drafts Q of all prefixes is an integral, see `distinct_drafts`.
Different drafts are never worse: they are the first k different ones of a longer sequence of independent
drafts, of which the first k alone lie in H at least as often.

>>> target, draft = [F(1, 2), F(3, 10), F(1, 5)], [F(1, 5), F(1, 2), F(3, 10)]
>>> [optimal_acceptance(target, draft, k) for k in (1, 2, 3)]
[Fraction(7, 10), Fraction(43, 50), Fraction(247, 250)]
>>> optimal_acceptance(target, draft, 2, replacement=False)
Fraction(69, 70)
"""

from collections.abc import Sequence
from fractions import Fraction as F  # noqa: F401  (for the example)
from math import comb, inf
from typing import Any

import numpy as np

from specsim.core.arrays import Array, is_exact, minimum, namespace, one_hot, ratio, total

from .distinct_drafts import chance_outside
from .laws import plain
from .overlap import checked
from .positions import whole
from .strings import add

SETS = 1_000_000
"""How many steps listing the sets of drafts may take, about a second."""


def optimal_acceptance(target: Any, draft: Any, k: int, *, replacement: bool = True) -> Any:
    """The largest chance with which an exact rule can keep one of k drafts: min over H of the above.

    target, draft: (..., V) laws; lists, NumPy arrays and torch tensors, floats or fractions. Returns (...).
    V log V operations; without replacement and for k > 2 some 100 k V on floats, while on fractions all sets
    of k tokens are listed. Raises ValueError for what is no law, for k < 1, where too much were to be listed,
    and without replacement where fewer than k tokens have a positive draft law.

    >>> optimal_acceptance([0.5, 0.5], [0.75, 0.25], 2)
    0.9375

    It is 1 if and only if target(H) >= Q(H) for every H. Sun et al. 2023 (2310.15141) for the transport
    problem; Hu et al. 2025 (2502.18779) for sets and prefixes; Khisti et al. 2024 (2410.18234) for k = 2.
    """
    target, draft = checked(target, draft)
    count, xp = whole("k", k), namespace(target)
    order = xp.argsort(ratio(target, draft, inf), axis=-1)
    target, draft = (xp.take_along_axis(laws, order, axis=-1) for laws in xp.broadcast_arrays(target, draft))
    bounds = _shares(target) + _outside(draft, count, replacement)
    return plain(xp.min(minimum(bounds, 1), axis=-1))


def drafted_sets(draft: Sequence[Any], k: int, replacement: bool) -> dict[frozenset[int], Any]:
    """The chance of each set of tokens that k drafts from a law, a list, make up.

    Raises ValueError where more than SETS were to be listed.
    """
    support = sum(p > 0 for p in draft)
    if sum(comb(support, size) for size in range(k + 1)) * support > SETS:
        raise ValueError(
            f"the sets of {k} drafts of {support} tokens are too many to be listed, limit {SETS} "
            "steps; take a smaller vocabulary or k, or simulate with specsim.simulate"
        )
    found: dict[frozenset[int], Any] = {frozenset(): 1}
    for _ in range(k):
        following: dict[frozenset[int], Any] = {}
        for drafted, chance in found.items():
            tried = frozenset() if replacement else drafted
            left = sum(p for token, p in enumerate(draft) if token not in tried)
            for token, p in enumerate(draft):
                if p > 0 and token not in tried:
                    add(following, drafted | {token}, chance * p / left)
        found = following
    return found


def check_support(draft: Array, k: int) -> None:
    """Raise ValueError unless k different tokens can be drafted from each law (..., V)."""
    fewest = int((draft > 0).sum(axis=-1).min())
    if fewest < k:
        raise ValueError(
            f"k = {k} drafts without replacement need {k} tokens of positive draft law, got {fewest}; "
            "draft fewer tokens"
        )


def _outside(draft: Array, k: int, replacement: bool) -> Array:
    """For each prefix of laws in order: the chance that not all of k drafts are in it."""
    if replacement:
        return 1 - _shares(draft) ** k
    check_support(draft, k)
    if k <= 2:
        return 1 - _shares(draft if k == 1 else _reached_by_two(draft))
    xp = namespace(draft)
    if is_exact(draft):
        reached = xp.stack([_reached_by_listing(row, k) for row in _rows(draft)])
        return 1 - _shares(xp.reshape(reached, draft.shape))
    found = [chance_outside(np.array(row.tolist()), k) for row in _rows(draft)]
    return xp.reshape(xp.asarray(np.stack(found), dtype=xp.float64), draft.shape)


def _reached_by_two(draft: Array) -> Array:
    """For each token of laws in order: the chance that it is the last, in that order, of two drafts.

    Pairs (x, y): draft(x) draft(y) / (1 - draft(x)) + the same with x and y swapped, y before x in order.
    The most likely token is kept apart, as only 1 - draft(x) of that one may be small.
    """
    xp = namespace(draft)
    top = one_hot(xp.argmax(draft, axis=-1), like=draft)
    others = draft * (1 - top)
    odds, rest = others / (1 - others), total(others)
    before, odds_before = (_running(x) - x for x in (others, odds))
    pairs = odds * before + others * odds_before
    with_top = draft * top * (before / rest + odds_before)
    top_before = _running(draft * top) - draft * top
    return pairs + with_top + top_before * (others / rest + odds)


def _reached_by_listing(draft: Array, k: int) -> Array:
    """The same of k drafts, from all sets of k tokens, for one law (V,) of fractions."""
    law = draft.tolist()
    chances = [0 * p for p in law]
    for drafted, chance in drafted_sets(law, k, replacement=False).items():
        chances[max(drafted)] += chance
    return np.array(chances, dtype=object)


def _rows(laws: Array) -> Array:
    return namespace(laws).reshape(laws, (-1, laws.shape[-1]))


def _shares(x: Array) -> Array:
    """Running sums over their last one: a law in single precision need not sum to 1 to all its digits."""
    running = _running(x)
    return running / running[..., -1:]


def _running(x: Array) -> Array:
    """Sums of the first 1, 2, ... entries, in float64 or exactly."""
    xp = namespace(x)
    return np.cumsum(x, axis=-1) if is_exact(x) else xp.cumulative_sum(x, axis=-1, dtype=xp.float64)
