"""Known ways to test a drafted token wrongly: the chance with which it is then kept.

The right chance is min(1, target(x) / draft(x)) in the rows of its position.
"""

from collections.abc import Callable

import numpy as np

from .anatomy import Seen
from .parts import Part, row_at

Keep = Callable[[Seen, int], float]


def _ratio(over: float, under: float) -> float:
    return min(1.0, over / under) if under > 0 else 1.0


def _keep(row: Callable[[Seen, int], tuple[np.ndarray, np.ndarray]]) -> Keep:
    """The usual test, on other rows."""

    def chance(seen: Seen, i: int) -> float:
        p, q = row(seen, i)
        return _ratio(p[seen.tokens[i]], q[seen.tokens[i]])

    return chance


def _typical(seen: Seen, i: int) -> float:
    p = seen.target[i]
    entropy = -(p[p > 0] * np.log(p[p > 0])).sum()
    return float(p[seen.tokens[i]] > min(0.09, 0.3 * np.exp(-entropy)))


KEPT = (
    Part("acceptance", "Every drafted token is kept.", lambda s, i: 1.0),
    Part("acceptance", "No drafted token is ever kept.", lambda s, i: 0.0),
    Part(
        "acceptance",
        "The first drafted token is kept without a test.",
        lambda s, i: 1.0 if i == 0 else _ratio(s.target[i][s.tokens[i]], s.draft[i][s.tokens[i]]),
    ),
    Part(
        "acceptance",
        "A drafted token is kept if and only if target >= draft there, with no coin thrown.",
        lambda s, i: float(s.target[i][s.tokens[i]] >= s.draft[i][s.tokens[i]]),
    ),
    Part(
        "acceptance",
        "A drafted token is kept with chance min(1, draft / target): the ratio is upside down.",
        lambda s, i: _ratio(s.draft[i][s.tokens[i]], s.target[i][s.tokens[i]]),
    ),
    Part(
        "acceptance",
        "A drafted token is kept with chance target / max(target), whatever the draft's law.",
        lambda s, i: s.target[i][s.tokens[i]] / s.target[i].max(),
    ),
    Part(
        "acceptance",
        "A drafted token is kept with chance target(x), as if it had been chosen and not drawn.",
        lambda s, i: s.target[i][s.tokens[i]],
    ),
    Part(
        "acceptance",
        "A drafted token is kept with chance target / (target + draft).",
        lambda s, i: s.target[i][s.tokens[i]] / (s.target[i][s.tokens[i]] + s.draft[i][s.tokens[i]]),
    ),
    Part(
        "acceptance",
        "A drafted token is kept with chance 1 - min(1, target / draft): the comparison is inverted.",
        lambda s, i: 1 - _ratio(s.target[i][s.tokens[i]], s.draft[i][s.tokens[i]]),
    ),
    Part(
        "acceptance",
        "A drafted token is kept if it is the target's most likely token.",
        lambda s, i: float(s.tokens[i] == s.target[i].argmax()),
    ),
    Part("acceptance", "A drafted token is kept where it is typical of the target, a lossy rule.", _typical),
    Part(
        "row",
        "Acceptance compares with the target's row of the next position.",
        _keep(lambda s, i: (s.target[i + 1], s.draft[i])),
    ),
    Part(
        "row",
        "Acceptance compares with the target's row of the position before.",
        _keep(lambda s, i: (row_at(s.target, i - 1), s.draft[i])),
    ),
    Part(
        "row",
        "Acceptance compares with the draft's row of the next position.",
        _keep(lambda s, i: (s.target[i], row_at(s.draft, i + 1))),
    ),
    Part(
        "row",
        "Acceptance compares with the draft's row of the position before.",
        _keep(lambda s, i: (s.target[i], row_at(s.draft, i - 1))),
    ),
    Part(
        "row",
        "Acceptance compares with the target's first row at every position.",
        _keep(lambda s, i: (s.target[0], s.draft[i])),
    ),
)
"""Wrong chances to be kept."""
