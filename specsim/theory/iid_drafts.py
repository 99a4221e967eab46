"""Batch drafts on independent tokens, in closed form: what M drafts save, and why they cannot save all.

Let d be the chance that one drafted token is rejected (the total variation) and r the chance that all M
drafts of a root are. Token n is a root if token n - 1 was rejected, so its chance r_n to be rejected obeys

    r_1 = r,   r_n = r_{n-1} r + (1 - r_{n-1}) d.

Its fixed point is the rejections per token in the long run, s = d / (1 + d - r), and with a = d - r

    E[rejections] = r + (T - 1) s + (1 - r) (a / (1 + a))^2 (1 - (-a)^(T - 1)).

However many drafts there are, s stays at or above d / (1 + d): after an accepted token only one draft is left
to follow.

Two families have r in closed form: two tokens, where the residual after the first rejection is one token; and
uniform laws, where it is the target itself. Numbers go in and numbers come out; fractions and symbols stay
exact:

>>> import sympy
>>> M = sympy.Symbol("M", integer=True, positive=True)
>>> iid_rejections(F(1, 2), bernoulli_all_rejected(F(1, 4), F(3, 4), M), 1)
(3/4)**(M - 1)/2

Derived from Yin, Chen, Huang and Wang 2024 (2411.00841), Theorem 3; families: their Figure 3.
"""

from fractions import Fraction as F  # noqa: F401  (for the example)
from typing import Any

from .scalars import Scalar, alike, integer, is_symbolic, number, require, within, words

ROUNDING = 1e-12  # how far r may exceed d, as it can when both come from sums of floats


def iid_rejections(distance: Scalar, all_rejected: Scalar, horizon: Scalar) -> Scalar:
    """Expected rejections among T independent tokens when M drafts follow each rejection.

        r + (T - 1) s + (1 - r) (a / (1 + a))^2 (1 - (-a)^(T - 1)),   a = d - r,   s = d / (1 + a)

    distance: d, the chance that one draft is rejected. all_rejected: r <= d, the chance that all M drafts of
    a root are. horizon: T, an int, an integer array or symbol.
    Raises ValueError unless 0 <= r <= d <= 1 and T >= 1.

    >>> iid_rejections(F(1, 3), F(2, 9), 3)      # two drafts of (1/3, 2/3) for the target (2/3, 1/3)
    Fraction(605, 729)

    The sum of r_n = d + (r - d) r_{n-1}, from Yin et al. 2024 (2411.00841), Theorem 3.
    """
    d, r, tokens = alike(
        number("distance", distance), number("all_rejected", all_rejected), integer("horizon", horizon)
    )
    require(within(d, 0, 1), "distance", "in [0, 1]", d, "it is the total variation of target and draft")
    require(
        within(r, 0, d + ROUNDING),
        "all_rejected",
        "in [0, distance]",
        r,
        "more drafts are not rejected more often",
    )
    excess = d - r
    correction = (1 - r) * (excess / (1 + excess)) ** 2 * (1 - (-excess) ** (tokens - 1))
    return r + (tokens - 1) * (d / (1 + excess)) + correction


def bernoulli_all_rejected(target: Scalar, draft: Scalar, drafts: Scalar) -> Scalar:
    """Chance that all M drafts of a root are rejected, on two tokens: |draft - target| w^(M - 1).

    target, draft: the chance of one and the same token. w = draft where draft >= target, else 1 - draft.
    drafts: M, an int, an integer array or symbol. Raises ValueError outside [0, 1] or for M < 1.

    >>> bernoulli_all_rejected(F(1, 3), F(2, 3), 2)
    Fraction(2, 9)

    Yin et al. 2024 (2411.00841), Figure 3, where only draft >= target is considered.
    """
    v, u, count = alike(number("target", target), number("draft", draft), integer("drafts", drafts))
    for name, value in (("target", v), ("draft", u)):
        require(within(value, 0, 1), name, "in [0, 1]", value, "pass the chance of one of the two tokens")
    return abs(u - v) * _either(u >= v, u, 1 - u) ** (count - 1)


def uniform_all_rejected(ratio: Scalar, drafts: Scalar) -> Scalar:
    """Chance that all M drafts of a root are rejected, on uniform laws: (1 - 1 / ratio)^M.

    ratio: the draft is uniform on `ratio` >= 1 times as many tokens as the target, all of these among them.
    drafts: M, an int, an integer array or symbol. Raises ValueError for a ratio or M below 1.

    >>> uniform_all_rejected(F(4), 2)
    Fraction(9, 16)

    Yin et al. 2024 (2411.00841), Figure 3.
    """
    r, count = alike(number("ratio", ratio), integer("drafts", drafts))
    require(within(r, 1), "ratio", "at least 1", r, "divide the draft's number of tokens by the target's")
    return ((r - 1) / r) ** count


def _either(condition: Any, yes: Scalar, no: Scalar) -> Scalar:
    if is_symbolic(condition):
        import sympy

        return sympy.Piecewise((yes, condition), (no, True))
    return words(yes).where(condition, yes, no)
