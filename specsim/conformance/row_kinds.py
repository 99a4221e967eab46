"""How the two laws of a context may be drawn: at random, or from an edge where mistakes hide.

>>> target, draft = KINDS_OF_ROWS["disjoint"](np.random.default_rng(1), 4)
>>> float(np.minimum(target, draft).sum())
0.0
"""

from collections.abc import Callable

import numpy as np

Rows = tuple[np.ndarray, np.ndarray]
"""A target law and a draft law, each (V,)."""


def _law(rng: np.random.Generator, vocab: int, least: int = 1) -> np.ndarray:
    weights = rng.integers(least, 17, vocab)
    weights[rng.integers(vocab)] += 5
    return weights / weights.sum()


def _generic(rng: np.random.Generator, vocab: int) -> Rows:
    return _law(rng, vocab), _law(rng, vocab)


def _equal(rng: np.random.Generator, vocab: int) -> Rows:
    law = _law(rng, vocab)
    return law, law.copy()


def _without(law: np.ndarray, token: int) -> np.ndarray:
    return (
        _point(len(law), 0) if len(law) == 1 else _normalised(np.where(np.arange(len(law)) == token, 0, law))
    )


def _zeros_of_target(rng: np.random.Generator, vocab: int) -> Rows:
    target, draft = _generic(rng, vocab)
    return _without(target, int(rng.integers(vocab))), draft


def _zeros_of_draft(rng: np.random.Generator, vocab: int) -> Rows:
    target, draft = _generic(rng, vocab)
    return target, _without(draft, int(rng.integers(vocab)))


def _disjoint(rng: np.random.Generator, vocab: int) -> Rows:
    order, law = rng.permutation(vocab), _law(rng, vocab)
    left = order < max(1, vocab // 2)
    rest = law * ~left if vocab > 1 else law
    return _normalised(law * left), _normalised(rest)


def _point(vocab: int, token: int) -> np.ndarray:
    return np.eye(vocab)[token]


def _point_target(rng: np.random.Generator, vocab: int) -> Rows:
    return _point(vocab, int(rng.integers(vocab))), _law(rng, vocab)


def _point_draft(rng: np.random.Generator, vocab: int) -> Rows:
    return _law(rng, vocab), _point(vocab, int(rng.integers(vocab)))


def _points(rng: np.random.Generator, vocab: int) -> Rows:
    return _point(vocab, int(rng.integers(vocab))), _point(vocab, int(rng.integers(vocab)))


def _ties(rng: np.random.Generator, vocab: int) -> Rows:
    even = np.full(vocab, 1 / vocab)
    return (even, _law(rng, vocab)) if rng.integers(2) else (_law(rng, vocab), even)


def _swapped(rng: np.random.Generator, vocab: int) -> Rows:
    law = np.sort(_law(rng, vocab))
    return law, law[::-1].copy()


def _near(rng: np.random.Generator, vocab: int) -> Rows:
    law = _law(rng, vocab)
    return law, _normalised(law * (1 + 1e-3 * rng.standard_normal(vocab)))


def _one_rounding_apart(rng: np.random.Generator, vocab: int) -> Rows:
    law = _law(rng, vocab)
    return law, np.nextafter(law, rng.integers(0, 2, vocab).astype(float))


def _tiny(rng: np.random.Generator, vocab: int) -> Rows:
    target, draft = _generic(rng, vocab)
    target[rng.integers(vocab)] *= 1e-6
    draft[rng.integers(vocab)] *= 1e-6
    return _normalised(target), _normalised(draft)


def _peaked(rng: np.random.Generator, vocab: int) -> Rows:
    target, draft = _generic(rng, vocab)
    peak = _point(vocab, int(rng.integers(vocab)))
    return 0.02 * target + 0.98 * peak, 0.1 * draft + 0.9 * peak


def _normalised(law: np.ndarray) -> np.ndarray:
    return law / law.sum()


KINDS_OF_ROWS: dict[str, Callable[[np.random.Generator, int], Rows]] = {
    "generic": _generic,
    "equal": _equal,
    "zeros of the target": _zeros_of_target,
    "zeros of the draft": _zeros_of_draft,
    "disjoint": _disjoint,
    "point target": _point_target,
    "point draft": _point_draft,
    "points": _points,
    "ties": _ties,
    "swapped": _swapped,
    "near": _near,
    "one rounding apart": _one_rounding_apart,
    "tiny": _tiny,
    "peaked": _peaked,
}
"""How the two laws of a context may be drawn."""
