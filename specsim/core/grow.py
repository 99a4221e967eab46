"""Growing drafts from a model, and reading the target's laws along them.

A *model* is a callable from integer tokens (B, t) to next-token laws (B, V). `grow` goes through the nodes
of a shape in order and lets `pick` choose each token: `every` branches on all tokens that the law allows,
which lists every draft with its chance; `along(uniforms)` draws one draft per row.

>>> import numpy as np
>>> coin = lambda tokens: np.full((len(tokens), 2), 0.5)
>>> chance, draft = grow(coin, np.zeros((1, 0), dtype=int), (0, 1), every)
>>> chance, draft.tokens.tolist()
(array([0.25, 0.25, 0.25, 0.25]), [[0, 0], [0, 1], [1, 0], [1, 1]])
"""

from collections.abc import Callable

import numpy as np

from .arrays import Array, invert, namespace, normalised, one_hot
from .checks import check_uniforms
from .draft import AnyShape, Draft, as_shape, paths

Model = Callable[[Array], Array]
"""Integer tokens (B, t) to next-token laws (B, V)."""

Pick = Callable[[Array, int], tuple[Array | slice, Array, Array]]
"""Laws (B, V) of the token at node j + 1, and j, to: rows (B',) to go on with, their tokens, chances."""


def every(laws: Array, node: int) -> tuple[Array, Array, Array]:
    """Pick all tokens of positive law: the batch branches."""
    row, token = np.nonzero(laws > 0)
    return row, token, laws[row, token]


def along(uniforms: Array) -> Pick:
    """Pick by inverting each law at uniforms (B, n): one draft per row, of chance 1.

    Raises ValueError for uniforms outside [0, 1).
    """
    check_uniforms(uniforms, *uniforms.shape[-1:])

    def pick(laws: Array, node: int) -> tuple[Array, Array, Array]:
        token = invert(laws, uniforms[:, node])
        return slice(None), token, namespace(token).ones_like(token)

    return pick


def grow(model: Model, context: Array, shape: AnyShape, pick: Pick) -> tuple[Array, Draft]:
    """Drafts of a shape, with the chance of each: chance (B',), Draft of (B', n) tokens.

    context: (B, t) integer tokens, one row per draft to begin. pick: `every` or `along(uniforms)`.
    """
    shape = as_shape(shape)
    xp = namespace(context)
    length, paths_to = context.shape[-1], paths(shape.parent)
    tokens, chance = context, 1 + xp.sum(xp.zeros_like(context), axis=-1)
    laws: list[Array] = []
    base: dict[int, Array] = {}
    for j, above in enumerate(shape.parent):
        if above not in base:
            base[above] = model(_along_path(tokens, length, paths_to[above]))
        earlier = [tokens[:, length + i] for i in range(j) if shape.parent[i] == above]
        law = sibling_law(base[above], earlier, shape.how_at(j))
        row, token, weight = pick(law, j)
        tokens = xp.concat([tokens[row], token[:, None]], axis=1)
        laws = [one[row] for one in (*laws, law)]
        base = {node: one[row] for node, one in base.items()}
        chance = weight * chance[row]
    stacked = xp.stack(laws, axis=1) if laws else model(context)[:, None][:, :0]
    return chance, Draft(tokens[:, length:], stacked, shape.parent)


def sibling_law(law: Array, earlier: list[Array], how: str) -> Array:
    """The law that the next child of a node is drawn from, given the children before it.

    law: (B, V); earlier: tokens (B,) of those children. "independent": the law itself. "distinct": without
    the earlier tokens, renormalised (uniform on the untried where no mass is left). "top": a point mass on
    the most likely untried token. Raises ValueError where every token has been tried.
    """
    if how == "independent" or (how == "distinct" and not earlier):
        return law
    xp = namespace(law)
    if len(earlier) >= law.shape[-1]:
        raise ValueError(
            f"{len(earlier) + 1} different children need a vocabulary of at least that size, "
            f"got {law.shape[-1]} tokens"
        )
    tried = xp.zeros_like(law)
    for token in earlier:
        tried = tried + one_hot(token, like=law)
    if how == "top":
        return one_hot(xp.argmax(law - 2 * tried, axis=-1), like=law)
    untried = 1 - tried
    return normalised(law * untried, normalised(untried, untried))


def score(model: Model, context: Array, draft: Draft) -> Array:
    """The target's laws at every node of a draft, (B, n + 1, V). context: (B, t) integer tokens."""
    xp = namespace(context)
    tokens, length = xp.concat([context, draft.tokens], axis=1), context.shape[-1]
    laws = [model(_along_path(tokens, length, path)) for path in paths(draft.parent)]
    return xp.stack(laws, axis=1)


def _along_path(tokens: Array, length: int, path: tuple[int, ...]) -> Array:
    """Context and the tokens of the nodes on a path. tokens: (B, length + drafted so far)."""
    columns = [*range(length), *(length + node - 1 for node in path)]
    return tokens[:, columns]
