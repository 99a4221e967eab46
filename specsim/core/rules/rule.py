"""A verification rule: a pure function from target laws and a draft to a plan.

`@rule(...)` adds the public door (checks, any leading axes) and a line for the list of rules. The kernel
behind it sees exactly one batch axis: target (B, n + 1, V), tokens (B, n), laws (B, n, V).
"""

from collections.abc import Callable
from functools import update_wrapper

from ..arrays import Array, namespace
from ..checks import check, check_chain, check_one_law
from ..draft import HOW, Draft
from ..plan import Plan

Verify = Callable[[Array, Draft], Plan]
"""Target laws and a draft to a plan: a kernel, a Rule, or a function of the user's own."""


OneToken = Callable[[Array, Array], tuple[Array, Array]]
"""Target and draft laws (..., V) to the chance that each drafted token is kept, and the weights of the token
that replaces it, both (..., V)."""


class Rule:
    """A verification rule. Call it with target laws (..., n + 1, V) and a Draft; it returns a Plan.

    name: how it is selected. exact: whether its output law is the target's own. chains_only: whether it
    refuses trees. how: the ways to choose siblings that it takes, see Shape. source: where it was published.
    kernel: the unchecked function, one batch axis. one_token: what the rule does with a single drafted
    token, for all tokens at once, where the replacement does not depend on the token; else None.
    """

    def __init__(
        self,
        kernel: Verify,
        exact: bool,
        chains_only: bool,
        how: tuple[str, ...],
        source: str,
        one_token: OneToken | None = None,
    ) -> None:
        update_wrapper(self, kernel)
        self.name = kernel.__name__
        self.kernel = kernel
        self.exact = exact
        self.chains_only = chains_only
        self.how = how
        self.source = source
        self.one_token = one_token

    def __call__(self, target: Array, draft: Draft) -> Plan:
        if self.chains_only:
            check_chain(self.name, draft)
        check(target, draft)
        if self.how == ("independent",):
            check_one_law(self.name, draft)
        lead = target.shape[:-2]
        if len(lead) == 1:
            return self.kernel(target, draft)
        return self.kernel(_flat(target, 2), flattened(draft)).reshape(tuple(lead))

    def __repr__(self) -> str:
        return f"rules.{self.name}"


def rule(
    *, exact: bool, source: str, chains_only: bool = False, how: tuple[str, ...] = HOW
) -> Callable[[Verify], Rule]:
    """Make a rule of a kernel."""
    return lambda kernel: Rule(kernel, exact, chains_only, how, source)


def flattened(draft: Draft) -> Draft:
    """The same draft with all leading axes as one batch axis."""
    return Draft(_flat(draft.tokens, 1), _flat(draft.laws, 2), draft.parent)


def _flat(x: Array, keep: int) -> Array:
    count = 1
    for size in x.shape[: x.ndim - keep]:
        count *= size
    return namespace(x).reshape(x, (count, *x.shape[x.ndim - keep :]))
