"""Playing one round per row: draft, verify, draw.

`play` goes through the core for every row and serves any pair. `specsim.simulate.plan_table` looks up what
depends on few tokens only; both select the same tokens for the same uniforms.
"""

import numpy as np

from specsim.core import Shape, along, draw, grow, height, paths, score

from .setting import Setting, host


def play(setting: Setting, shape: Shape, context: np.ndarray, uniforms: np.ndarray) -> tuple:
    """One round after each context: the last kept node (B,) and what was emitted (B, height + 1).

    context: (B, t) tokens. uniforms: (B, n + 2): one per drafted node, one for the node where the round
    stops, one for the token after it. Rows of `emitted` are padded with -1.
    """
    n, uniform = len(shape.parent), setting.convert(uniforms)
    row = setting.convert(context)
    draft = grow(lambda tokens: setting.convert(setting.draft(host(tokens))), row, shape, along(uniform))[1]
    target = score(lambda tokens: setting.convert(setting.target(host(tokens))), row, draft)
    node, token = map(host, draw(setting.rule(target, draft), uniform[:, n:]))
    return node, emitted(shape, host(draft.tokens), node, token)


def rehearse(setting: Setting) -> None:
    """Play a round on fixed uniforms: what does not fit together fails before a random number is used."""
    play(setting, setting.shape, setting.context, np.full((1, len(setting.shape.parent) + 2), 0.5))


def emitted(shape: Shape, tokens: np.ndarray, node: np.ndarray, token: np.ndarray) -> np.ndarray:
    """The tokens on the path to each kept node and the one after it, (B, height + 1), padded with -1.

    tokens: (B, n) as drafted; node, token: (B,).

    >>> emitted(Shape((0, 1)), np.array([[5, 6], [5, 6]]), np.array([0, 2]), np.array([7, 8]))
    array([[ 7, -1, -1],
           [ 5,  6,  8]])
    """
    padding = np.full_like(token, -1)
    columns = np.concatenate([tokens, token[:, None], padding[:, None]], axis=1)
    return np.take_along_axis(columns, _columns(shape)[node], axis=1)


def depths(shape: Shape) -> np.ndarray:
    """How many tokens are kept when a round stops at each node, (n + 1,)."""
    return np.array([len(path) for path in paths(shape.parent)])


def at_once(setting: Setting, shape: Shape) -> int:
    """How many rows to play together, so that their laws stay within the processor's cache."""
    return min(max(8, 2**18 // ((len(shape.parent) + 1) * setting.vocabulary)), 2**14)


def chunks(total: int, size: int) -> list[tuple[int, int]]:
    """First index and length of consecutive pieces of at most `size`.

    >>> chunks(5, 2)
    [(0, 2), (2, 2), (4, 1)]
    """
    return [(first, min(size, total - first)) for first in range(0, total, size)]


def _columns(shape: Shape) -> np.ndarray:
    n, longest = len(shape.parent), height(shape) + 1
    lines = [[*(above - 1 for above in path), n] for path in paths(shape.parent)]
    return np.array([line + [n + 1] * (longest - len(line)) for line in lines])
