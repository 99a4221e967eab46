"""What the target still owes after a rejection: (left - law)_+ up to a factor, row by row on demand."""

from collections.abc import Callable, Sequence

from ..arrays import Array, like_indices, namespace, positive, rows, total, zeros
from ..draft import Draft


def residual_rows(
    left: Array, draft: Draft, last: Sequence[int], scale: Array | None = None
) -> Callable[[Array], Array]:
    """A function from nodes (B, m) to the weights (scale * left - law of the last child)_+, (B, m, V).

    left: (B, n + 1, V) what the target owed at each node before its last child was tried.
    last: for each node the index in draft.laws of that child, or -1 at a leaf, where nothing is subtracted.
    scale: (B, n + 1), 1 unless given. Where nothing is left (no rejection can happen) the row is `left`.
    """

    def weights(nodes: Array) -> Array:
        owed = rows(left, nodes)
        if not draft.parent:
            return owed
        child = like_indices(last, nodes)[nodes]
        asked = owed if scale is None else rows(scale, nodes)[..., None] * owed
        inner = _indicator((child >= 0)[..., None], owed)
        excess = positive((asked - rows(draft.laws, child)) * inner)
        return excess + owed * zeros(total(excess))  # much faster than `where` on long rows

    return weights


def _indicator(condition: Array, like: Array) -> Array:
    """1 where the condition (..., 1) holds and 0 elsewhere, in numbers of the kind of `like`."""
    return condition * namespace(like).ones_like(like[..., :1])
