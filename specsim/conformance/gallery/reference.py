"""The correct decoder from which every exhibit starts: what differs from here is the fault.

A drafted token x is kept with chance min(1, target(x) / draft(x)); after the first rejection one token comes
from what the target still owes, norm((target - draft)_+); if all are kept, one more comes from the target.

>>> rng = np.random.default_rng(1)
>>> target, draft = np.array([[0.5, 0.5], [0.9, 0.1]]), np.array([[0.8, 0.2]])
>>> [verify(target, draft, [0], rng) for _ in range(4)]
[[0, 1], [0, 1], [0, 0], [1]]

Leviathan, Kalman and Matias 2023 (2211.17192), Algorithm 1; Chen et al. 2023 (2302.01318), Algorithm 2.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Rows = Any
"""Laws (n, V) as an array, or a list of n laws (V,)."""

Model = Callable[[tuple[int, ...]], np.ndarray]
"""From a context, a tuple of tokens, to the law (V,) of the next one."""


def draw(weights: np.ndarray, rng: Any) -> int:
    """A token with chance proportional to its weight. weights: (V,)."""
    return int(rng.choice(len(weights), p=weights / weights.sum()))


def owed(target: np.ndarray, draft: np.ndarray) -> np.ndarray:
    """What the target still owes after a rejection, (target - draft)_+, up to a factor.

    Where rounding leaves nothing of it, the target itself.
    """
    rest = np.maximum(target - draft, 0)
    return rest if rest.any() else target


def verify(target: Rows, draft: Rows, tokens: Sequence[int], rng: Any) -> list[int]:
    """One round on a chain: target (n + 1, V), draft (n, V), tokens (n,) to the emitted tokens."""
    for i, token in enumerate(tokens):
        if rng.random() * draft[i][token] >= target[i][token]:
            return [*tokens[:i], draw(owed(target[i], draft[i]), rng)]
    return [*tokens, draw(target[-1], rng)]


def verify_batch(target: Rows, draft: Rows, tokens: Rows, rng: Any) -> list[list[int]]:
    """One round of each row of a batch: the same with a leading axis, a list of lists comes back."""
    return [verify(*row, rng) for row in zip(target, draft, tokens)]


def below(parent: Sequence[int], node: int) -> list[int]:
    """The tokens that hang below a node, in the order in which they were drawn; token j is node j + 1."""
    return [j for j, above in enumerate(parent) if above == node]


def verify_tree(
    target: Rows, draft: Rows, tokens: Sequence[int], parent: Sequence[int], rng: Any
) -> list[int]:
    """One round on a tree: target (n + 1, V) by node, draft (n, V) the law that each token was drawn from.

    The candidates of a position are tried in turn, each against what the rejections before it have left.
    """
    kept: list[int] = []
    node, left = 0, target[0]
    while candidates := below(parent, node):
        for j in candidates:
            if rng.random() * draft[j][tokens[j]] < left[tokens[j]]:
                kept, node, left = [*kept, tokens[j]], j + 1, target[j + 1]
                break
            left = owed(left, draft[j])
            left = left / left.sum()
        else:
            break
    return [*kept, draw(left, rng)]


def propose(draft: Model, text: Sequence[int], size: int, rng: Any) -> tuple[list[int], list[np.ndarray]]:
    """A drafted chain after a text: its tokens, and the laws that they were drawn from."""
    tokens: list[int] = []
    rows: list[np.ndarray] = []
    for _ in range(size):
        rows.append(draft((*text, *tokens)))
        tokens.append(draw(rows[-1], rng))
    return tokens, rows


def score(target: Model, text: Sequence[int], tokens: Sequence[int]) -> list[np.ndarray]:
    """The target's laws along a drafted chain: one for each token, and one for the token after them."""
    return [target((*text, *tokens[:i])) for i in range(len(tokens) + 1)]


def until(text: list[int], end: int | None) -> list[int]:
    """The text up to and with the first end token; all of it where there is none."""
    return text[: text.index(end) + 1] if end in text else text


def generate(
    target: Model,
    draft: Model,
    prompt: Sequence[int],
    max_new_tokens: int,
    rng: Any,
    *,
    gamma: int = 2,
    eos: int | None = None,
) -> list[int]:
    """New tokens after a prompt, round by round, until there are max_new_tokens or the last is `eos`."""
    new: list[int] = []
    while len(new) < max_new_tokens and eos not in new:
        text = (*prompt, *new)
        tokens, rows = propose(draft, text, min(gamma, max_new_tokens - len(new) - 1), rng)
        new = until(new + verify(score(target, text, tokens), rows, tokens, rng), eos)
    return new
