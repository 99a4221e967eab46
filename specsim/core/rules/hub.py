"""Hub verification: test the last child of a node, then look the correction up among the others.

Made for drafts of the k - 1 most likely tokens, Top, and one token drawn from the rest (shape "hub"). The
drawn one is tested first, with min(1, target / draft); the correction is Top's whole share of the target and
what else is owed, so k children are kept with chance

    target(Top) + sum over x outside Top of min(target(x), draft(x) / (1 - draft(Top))),

and no rule keeps more: a token of Top cannot be emitted more often than the target says, a drawn one not more
often than it is drawn. Recursive rejection in the order of the draft keeps less, since it spends the drawn
token only where Top has failed. It is `naive_tree` with the last child in the place of the first, and exact
however the other children were chosen.
"""

from ..arrays import Array
from ..draft import Draft, children
from ..plan import Plan
from .naive_tree import tested
from .rule import rule
from .token import recursive_rejection


@rule(
    exact=True,
    source="greedy multi-draft verification: Hu et al. 2025 (2502.18779, ICLR 2025); for k = 2 as a set of "
    "drafts SpecHub: Sun et al. 2024 (2411.05289)",
)
def hub(target: Array, draft: Draft) -> Plan:
    """Keep the last child with chance min(1, target / draft), another one where the correction meets it.

    target: (..., n + 1, V); draft: any tree, optimal on siblings(k, how="hub"). Raises ValueError on what is
    not a law or does not fit.

    >>> import numpy as np
    >>> target = np.array([[0.5, 0.3, 0.2]] * 3)
    >>> draft = Draft(np.array([1, 0]), np.array([[0, 1, 0], [0.4, 0, 0.6]]), (0, 0))
    >>> hub(target, draft).stop
    array([0., 0., 1.])

    Hu et al. 2025, greedy draft sampling.
    """
    order = tuple(below[::-1][:1] + below[:-1] for below in children(draft.parent))
    last = [below[-1] - 1 for below in children(draft.parent) if below]
    return recursive_rejection(target, Draft(draft.tokens, tested(draft, last), draft.parent), order)
