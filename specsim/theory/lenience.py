"""Lenience: keep more drafted tokens, at the price of a law that is no longer the target's.

With lenience l in (0, 1] the draft counts only l times: a drafted token is kept with chance
min(1, target / (l draft)), so that the chance of keeping one rises from the overlap to

    lenient overlap = sum over x of min(target(x) / l, draft(x)).

The promise is that no token x is emitted with more than target(x) / l. Whether it holds depends on the law of
the correction, which the paper leaves open:

    "unchanged"   (target - draft)_+ normalised, as without lenience
    "scaled"      (target - l draft)_+ normalised: what the lenient test itself leaves over
    "target"      the target as it is

The first two keep the promise, the third does not:

>>> target, draft = [F(1, 10), F(9, 10)], [F(9, 10), F(1, 10)]
>>> for correction in CORRECTIONS:
...     print(correction, *lenient_law(target, draft, F(1, 2), correction=correction))
unchanged 1/5 4/5
scaled 1/5 4/5
target 27/100 73/100

Leviathan et al. 2023 (2211.17192), Appendix A.5.
"""

from collections.abc import Callable
from fractions import Fraction as F  # noqa: F401  (for the examples)
from functools import reduce
from typing import Any

import numpy as np

from specsim.core.arrays import Array, is_exact, minimum, namespace, normalised, positive, ratio, total

from .laws import plain
from .overlap import checked

CORRECTIONS: dict[str, Callable[[Array, Array, Any], Array]] = {
    "unchanged": lambda target, draft, lenience: positive(target - draft),
    "scaled": lambda target, draft, lenience: positive(target - lenience * draft),
    "target": lambda target, draft, lenience: target,
}
"""The law of the correction, up to a factor, from (target, draft, lenience)."""


def lenient_overlap(target: Any, draft: Any, lenience: Any) -> Any:
    """Chance that one drafted token is kept: sum over x of min(target(x) / lenience, draft(x)).

    target, draft: (..., V) laws; lenience: in (0, 1], 1 being no lenience. Returns (...).
    Raises ValueError for what is no law and for other lenience.

    >>> lenient_overlap([0.5, 0.3, 0.2], [0.2, 0.5, 0.3], 0.5)
    1.0
    >>> lenient_overlap([F(1, 10), F(9, 10)], [F(9, 10), F(1, 10)], F(1, 2))
    Fraction(3, 10)

    Leviathan et al. 2023 (2211.17192), Appendix A.5.
    """
    return plain(_kept(*checked(target, draft), _lenience(lenience)).sum(-1))


def lenient_law(target: Any, draft: Any, lenience: Any, *, correction: str) -> Array:
    """The law of the token that a lenient test emits.

    law = min(target / lenience, draft) + (1 - lenient overlap) correction

    target, draft: (..., V) laws; lenience: in (0, 1]. correction: "unchanged", "scaled" or "target", see the
    top of this page. Returns (..., V). Raises ValueError for what is no law and for other arguments.

    >>> lenient_law([0.5, 0.5], [1.0, 0.0], 0.8, correction="scaled")
    array([0.625, 0.375])
    """
    if correction not in CORRECTIONS:
        raise ValueError(f"correction must be one of {', '.join(CORRECTIONS)}, got {correction!r}")
    target, draft = checked(target, draft)
    kept = _kept(target, draft, _lenience(lenience))
    return kept + (1 - total(kept)) * normalised(CORRECTIONS[correction](target, draft, lenience), target)


def lenient_greedy_accepts(target: Any, draft: Any, lenience: Any) -> Any:
    """Whether the draft's most likely token is kept at temperature 0: target(token) >= lenience * max target.

    target, draft: (..., V) laws before the argmax; lenience: in (0, 1]. Returns (...) booleans. Their mean
    over prefixes is the alpha of lenient greedy decoding.

    >>> lenient_greedy_accepts([0.5, 0.3, 0.2], [0.2, 0.5, 0.3], 0.6)
    True

    Leviathan et al. 2023 (2211.17192), Appendix A.5, which prints the inequality the other way round; but
    lenience 1 has to mean the argmax.
    """
    (target, draft), lenience = checked(target, draft), _lenience(lenience)
    xp = namespace(target)
    token = xp.argmax(draft, axis=-1)[..., None]
    return plain(xp.take_along_axis(target, token, axis=-1)[..., 0] >= lenience * xp.max(target, axis=-1))


def one_shot_acceptance(target: Any, draft: Any) -> Any:
    """Chance that rejection sampling keeps the first drafted token: min over x of draft(x) / target(x).

    A token x from the draft is kept with chance target(x) / (M draft(x)), M = max of target / draft; that is
    exact if the target is sampled after a rejection, but never keeps more than the overlap.
    target, draft: (..., V) laws. Returns (...). Raises ValueError for what is no law.

    >>> one_shot_acceptance([F(1, 2), F(3, 10), F(1, 5)], [F(1, 5), F(1, 2), F(3, 10)])
    Fraction(2, 5)

    Leviathan et al. 2023 (2211.17192), Appendix A.2.
    """
    target, draft = checked(target, draft)
    quotients = ratio(draft, target, 1)  # where the target is 0: some other quotient is at most 1
    if not is_exact(quotients):
        return plain(namespace(quotients).min(quotients, axis=-1))
    return plain(reduce(minimum, np.moveaxis(quotients[None], -1, 0))[0])


def _kept(target: Array, draft: Array, lenience: Any) -> Array:
    return minimum(target / lenience, draft)


def _lenience(lenience: Any) -> Any:
    if not hasattr(lenience, "free_symbols") and not 0 < lenience <= 1:
        raise ValueError(
            f"lenience must lie in (0, 1], got {lenience!r}; 1 is exact, towards 0 all drafts are kept"
        )
    return lenience
