"""Batch verification as its published pseudo-code says, taken literally: one draft, and the residual twice.

In the listing the branch that replaces a rejected token stands inside the loop over drafts, so that drafts
after the first are never tried; and at the first position the target has become the residual before the
residual is taken of it:

    first = norm((target - draft)_+),   replacement = norm((first - draft)_+).

It is biased. Who moves that branch behind the loop, so that all drafts are tried, still takes the residual of
what is the residual already, now of the last draft: less biased, and biased. Without that second residual it
is the version that the proof in the same paper uses, which is exact: `rules.batch`.
"""

from ...arrays import Array, namespace, normalised, positive
from ...draft import HOW, Draft, children
from ...plan import Plan
from ..batch import batch
from ..rule import Rule
from ..token import token
from .token_wise import kept_share, lossy

SOURCE = "Yin et al. 2024 (2411.00841, NeurIPS 2024), Algorithm 4 as it is printed"


def literal_batch() -> Rule:
    """Keep x with chance min(1, target / draft); at the first position, replace from the residual's residual.

    Chains only: the other drafts of the batch are never looked at.

    >>> literal_batch()
    rules.lossy:literal_batch

    Yin et al. 2024, Algorithm 4, lines 12 to 30.
    """

    def kernel(target: Array, draft: Draft) -> Plan:
        return _residual_again(token.kernel(target, draft), draft)

    return lossy(kernel, "literal_batch", (), SOURCE, _one_token)


def mended_batch() -> Rule:
    """Batch verification, but the first token is replaced from the residual of the last residual.

        replacement = norm((left - draft)_+),   left = what M rejected drafts leave of the target, normalised

    Takes chains that part at the root, as `rules.batch`; on a single chain it is `literal_batch`.

    >>> mended_batch()
    rules.lossy:mended_batch

    Yin et al. 2024, Algorithm 4, with lines 27 and 28 after the loop over drafts.
    """

    def kernel(target: Array, draft: Draft) -> Plan:
        return _residual_again(batch.kernel(target, draft), draft)

    kernel.__name__ = "lossy:mended_batch"
    source = SOURCE + ", the loop over drafts mended"
    return Rule(kernel, exact=False, chains_only=False, how=HOW, source=source, one_token=_one_token)


def _one_token(target: Array, draft: Array) -> tuple[Array, Array]:
    once = normalised(positive(target - draft), target)
    return kept_share(target, draft), normalised(positive(once - draft), once)


def _residual_again(plan: Plan, draft: Draft) -> Plan:
    """The plan, with the residual taken once more at the root, of the law of its last child."""
    if not draft.parent:
        return plan
    residual, last = plan.residual, children(draft.parent)[0][-1]
    twice = normalised(positive(residual[:, :1] - draft.laws[:, last - 1 : last]), residual[:, :1])
    return Plan(plan.stop, namespace(residual).concat([twice, residual[:, 1:]], axis=1))
