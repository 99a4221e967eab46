"""Accept more than is exact and repair what can be repaired: rejections against bias, for one token.

Draw x ~ draft, keep it with any chance accept(x), replace a rejected token from any law. What comes out,

    emitted(x) = accept(x) draft(x) + rejected replacement(x),   rejected = sum over x of (1 - accept) draft,

differs from the target by its *bias*, the total variation. Acceptance alone already emits too much where
accept draft > target, and that cannot be undone; everything else can. So the best replacement is proportional
to (target - accept draft)_+ and

    bias = sum over x of (accept draft - target)_+.

It is 0 if and only if accept <= min(1, target / draft), where the rule is exact. For any acceptance

    rejected + bias = sum over x of max((1 - accept) draft, draft - target) >= total variation,

with equality if and only if accept >= min(1, target / draft): no token-wise rule lies below the straight line
of slope -1, and exactly those that accept at least as much as the exact rule lie on it.

>>> target, draft = np.array([F(1, 5), F(4, 5)]), np.array([F(1, 2), F(1, 2)])
>>> optimal_replacement(target, draft, np.array([F(7, 10), F(1)]))
Replacement(law=array([Fraction(0, 1), Fraction(1, 1)], dtype=object), bias=Fraction(3, 20))

Two families over-accept by epsilon, accept = min(1, (target + epsilon) / draft): Decoding-OPT replaces from
the best law, Decoding-UNO from the target.

Yin, Chen, Huang and Wang 2024 (2411.00841), Theorems 4 and 5.
"""

from fractions import Fraction as F  # noqa: F401  (for the example)
from typing import Any, NamedTuple

import numpy as np  # noqa: F401  (for the example)

from specsim.core.arrays import Array, is_exact, minimum, normalised, positive, ratio, total
from specsim.core.checks import readable

from .laws import as_laws, plain
from .overlap import total_variation
from .scalars import require, within


class Replacement(NamedTuple):
    """A law (..., V) of the token after a rejection, and the bias (...) of what is emitted with it."""

    law: Array
    bias: Any


class TokenRule(NamedTuple):
    """A token-wise rule at one position: the chance to keep each token, and the law of its replacement.

    Both (..., V). Yin et al. 2024 (2411.00841), Algorithm 2: their b_n and P_n.
    """

    accept: Array
    replacement: Array


def optimal_replacement(target: Any, draft: Any, accept: Any) -> Replacement:
    """The replacement law of least bias for a given acceptance, and that bias.

        law = norm((target - accept draft)_+),   bias = sum over x of (accept draft - target)_+

    target, draft: (..., V) laws; accept: (..., V) chances. Other laws are as good: all that are 0 where
    accept draft > target and nowhere exceed (target - accept draft)_+ / rejected. Where nothing is owed the
    law is the target. Raises ValueError for what is no law or for chances outside [0, 1].

    >>> optimal_replacement([0.2, 0.8], [0.5, 0.5], [1.0, 1.0]).bias     # never reject
    0.3

    Yin et al. 2024 (2411.00841), Theorem 4, whose 1/2 sum |target - accept draft| - rejected / 2 it equals.
    """
    target, draft, accept = _given(target, draft, accept)
    owed = target - accept * draft
    return Replacement(normalised(positive(owed), target), plain(positive(-owed).sum(-1)))


def emitted_law(draft: Any, rule: TokenRule) -> Array:
    """The law that a rule emits at one position: accept draft + rejected replacement, (..., V).

    draft: (..., V) law. Raises ValueError for what is no law or for chances outside [0, 1].

    >>> emitted_law([0.5, 0.5], TokenRule(accept=[0.4, 1.0], replacement=[0.0, 1.0]))
    array([0.2, 0.8])
    """
    replacement, draft, accept = _given(rule.replacement, draft, rule.accept)
    return accept * draft + total((1 - accept) * draft) * replacement


def rejected(draft: Any, accept: Any) -> Any:
    """Chance that a drafted token is rejected: sum over x of (1 - accept(x)) draft(x).

    draft: (..., V) law; accept: (..., V) chances. Returns (...). Errors as in `emitted_law`.

    >>> rejected([0.5, 0.5], [0.4, 1.0])
    0.3
    """
    _, draft, accept = _given(draft, draft, accept)
    return plain(((1 - accept) * draft).sum(-1))


def over_accept(target: Any, draft: Any, epsilon: Any) -> Array:
    """The acceptance that is too generous by epsilon: min(1, (target + epsilon) / draft), (..., V).

    epsilon: at least 0; at 0 it is the exact rule. Raises ValueError for what is no law or for epsilon < 0.

    >>> over_accept([0.2, 0.8], [0.5, 0.5], 0.1).round(12)
    array([0.6, 1. ])

    Yin et al. 2024 (2411.00841), Section 4.3.
    """
    total_variation(target, draft)  # checks the laws
    target, draft = as_laws(target, "target law"), as_laws(draft, "draft law")
    require(within(epsilon, 0), "epsilon", "at least 0", epsilon, "0 is the exact rule")
    generous = target + (epsilon if is_exact(target) else float(epsilon))
    return minimum(ratio(generous, draft, 1), 0 * generous + 1)  # a 1 of the same kind


def decoding_opt(target: Any, draft: Any, epsilon: Any) -> TokenRule:
    """Over-accept by epsilon and replace from the law of least bias: on the line rejected + bias = TV.

    Arguments and errors as in `over_accept`.

    >>> target, draft = [F(1, 10), F(1, 5), F(3, 10), F(2, 5)], [F(2, 5), F(3, 10), F(1, 5), F(1, 10)]
    >>> bias(target, draft, decoding_opt(target, draft, F(1, 20)))
    Fraction(1, 10)

    Yin et al. 2024 (2411.00841), Section 4.3, Decoding-OPT.
    """
    accept = over_accept(target, draft, epsilon)
    return TokenRule(accept, optimal_replacement(target, draft, accept).law)


def decoding_uno(target: Any, draft: Any, epsilon: Any) -> TokenRule:
    """Over-accept by epsilon and replace from the target itself. Arguments and errors as in `over_accept`.

    Biased even at epsilon = 0. The published listing goes wrong further: it replaces from the draft, because
    in the function that it edits the letter q means the draft; that is `decoding_uno_as_listed`.

    >>> target, draft = [F(1, 10), F(1, 5), F(3, 10), F(2, 5)], [F(2, 5), F(3, 10), F(1, 5), F(1, 10)]
    >>> [bias(target, draft, one(target, draft, F(1, 20))) for one in (decoding_uno, decoding_uno_as_listed)]
    [Fraction(19, 100), Fraction(31, 100)]

    Yin et al. 2024 (2411.00841), Section 4.3, Decoding-UNO.
    """
    return TokenRule(over_accept(target, draft, epsilon), as_laws(target, "target law"))


def decoding_uno_as_listed(target: Any, draft: Any, epsilon: Any) -> TokenRule:
    """Decoding-UNO as the published listing computes it: over-accept by epsilon, replace from the *draft*.

    Arguments and errors as in `over_accept`; example in `decoding_uno`.

    Yin et al. 2024 (2411.00841), Appendix G.
    """
    return TokenRule(over_accept(target, draft, epsilon), as_laws(draft, "draft law"))


def bias(target: Any, draft: Any, rule: TokenRule) -> Any:
    """Total variation between the target and what a rule emits at one position; (...).

    target, draft: (..., V) laws. Raises ValueError for what is no law or for chances outside [0, 1].

    >>> bias([0.25, 0.75], [0.5, 0.5], TokenRule(accept=[1.0, 1.0], replacement=[0.0, 1.0]))
    0.25

    Yin et al. 2024 (2411.00841), Section 4.1.
    """
    return total_variation(target, emitted_law(draft, rule))


def _given(target: Any, draft: Any, accept: Any) -> tuple[Array, Array, Array]:
    total_variation(target, draft)  # checks the laws
    target, draft, accept = (
        as_laws(values, name)
        for values, name in ((target, "target law"), (draft, "draft law"), (accept, "acceptance"))
    )
    if readable(accept) and not bool(((accept >= 0) & (accept <= 1)).all()):
        raise ValueError(f"acceptance must lie in [0, 1], got {accept}; pass one chance per token")
    return target, draft, accept
