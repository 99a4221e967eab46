"""How often is a token kept whose draft knows other tokens than the target?

Let the two vocabularies share the tokens I. A draft that proposes whatever its law d says is kept with chance
sum over x in I of min(target(x), d(x)): what the target does not know is always rejected. Restricted to I and
normalised, d(x) / d(I), the draft wastes nothing, and as this is at least d(x) on I, no token is kept less.

>>> target, draft = [F(1, 2), F(3, 10), F(1, 5)], [F(1, 2), F(3, 10), F(1, 5)]      # the draft's 0 is foreign
>>> intersection_overlap(target, draft, ids=[1, 2], own_ids=[1, 2])
Fraction(1, 2)
"""

from collections.abc import Sequence
from fractions import Fraction as F  # noqa: F401  (for the examples)
from typing import Any

from specsim.core.arrays import minimum, total
from specsim.core.checks import check_laws, readable

from .laws import as_laws, plain


def intersection_overlap(target: Any, draft: Any, ids: Sequence[int], own_ids: Sequence[int]) -> Any:
    """Chance that a token drafted among the common ones is kept.

        sum over x in I of min(target(x), draft(x) / draft(I))

    target: (..., V) laws; draft: (..., W) laws over other tokens. ids, own_ids: (K,) the common tokens I, in
    the target's numbers and in the draft's. Returns (...). Raises ValueError where a row is not a law, and
    where the draft gives common tokens no chance.

    >>> intersection_overlap([0.5, 0.5], [0.5, 0.25, 0.25], ids=[0, 1], own_ids=[1, 2])
    1.0

    Timor et al. 2025 (2502.05202), token-level intersection.
    """
    target, draft = as_laws(target, "target law"), as_laws(draft, "draft law")
    check_laws(target, "target law")
    check_laws(draft, "draft law")
    common = draft[..., list(own_ids)]
    size = total(common)
    if readable(size) and (size == 0).any():
        raise ValueError(
            "the draft must give some common token a chance, but all have 0; it cannot draft for this target"
        )
    kept = total(minimum(target[..., list(ids)], common / size))
    return plain(kept[..., 0][()])
