"""Keep what the target finds likely enough, however the draft came by it: thresholds and typical acceptance.

The decision looks at the target alone, yes or no, and a token that is not kept is replaced by the target's
own sample. With A the set of tokens that would be kept, draft(x) on A plus draft(not A) target(x) is emitted:
the draft's law inside A, whatever the target says there.
"""

from typing import Any

from ...arrays import Array, is_exact, namespace, total
from ..rule import Rule
from .token_wise import indicator, number, of_kind, token_wise


def threshold(least: Any = "0.1") -> Rule:
    """Keep x if target(x) >= least, replace from the target.

    least: in [0, 1]. Chains only. Raises ValueError for another one.

    >>> threshold(0.3)
    rules.lossy:threshold(0.3)

    Medusa: Cai et al. 2024 (2401.10774), typical acceptance without its entropy term.
    """
    share = number(least, "least", 0, 1)

    def accept(target: Array, draft: Array) -> Array:
        return indicator(target >= of_kind(share, target), target)

    source = "typical acceptance of Cai et al. 2024 (2401.10774) without its entropy term"
    return token_wise("threshold", (share,), source, accept, lambda target, draft: target)


def typical(epsilon: Any = "0.09", delta: Any = "0.3") -> Rule:
    """Keep x if target(x) > min(epsilon, delta exp(-H(target))), H in nats; replace from the target.

    epsilon, delta: in [0, 1]. Chains only. Where the target is spread out a smaller probability suffices. The
    entropy is computed in floats, also for fractions, and enters the decision only. Decoders differ in the
    details: some keep the most likely token always, some add 1e-5 inside the logarithm; neither is done here.
    Raises ValueError for other parameters.

    >>> typical()
    rules.lossy:typical(0.09,0.3)

    Cai et al. 2024 (2401.10774), typical acceptance, in the form that draws the correction from the target.
    """
    cap, share = number(epsilon, "epsilon", 0, 1), number(delta, "delta", 0, 1)

    def accept(target: Array, draft: Array) -> Array:
        floats = target.astype(float) if is_exact(target) else target
        xp = namespace(floats)
        least = xp.clip(float(share) * xp.exp(-entropy(floats)), max=float(cap))
        return indicator(floats > least, target)

    source = "Cai et al. 2024 (Medusa, 2401.10774), typical acceptance"
    return token_wise("typical", (cap, share), source, accept, lambda target, draft: target)


def entropy(law: Array) -> Array:
    """Entropy in nats of each law (..., V), as (..., 1)."""
    xp = namespace(law)
    return -total(law * xp.log(xp.where(law > 0, law, 1)))
