"""Token-wise verification: keep each drafted token with chance min(1, target / draft).

One drafted token x ~ draft is kept with chance min(1, target(x) / draft(x)); after a rejection the token
comes from the residual, norm((target - draft)_+). Several drafts at one position are tried in turn, each
against the residual that the rejections before it have left (recursive rejection). Exact on chains,
siblings and trees, whether siblings were drawn with or without replacement: all that counts is that each
law in `draft.laws` is the one its token was drawn from.
"""

from ..arrays import Array, at, entries, minimum, namespace, normalised, positive, ratio
from ..draft import Draft, children
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
    xp = namespace(target)
    chance = at(draft.laws, draft.tokens)
    first = minimum(ratio(entries(target, draft.parent, draft.tokens), chance, 1), 1)
    reach = {0: xp.ones_like(target[:, 0, 0])}
    left = []
    for node, below in enumerate(children(draft.parent)):
        owed, remaining = target[:, node], reach[node]
        for before, child in zip((None, *below), below):
            accept = first[:, child - 1]
            if before is not None:
                owed = _rejected(owed, draft.laws[:, before - 1])
                accept = minimum(ratio(at(owed, draft.tokens[:, child - 1]), chance[:, child - 1], 1), 1)
            reach[child], remaining = remaining * accept, remaining * (1 - accept)
        reach[node] = remaining
        left.append(owed)
    stop = xp.stack([reach[node] for node in range(len(left))], axis=-1)
    last = [below[-1] - 1 if below else -1 for below in children(draft.parent)]
    branches = any(len(below) > 1 for below in children(draft.parent))
    return Plan(stop, residual_rows(xp.stack(left, axis=1) if branches else target, draft, last))


def _rejected(owed: Array, law: Array) -> Array:
    """What the target owes after a token drawn from `law` was rejected: norm((owed - law)_+)."""
    return normalised(positive(owed - law), owed)
