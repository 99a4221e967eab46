"""Match verification: emit the target's own sample, and go on along the draft while it agrees.

The verifier samples the target at a node; if a child holds that token it moves there, otherwise it stops
and the sample is the emitted token. How the draft was made does not matter, so the rule is exact for any
tree, drawn or chosen. It is recursive rejection with every draft law replaced by a point mass.
"""

from ..arrays import Array, one_hot
from ..draft import Draft
from ..plan import Plan
from .rule import rule
from .token import token


@rule(
    exact=True,
    source="the target's own sample looked up in the tree: Miao et al. 2024 (2305.09781), naive sampling; "
    "for one-hot drafts it is Leviathan et al. 2023 (2211.17192), Algorithm 1",
)
def match(target: Array, draft: Draft) -> Plan:
    """Keep a drafted token with chance target(token): it is kept when the target's own sample is that token.

    target: (..., n + 1, V); draft: any tree. Raises ValueError on what is not a law or does not fit.

    >>> import numpy as np
    >>> target = np.array([[0.75, 0.25], [0.5, 0.5]])
    >>> draft = Draft(np.array([1]), np.array([[0.5, 0.5]]), (0,))
    >>> match(target, draft).stop
    array([0.75, 0.25])

    Miao et al. 2024 (naive sampling).
    """
    chosen = one_hot(draft.tokens, like=draft.laws)
    return token.kernel(target, Draft(draft.tokens, chosen, draft.parent))
