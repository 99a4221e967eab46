"""The rule that keeps one of k drafts as often as any exact rule can, solved as a linear programme.

One variable flow(S, y) for each set S of drafted tokens and each y in S: the chance that the drafts make up S
and y is kept. Keep as much as possible,

    maximise the sum of flow where sum over y of flow(S, y) <= P(S) and sum over S of flow(S, y) <= target(y),

and after a rejection emit what the target still owes. Sets instead of k-tuples leave the optimum as it is and
the programme much smaller; it still has about V^k / k! of them. So this rule is a yardstick for small
vocabularies: floats only, to within 1e-9, solved on the host, not for compiling. Its value alone is
`optimal_acceptance`.

>>> from specsim.core import siblings
>>> from specsim.models import Pair, iid
>>> from specsim.theory import tokens_per_round
>>> pair = Pair(iid([0.5, 0.3, 0.2]), iid([0.2, 0.5, 0.3]))
>>> best = optimal_rule([0.5, 0.3, 0.2], [0.2, 0.5, 0.3], 2)
>>> round(tokens_per_round(best, pair, siblings(2)) - 1, 9)
0.86
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from specsim.core import Draft, Plan, siblings
from specsim.core.arrays import Array
from specsim.core.rules import Verify

from .optimal_transport import check_support, drafted_sets
from .overlap import checked
from .positions import whole

Flow = dict[frozenset[int], dict[int, float]]
"""For each set of drafted tokens: the chance that it is drafted and that each of its tokens is kept."""


def optimal_rule(target: Any, draft: Any, k: int, *, replacement: bool = True) -> Verify:
    """A rule for k siblings that attains `optimal_acceptance` on these two laws.

    target, draft: (V,) laws, taken as floats. replacement: whether siblings are "independent" or "distinct".
    Returns a function from target laws (..., k + 1, V) and a Draft to a Plan, wherever a rule is taken; it
    raises ValueError for other shapes than siblings(k), and where the laws are not those that it was solved
    for. Raises ValueError as `optimal_acceptance` does.

    Sun et al. 2023 (2310.15141), the transport programme; Hu et al. 2025 (2502.18779), over sets.
    """
    target, draft = (np.asarray(laws, dtype=float) for laws in checked(target, draft))
    if target.ndim != 1:
        raise ValueError(f"optimal_rule is solved for one pair of laws (V,), got shape {target.shape}")
    count = whole("k", k)
    if not replacement:
        check_support(draft, count)
    chances = drafted_sets(draft.tolist(), count, replacement)
    flow = _solved(target, chances)
    owed = _owed(target, flow)

    def verify(laws: Array, drafted: Draft) -> Plan:
        _check_same(laws, drafted, target, draft, count)
        tokens = drafted.tokens.reshape(-1, count)
        stop = np.array([_stop(row, chances, flow) for row in tokens.tolist()])
        residual = np.array(laws, dtype=float)
        residual[..., 0, :] = owed
        return Plan(stop.reshape(*drafted.tokens.shape[:-1], count + 1), residual)

    return verify


def _solved(target: np.ndarray, chances: dict[frozenset[int], float]) -> Flow:
    """The programme's solution by HiGHS."""
    from scipy.optimize import linprog
    from scipy.sparse import coo_array

    sets = list(chances)
    pairs = [(row, token) for row, one in enumerate(sets) for token in sorted(one)]
    rows = [row for row, _ in pairs] + [len(sets) + token for _, token in pairs]
    columns = [*range(len(pairs))] * 2
    limits = coo_array((np.ones(len(rows)), (rows, columns)), shape=(len(sets) + len(target), len(pairs)))
    bounds = np.concatenate([list(chances.values()), target])
    strict = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
    found = linprog(-np.ones(len(pairs)), limits.tocsr(), bounds, method="highs", options=strict)
    flow: Flow = {one: {} for one in sets}
    for (row, token), value in zip(pairs, found.x.tolist()):
        flow[sets[row]][token] = max(value, 0.0)
    return {one: _at_most(chances[one], kept) for one, kept in flow.items()}


def _at_most(chance: float, kept: dict[int, float]) -> dict[int, float]:
    """These chances, scaled down where the solver's tolerance lets them exceed the chance of their set."""
    excess = max(sum(kept.values()) / chance, 1)
    return {token: value / excess for token, value in kept.items()}


def _owed(target: np.ndarray, flow: Flow) -> np.ndarray:
    """The law of the token after a rejection; the target where all of it is kept, up to rounding."""
    left = target.copy()
    for kept in flow.values():
        for token, value in kept.items():
            left[token] -= value
    left = left.clip(min=0)
    return left / left.sum() if left.sum() > 1e-12 else target


def _stop(tokens: Sequence[int], chances: dict[frozenset[int], float], flow: Flow) -> list[float]:
    """The chances to stop at the root and at each child; of children with one token the first is kept."""
    drafted = frozenset(tokens)
    kept = [
        0.0 if token in tokens[:i] else flow[drafted][token] / chances[drafted]
        for i, token in enumerate(tokens)
    ]
    return [max(1 - sum(kept), 0.0), *kept]


def _check_same(laws: Array, drafted: Draft, target: np.ndarray, draft: np.ndarray, k: int) -> None:
    if drafted.parent != siblings(k):
        raise ValueError(
            f"this rule was solved for siblings({k}), got parent={drafted.parent}; solve it anew"
        )
    rows = ("target", laws[..., 0, :], target), ("draft", drafted.laws[..., 0, :], draft)
    for name, came, solved in rows:
        if not np.allclose(np.asarray(came, dtype=float), solved, rtol=0, atol=1e-9):
            raise ValueError(f"this rule was solved for another {name} law; solve it anew for this context")
