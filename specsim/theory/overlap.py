"""What two next-token laws have in common, and what the target owes beyond it.

Draw a token x from the draft and keep it with chance min(1, target(x) / draft(x)). It is then kept and equal
to x with chance min(target(x), draft(x)), so it is kept at all with chance

    overlap = sum over x of min(target(x), draft(x)) = 1 - (their total variation),

and no test that emits exactly the target can keep more. After a rejection the target is still owed
(target - draft)_+; normalised, that is the *residual*, from which the correction comes. The three pieces fit:

    target = min(target, draft) + (1 - overlap) residual.

>>> target, draft = [F(1, 2), F(3, 10), F(1, 5)], [F(1, 5), F(1, 2), F(3, 10)]
>>> overlap(target, draft), residual(target, draft)[0]
(Fraction(7, 10), Fraction(1, 1))

Lists, NumPy arrays, torch tensors, fractions and symbols are taken, and answered in their own kind. On the
150,000 tokens of a language model each of these functions takes two to four times as long as summing both
laws, checks included; it works in one array of scratch memory, as a second one can cost more than all sums.
"""

from fractions import Fraction as F  # noqa: F401  (for the examples)
from typing import Any

import numpy as np
from array_api_compat import is_torch_array

from specsim.core.arrays import Array, is_exact, minimum, namespace, positive
from specsim.core.checks import check_laws, readable, tolerance

from .laws import as_laws, plain, same_size


def overlap(target: Any, draft: Any) -> Any:
    """Chance that one drafted token is kept: sum over x of min(target(x), draft(x)).

    target, draft: (..., V) laws over the same V tokens. Returns (...), summed in float64 or exactly.
    Raises ValueError where the last axes differ or a row is not a law.

    >>> overlap([0.5, 0.5], [0.75, 0.25])
    0.75

    Leviathan et al. 2023 (2211.17192), Definition 3.1 and Theorem 3.5 (their beta).
    """
    return plain(_sum(_shared(*_laws(target, draft))))


def total_variation(target: Any, draft: Any) -> Any:
    """Chance that one drafted token is rejected: sum over x of (target(x) - draft(x))_+.

    target, draft: (..., V) laws over the same V tokens. Returns (...): 0 for equal laws, 1 for laws without a
    common token. Raises ValueError where the last axes differ or a row is not a law.

    >>> total_variation([0.5, 0.5], [0.75, 0.25])
    0.25

    Yin et al. 2024 (2411.00841), Theorem 1: the expected rejections at one position.
    """
    target, draft = _laws(target, draft)
    return plain(_sum(_excess(target, draft)))


def divergence_lk(target: Any, draft: Any) -> Any:
    """D_LK: sum over x of |target(x) - middle(x)|, where middle = (target + draft) / 2.

    It is the total variation under another name, and 1 - overlap. Shapes and errors as there.

    >>> divergence_lk([F(1, 2), F(1, 2)], [F(3, 4), F(1, 4)])
    Fraction(1, 4)

    Leviathan et al. 2023 (2211.17192), Definition 3.2, Lemma 3.3 and Corollary 3.4.
    """
    return total_variation(target, draft)


def residual(target: Any, draft: Any) -> Array:
    """The law of the correction after a rejection: (target - draft)_+ / sum of (target - draft)_+.

    target, draft: (..., V) laws over the same V tokens. Returns (..., V). Where the laws are equal nothing is
    ever rejected, and the residual is the target. Raises ValueError as `overlap` does.

    >>> residual([0.5, 0.3, 0.2], [0.2, 0.5, 0.3])
    array([1., 0., 0.])

    Leviathan et al. 2023 (2211.17192), Algorithm 1; Chen et al. 2023 (2302.01318), Theorem 1.
    """
    target, draft = _laws(target, draft)
    return _normalised(_excess(target, draft), target)


def checked(target: Any, draft: Any) -> tuple[Array, Array]:
    """Both as arrays. Raises ValueError where the last axes differ or a row is not a law."""
    target, draft = _laws(target, draft)
    _shared(target, draft)
    return target, draft


def _laws(target: Any, draft: Any) -> tuple[Array, Array]:
    target, draft = as_laws(target, "target law"), as_laws(draft, "draft law")
    same_size(target, draft)
    return target, draft


def _shared(target: Array, draft: Array) -> Array:
    """min(target, draft), both checked on the way: it holds a negative or NaN wherever one of them does."""
    shared = minimum(target, draft)
    if not (readable(target) and readable(draft)):
        return shared
    if not (_all(_least(shared) >= 0) and _sums_to_one(target) and _sums_to_one(draft)):
        check_laws(target, "target law")
        check_laws(draft, "draft law")
    return shared


def _excess(target: Array, draft: Array) -> Array:
    """(target - draft)_+, which is target - min(target, draft) to the last bit."""
    shared = _shared(target, draft)
    if is_exact(shared):
        return positive(target - draft)
    fits = shared.dtype == target.dtype and shared.shape == target.shape
    if not fits or getattr(shared, "requires_grad", False):
        return target - shared
    return namespace(shared).subtract(target, shared, out=shared)


def _normalised(excess: Array, target: Array) -> Array:
    """excess / its sum, in the memory of `excess`; `target` where that sum is 0."""
    xp, size = namespace(excess), _sum(excess)
    if excess.ndim == 1 and isinstance(size, np.floating) and size > 0:
        excess *= excess.dtype.type(1 / size)  # one row: arrays of one number are slow
        return excess
    size = size[..., None] if hasattr(size, "dtype") else np.asarray([size])
    if not _all(size != 0):
        excess, size = xp.where(size == 0, target, excess), xp.where(size == 0, 1, size)
    if is_exact(excess):
        return excess / size
    excess *= xp.astype(1 / size, excess.dtype)
    return excess


def _sum(x: Array, dtype: Any = "float64") -> Any:
    """Sum over the last axis; of NumPy arrays by `einsum`, which is quicker than `sum`."""
    if is_exact(x):
        return np.sum(x, axis=-1)
    if is_torch_array(x):
        return x.sum(-1, dtype=namespace(x).float64 if dtype == "float64" else dtype)
    return np.einsum("...i->...", x, dtype=dtype)


def _least(x: Array) -> Any:
    """Minimum over the last axis."""
    return x.amin(-1) if is_torch_array(x) else np.minimum.reduce(x, axis=-1)


def _sums_to_one(laws: Array) -> bool:
    gap = abs(_sum(laws, laws.dtype) - 1)
    return _all(gap <= 1e-12) or _all(gap <= tolerance(laws))  # mostly the first, which is quicker


def _all(holds: Any) -> bool:
    return bool(holds.all()) if getattr(holds, "ndim", 0) else bool(holds)
