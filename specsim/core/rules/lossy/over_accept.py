"""Accept too much by epsilon, and repair what can be repaired, or do not: Decoding-OPT and Decoding-UNO.

A token is kept with chance min(1, (target + epsilon) / draft). For a given acceptance b no replacement is
less biased than norm((target - b draft)_+), which is what `opt` takes: rejected + bias is then the total
variation of target and draft, the Pareto line. `uno` takes the target, which is biased even at
epsilon 0. That case has a name of its own, since it is so often written by mistake: `target_on_rejection`.
"""

from typing import Any

from ...arrays import Array, positive
from ..rule import Rule
from .token_wise import Rows, kept_share, number, of_kind, token_wise

SOURCE = "Yin et al. 2024 (2411.00841, NeurIPS 2024), Section 4.3 and Theorems 4, 5"


def opt(epsilon: Any = "0.1") -> Rule:
    """Keep x with chance b = min(1, (target + epsilon) / draft), replace from norm((target - b draft)_+).

    epsilon: at least 0; at 0 it is the exact rule. Chains only. Raises ValueError for another epsilon.

    >>> opt(0.2)
    rules.lossy:opt(0.2)

    Yin et al. 2024, Decoding-OPT and Theorem 5.
    """
    accept, share = _generous(epsilon)

    def replace(target: Array, draft: Array) -> Array:
        return positive(target - accept(target, draft) * draft)

    return token_wise("opt", (share,), SOURCE, accept, replace)


def uno(epsilon: Any = "0.1") -> Rule:
    """Keep x with chance min(1, (target + epsilon) / draft), replace from the target.

    epsilon: at least 0. Chains only. Raises ValueError for another epsilon.

    >>> uno("1/3")
    rules.lossy:uno(1/3)

    Yin et al. 2024, Decoding-UNO.
    """
    accept, share = _generous(epsilon)
    return token_wise("uno", (share,), SOURCE, accept, lambda target, draft: target)


def target_on_rejection() -> Rule:
    """Keep x with chance min(1, target / draft), as the exact rule does, but replace from the target.

        emitted = min(target, draft) + (1 - overlap) target

    The total variation to the target is at most overlap (1 - overlap), so at most 1/4. Chains only.

    >>> target_on_rejection()
    rules.lossy:target_on_rejection

    The exact replacement is that of Leviathan et al. 2023 (2211.17192), Algorithm 1.
    """
    accept, _ = _generous(0)
    source = "a common mistake in telling Leviathan et al. 2023 (2211.17192), Algorithm 1"
    return token_wise("target_on_rejection", (), source, accept, lambda target, draft: target)


def _generous(epsilon: Any) -> tuple[Rows, Any]:
    share = number(epsilon, "epsilon", 0, 1)

    def accept(target: Array, draft: Array) -> Array:
        return kept_share(target + of_kind(share, target), draft)

    return accept, share
