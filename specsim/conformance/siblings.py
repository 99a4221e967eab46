"""Known mistakes with several candidates for one position, as laws of the token that comes out at the root.

Candidates x_1, x_2, ... of the root are tried in turn; what is emitted begins with the one that is kept, or
is one token drawn at the end. Only that first token is looked at here.
"""

from collections.abc import Callable

import numpy as np

from .anatomy import Seen
from .wholes import Whole, owed

Start = tuple[int, ...]
First = dict[tuple[int, ...], float]
Try = Callable[[np.ndarray, np.ndarray, int], float]


def candidates(seen: Seen) -> list[int]:
    """The nodes below the root, as indices of tokens."""
    return [j for j, above in enumerate(seen.parent) if above == 0]


def first_law(law: dict[tuple[int, ...], float]) -> First:
    """The law of the first token of what was emitted."""
    found: First = {}
    for text, chance in law.items():
        found[text[:1]] = found.get(text[:1], 0.0) + chance
    return found


def _ratio(p: np.ndarray, q: np.ndarray, token: int) -> float:
    return min(1.0, p[token] / q[token]) if q[token] > 0 else 1.0


def tried(
    seen: Seen,
    faced: Callable[[np.ndarray, np.ndarray, list[np.ndarray]], np.ndarray],
    final: Callable[[np.ndarray, np.ndarray, list[np.ndarray]], np.ndarray],
    law_of: Callable[[list[np.ndarray], int], np.ndarray],
) -> First:
    """Candidates tried in turn with independent coins.

    faced(target, left, laws before): what a candidate is tested against. final: the law when all have failed.
    law_of(laws, k): the law that candidate k is said to come from.
    """
    nodes = candidates(seen)
    laws = [law_of([seen.draft[j] for j in nodes], k) for k in range(len(nodes))]
    target, left, open_, law = seen.target[0], seen.target[0], 1.0, {}  # type: ignore[var-annotated]
    for k, j in enumerate(nodes):
        keep = _ratio(faced(target, left, laws[:k]), laws[k], seen.tokens[j])
        text = (seen.tokens[j],)
        law[text] = law.get(text, 0.0) + open_ * keep
        open_ *= 1 - keep
        left = owed(left, laws[k])
    for token, p in enumerate(final(target, left, laws)):
        law[(token,)] = law.get((token,), 0.0) + open_ * float(p)
    return {text: chance for text, chance in law.items() if chance > 0}


def _own(laws: list[np.ndarray], k: int) -> np.ndarray:
    return laws[k]


def _left(target: np.ndarray, left: np.ndarray, laws: list[np.ndarray]) -> np.ndarray:
    return left


def _whole(target: np.ndarray, left: np.ndarray, laws: list[np.ndarray]) -> np.ndarray:
    return target


def _last_only(target: np.ndarray, left: np.ndarray, laws: list[np.ndarray]) -> np.ndarray:
    return owed(target, laws[-1])


def _unnormalised(target: np.ndarray, left: np.ndarray, laws: list[np.ndarray]) -> np.ndarray:
    for law in laws:
        rest = np.maximum(target - law, 0)
        target = rest if rest.any() else target
    return target


def _unnormalised_last(target: np.ndarray, left: np.ndarray, laws: list[np.ndarray]) -> np.ndarray:
    rest = _unnormalised(target, left, laws)
    return rest / rest.sum()


def _one_coin(seen: Seen) -> First:
    """All candidates of the root face one coin."""
    left, high, law = seen.target[0], 0.0, {}  # type: ignore[var-annotated]
    for j in candidates(seen):
        keep = _ratio(left, seen.draft[j], seen.tokens[j])
        text = (seen.tokens[j],)
        law[text] = law.get(text, 0.0) + max(0.0, keep - high)
        high, left = max(high, keep), owed(left, seen.draft[j])
    for token, p in enumerate(left):
        law[(token,)] = law.get((token,), 0.0) + (1 - high) * float(p)
    return {text: chance for text, chance in law.items() if chance > 0}


def _new_sample_each(seen: Seen) -> First:
    """Each candidate is compared with a new draw of the target; the last draw is emitted if none matches."""
    nodes, target, open_, law = candidates(seen), seen.target[0], 1.0, {}  # type: ignore[var-annotated]
    for j in nodes:
        token = seen.tokens[j]
        law[(token,)] = law.get((token,), 0.0) + open_ * float(target[token])
        open_ *= 1 - float(target[token])
    for token, p in enumerate(target):
        law[(token,)] = law.get((token,), 0.0) + open_ * float(p)
    return {text: chance for text, chance in law.items() if chance > 0}


SIBLINGS = (
    Whole("randomness", "One coin tests all candidates of a position.", _one_coin),
    Whole(
        "siblings",
        "Each candidate faces the whole target, as if none had been rejected before it.",
        lambda s: tried(s, _whole, _last_only, _own),
    ),
    Whole(
        "siblings",
        "All candidates are tested with the first one's law.",
        lambda s: tried(s, _left, _left, lambda laws, k: laws[0]),
    ),
    Whole(
        "siblings",
        "What is left after a rejection is not divided by its sum before the next test.",
        lambda s: tried(s, _unnormalised, _unnormalised_last, _own),
    ),
    Whole(
        "siblings",
        "When all candidates have failed, the token is drawn from the target itself.",
        lambda s: tried(s, _left, _whole, _own),
    ),
    Whole("siblings", "Each candidate is compared with a new sample of the target.", _new_sample_each),
)
"""Wrong ways with candidates, by the law of the first emitted token."""
