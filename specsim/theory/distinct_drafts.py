"""With what chance do k different drafts, drawn one after the other, all lie in a set of tokens?

Give each token x an exponential clock of rate draft(x): the k tokens that ring first are k drafts without
replacement, in order. Not all of them lie in H if fewer than k tokens of H have rung when the first one
outside rings, at rate b = 1 - draft(H):

    1 - Q(H) = integral over s of b exp(-b s) P(fewer than k tokens of H have rung by s).

At a fixed s the tokens ring independently. For the first 1, 2, ... tokens of an order the chance that exactly
j have rung is exp(-s draft(H)) times the j-th elementary symmetric sum of exp(s draft(x)) - 1, a running sum
over the (j-1)-th: k passes over the vocabulary for all prefixes at once. The k - 1 most likely tokens, whose
terms could overflow, are counted apart. The integrand decays as fast as the others ring, and it is analytic,
so that some forty values of s give all digits, where to list all sets of k drafts takes V^k steps.

>>> law = np.array([0.4, 0.3, 0.2, 0.1])
>>> chance_outside(law, 2).round(6)
array([1.      , 0.628571, 0.234524, 0.      ])
>>> round(1 - 0.4 * 0.3 / 0.6 - 0.3 * 0.4 / 0.7, 6)                     # the first two tokens, by hand
0.628571
"""

import numpy as np

STEP = 0.2


def chance_outside(law: np.ndarray, k: int) -> np.ndarray:
    """For each prefix of a law (V,): the chance that not all of k different drafts are in it, (V,)."""
    law = law / law.sum()
    top = sorted(np.argsort(-law, kind="stable")[: k - 1].tolist())
    others = law.copy()
    others[top] = 0
    inside = np.cumsum(others)
    left = np.concatenate([np.cumsum(law[:0:-1])[::-1], [0.0]])  # 1 - sums would lose what is small
    found = np.zeros_like(law)
    for s, weight in zip(*_nodes(inside[-1])):
        rung = _at_most(others, inside, k, s)
        found += weight * left * np.exp(-left * s) * _with_top(rung, top, law[top], s)
    return np.clip(found, 0, 1)


def _at_most(others: np.ndarray, inside: np.ndarray, k: int, s: float) -> list[np.ndarray]:
    """For each prefix the chances that at most 0, 1, ..., k - 1 of the other tokens in it have rung by s."""
    odds, none = np.expm1(s * others), np.exp(-s * inside)
    chosen, found = np.ones_like(odds), [none]
    for _ in range(k - 1):
        before = np.concatenate([[0.0], chosen[:-1]]) if len(found) > 1 else chosen
        chosen = np.cumsum(odds * before)
        found.append(found[-1] + chosen * none)
    return found


def _with_top(rung: list[np.ndarray], top: list[int], laws: np.ndarray, s: float) -> np.ndarray:
    """The chance that fewer than k = len(rung) tokens of each prefix have rung, the top ones included."""
    chances, found = np.array([1.0]), np.empty_like(rung[0])
    for start, stop, law in zip([0, *top], [*top, len(found)], [0.0, *laws]):
        ring = -np.expm1(-s * law)
        chances = np.convolve(chances, [1 - ring, ring])
        found[start:stop] = sum(p * rung[-1 - i][start:stop] for i, p in enumerate(chances) if i < len(rung))
    return found


def _nodes(rate: float) -> tuple[np.ndarray, np.ndarray]:
    """Points and weights for an integral over s > 0 of what decays with this rate, or faster.

    The trapezoidal rule for u in s = exp(u - exp(-u)).
    """
    u = np.arange(-3.7, np.log(45 / rate), STEP)
    s = np.exp(u - np.exp(-u))
    return s, STEP * s * (1 + np.exp(-u))
