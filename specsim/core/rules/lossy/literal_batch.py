"""Batch verification as its published pseudo-code says, taken literally: one draft, and the residual twice.

In the listing the branch that replaces a rejected token stands inside the loop over drafts, so that drafts
after the first are never tried; and at the first position the target has become the residual before the
residual is taken of it:

    first = norm((target - draft)_+),   replacement = norm((first - draft)_+).

It is biased. The proof in the same paper uses the version that is exact, `rules.batch`.
"""

from ...arrays import Array, namespace, normalised, positive
from ...draft import Draft
from ...plan import Plan
from ..rule import Rule
from ..token import token
from .token_wise import lossy

SOURCE = "Yin et al. 2024 (2411.00841, NeurIPS 2024), Algorithm 4 as it is printed"


def literal_batch() -> Rule:
    """Keep x with chance min(1, target / draft); at the first position, replace from the residual's residual.

    Chains only: the other drafts of the batch are never looked at.

    >>> literal_batch()
    rules.lossy:literal_batch

    Yin et al. 2024, Algorithm 4, lines 12 to 30.
    """

    def kernel(target: Array, draft: Draft) -> Plan:
        plan = token.kernel(target, draft)
        if not draft.parent:
            return plan
        residual = plan.residual
        twice = normalised(positive(residual[:, :1] - draft.laws[:, :1]), residual[:, :1])
        return Plan(plan.stop, namespace(residual).concat([twice, residual[:, 1:]], axis=1))

    return lossy(kernel, "literal_batch", (), SOURCE)
