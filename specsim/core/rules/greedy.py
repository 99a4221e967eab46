"""Temperature 0: emit the target's most likely token, and go on along the draft while it agrees."""

from ..arrays import Array, namespace, one_hot
from ..draft import Draft
from ..plan import Plan
from .match import match
from .rule import rule


@rule(
    exact=True,
    source="Leviathan et al. 2023 (2211.17192), Section 2.2 with the argmax standardised to temperature 0",
)
def greedy(target: Array, draft: Draft) -> Plan:
    """Keep a drafted token where it is the target's argmax (the lowest id among equals).

    The law that it emits exactly is the target's at temperature 0: all mass on the argmax.
    target: (..., n + 1, V); draft: any tree. Raises ValueError on what is not a law or does not fit.

    >>> import numpy as np
    >>> target = np.array([[0.75, 0.25], [0.4, 0.6]])
    >>> draft = Draft(np.array([0]), np.array([[0.5, 0.5]]), (0,))
    >>> greedy(target, draft).stop, greedy(target, draft).residual[1]
    (array([0., 1.]), array([0., 1.]))

    Leviathan et al. 2023, Section 2.2.
    """
    best = namespace(target).argmax(target, axis=-1)
    return match.kernel(one_hot(best, like=target), draft)
