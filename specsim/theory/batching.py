"""What does speculative decoding yield when several requests share the target pass?

A batch of B requests accepts different numbers of drafted tokens. A *lock-step* batch cannot hold
requests of different lengths, so that each round advances all by the smallest of them; a *ragged*
batch lets each request go on by its own number, and then the slowest request decides when all are
done. All requests keep drafted tokens independently with chance alpha.

>>> [round(lockstep_tokens(0.8, 5, batch), 3) for batch in (1, 4, 16)]
[3.689, 1.686, 1.029]
>>> [round(expected_rounds(0.8, 5, 200, batch), 1) for batch in (1, 4, 16, 64)]
[54.7, 58.8, 62.0, 64.6]
"""

from __future__ import annotations

import numpy as np

from .chances import Chance, admit, geometric
from .scalars import Scalar, elementwise, integer, is_array, is_exact
from .tokens import tokens_pmf


def lockstep_tokens(
    alpha: Scalar = None, gamma: Scalar = None, batch: Scalar = None, *, rejection: Scalar = None
) -> Scalar:
    """Mean number of tokens per round if a batch advances by the minimum over its requests.

        (1 - alpha^(B (gamma + 1))) / (1 - alpha^B),   the `expected_tokens` of alpha^B

    >>> from fractions import Fraction
    >>> lockstep_tokens(Fraction(1, 2), 1, 3)
    Fraction(9, 8)
    """
    batch = integer("batch", batch)
    pair, gamma = admit(alpha, rejection, gamma)
    return geometric(pair, batch * (gamma + 1)) / geometric(pair, batch)


def expected_rounds(
    alpha: Scalar = None,
    gamma: Scalar = None,
    length: Scalar = None,
    batch: Scalar = 1,
    *,
    rejection: Scalar = None,
) -> Scalar:
    """Mean number of rounds until the slowest request of a ragged batch has its `length` tokens.

        sum over n >= 0 of (1 - (1 - P(R > n))^B),   R the rounds of one request

    >>> from fractions import Fraction
    >>> expected_rounds(Fraction(1, 2), 1, 3), expected_rounds(Fraction(1, 2), 1, 3, batch=2)
    (Fraction(9, 4), Fraction(39, 16))
    """
    if is_array(alpha) or is_array(rejection):
        return elementwise(
            lambda a, r: expected_rounds(a, gamma, length, batch, rejection=r), alpha, rejection
        )
    batch, length = integer("batch", batch), integer("length", length)
    pmf = tokens_pmf(alpha, gamma, rejection=rejection)
    late = _unfinished(pmf, length)
    return sum(chance * geometric(Chance(1 - chance, chance), batch) for chance in late)


def _unfinished(pmf: tuple[Scalar, ...], length: int) -> list[Scalar]:
    """P(R > n) for n < length, by carrying the law of the tokens made so far from round to round."""
    kind = object if is_exact(pmf[0]) else float
    step = np.array([0, *pmf], dtype=kind)
    zero = 0 * pmf[0]
    made = np.array([zero + 1] + [zero] * (length - 1), dtype=kind)
    late = []
    for _ in range(length):
        late.append(made.sum())
        made = np.convolve(made, step)[:length]
    return np.array(late, dtype=kind).tolist()
