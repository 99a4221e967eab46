"""What a verifier does: the last drafted node that it keeps, and the law of the one token after it.

Fix the drafted tokens. Whatever a verifier does then, its result is a pair (kept node, next token), so by
the chain rule of probability a distribution of the first and a law of the second given the first say
everything about it. `law` multiplies them, `draw` samples them.

>>> import numpy as np
>>> plan = Plan(stop=np.array([0.25, 0.75]), residual=np.array([[0.0, 1.0], [0.5, 0.5]]))
>>> law(plan)
array([[0.   , 0.25 ],
       [0.375, 0.375]])
>>> node, token = draw(plan, np.array([0.3, 0.5]))
>>> int(node), int(token)
(1, 1)
"""

from collections.abc import Callable

from .arrays import Array, invert, namespace, rows, total
from .checks import check_uniforms


class Plan:
    """The decisions of one verification, given what was drafted.

    stop: (..., n + 1) chance that this node is the last one kept; sums to 1.
    residual: (..., n + 1, V) law of the one token emitted after it. Given as an array, or as a function
        from node indices (B, m) to rows (B, m, V) proportional to those laws: on a large vocabulary a round
        then costs one row instead of n + 1, and no division.
    """

    def __init__(self, stop: Array, residual: Array | Callable[[Array], Array]) -> None:
        self.stop = stop
        self._residual = residual

    @property
    def residual(self) -> Array:
        """All rows, (..., n + 1, V), as laws."""
        if not callable(self._residual):
            return self._residual
        xp = namespace(self.stop)
        nodes = xp.ones_like(self.stop, dtype=xp.int64)
        weights = self._residual(xp.cumulative_sum(nodes, axis=-1) - 1)
        return weights / total(weights)

    def weights(self, node: Array) -> Array:
        """The residual at one node of each batch entry, up to a factor. node (...); returns (..., V)."""
        if callable(self._residual):
            return self._residual(node[..., None])[..., 0, :]
        xp = namespace(self._residual)
        flat = xp.reshape(self._residual, (-1, *self._residual.shape[-2:]))
        return xp.reshape(rows(flat, xp.reshape(node, (-1, 1))), (*node.shape, flat.shape[-1]))

    def reshape(self, lead: tuple[int, ...]) -> "Plan":
        """The same plan with its batch axis laid out as the axes `lead`."""
        xp = namespace(self.stop)
        stop = xp.reshape(self.stop, (*lead, self.stop.shape[-1]))
        if not callable(self._residual):
            return Plan(stop, xp.reshape(self._residual, (*lead, *self._residual.shape[-2:])))
        flat = self._residual

        def residual(nodes: Array) -> Array:
            found = flat(xp.reshape(nodes, (-1, nodes.shape[-1])))
            return xp.reshape(found, (*nodes.shape, found.shape[-1]))

        return Plan(stop, residual)

    def __repr__(self) -> str:
        return f"Plan(stop={self.stop!r}, residual={self.residual!r})"


def law(plan: Plan) -> Array:
    """The exact joint law of (last kept node, emitted token): stop * residual, (..., n + 1, V)."""
    return plan.stop[..., None] * plan.residual


def draw(plan: Plan, uniforms: Array) -> tuple[Array, Array]:
    """The (node, token) that two uniforms select, each of shape (...).

    uniforms: (..., 2) in [0, 1); the first selects the node by inverting the cumulative sum of `stop`, the
    second the token from the residual of that node. The same uniforms give the same pair on every backend.
    Raises ValueError for uniforms of another shape or outside [0, 1).
    """
    check_uniforms(uniforms, 2)
    node = invert(plan.stop, uniforms[..., 0])
    return node, invert(plan.weights(node), uniforms[..., 1])
