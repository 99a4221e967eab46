"""Token-wise verification: keep each drafted token with chance min(1, target / draft).

One drafted token x ~ draft is kept with chance min(1, target(x) / draft(x)); after a rejection the token
comes from the residual, norm((target - draft)_+). Several drafts at one position are tried in turn, each
against the residual that the rejections before it have left (recursive rejection). Exact on chains,
siblings and trees, whether siblings were drawn with or without replacement: all that counts is that each
law in `draft.laws` is the one its token was drawn from.
"""

from collections.abc import Sequence

from ..arrays import Array, at, minimum, namespace, normalised, positive, ratio
from ..draft import Draft, children, is_chain
from ..plan import Plan
from .residual import residual_rows
from .rule import rule


@rule(
    exact=True,
    source="Leviathan et al. 2023 (2211.17192), Algorithm 1; Chen et al. 2023 (2302.01318); "
    "recursive rejection: Miao et al. 2024 (2305.09781)",
)
def token(target: Array, draft: Draft) -> Plan:
    """Keep each drafted token with chance min(1, target / draft), in the order of the draft.

    target: (..., n + 1, V); draft: any tree. Raises ValueError on what is not a law or does not fit.

    >>> import numpy as np
    >>> from fractions import Fraction as F
    >>> target = np.array([[F(1, 2), F(1, 2)], [F(1), F(0)]])
    >>> draft = Draft(np.array([0]), np.array([[F(3, 4), F(1, 4)]]), (0,))
    >>> token(target, draft).stop
    array([Fraction(1, 3), Fraction(2, 3)], dtype=object)

    Leviathan et al. 2023, Algorithm 1 and Theorem 3.5.
    """
    if is_chain(draft.parent):
        return _chain(target, draft)
    return recursive_rejection(target, draft, children(draft.parent))


def _chain(target: Array, draft: Draft) -> Plan:
    """One draft per position: go on until the first rejection."""
    accept = minimum(ratio(at(target[:, :-1], draft.tokens), at(draft.laws, draft.tokens), 1), 1)
    last = (*range(len(draft.parent)), -1)
    return Plan(stops(accept, target), residual_rows(target, draft, last))


def stops(chance: Array, target: Array) -> Array:
    """The law of the last node kept, when tokens are kept with these chances up to the first failure."""
    xp = namespace(target)
    reach = xp.concat([xp.ones_like(target[:, :1, 0]), xp.cumulative_prod(chance, axis=-1)], axis=-1)
    return xp.concat([reach[:, :-1] * (1 - chance), reach[:, -1:]], axis=-1)


def recursive_rejection(target: Array, draft: Draft, order: Sequence[tuple[int, ...]]) -> Plan:
    """Several drafts per position, each tried against what the rejections before it left.

    order: for each node its children in the order in which they are tried.
    """
    xp = namespace(target)
    chance = at(draft.laws, draft.tokens)
    reach = {0: xp.ones_like(target[:, 0, 0])}
    left = []
    for node, below in enumerate(order):
        owed, remaining = target[:, node], reach[node]
        for before, child in zip((None, *below), below):
            if before is not None:
                owed = _rejected(owed, draft.laws[:, before - 1])
            accept = minimum(ratio(at(owed, draft.tokens[:, child - 1]), chance[:, child - 1], 1), 1)
            reach[child], remaining = remaining * accept, remaining * (1 - accept)
        reach[node] = remaining
        left.append(owed)
    stop = xp.stack([reach[node] for node in range(len(left))], axis=-1)
    last = [below[-1] - 1 if below else -1 for below in order]
    return Plan(stop, residual_rows(xp.stack(left, axis=1), draft, last))


def _rejected(owed: Array, law: Array) -> Array:
    """What the target owes after a token drawn from `law` was rejected: norm((owed - law)_+)."""
    return normalised(positive(owed - law), owed)
