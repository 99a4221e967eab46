"""What the target still owes after a rejection: (left - law)_+ up to a factor, row by row on demand."""

from collections.abc import Callable, Sequence

from ..arrays import Array, like_indices, namespace, positive, rows, total
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
        xp = namespace(left)
        owed = rows(left, nodes)
        if not draft.parent:
            return owed
        child = xp.reshape(xp.take(like_indices(last, nodes), xp.reshape(nodes, (-1,)), axis=0), nodes.shape)
        law = rows(draft.laws, xp.where(child < 0, 0, child))
        asked = owed if scale is None else rows(scale[..., None], nodes) * owed
        excess = positive(asked - law)
        return xp.where((total(excess) == 0) | (child < 0)[..., None], owed, excess)

    return weights
