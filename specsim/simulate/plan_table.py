"""All rounds that can begin in a few states, worked out once and looked up from then on.

Where the laws depend on the last k tokens at most, a round is fixed by that state, the drafted tokens and
uniforms. With S states and n drafted nodes there are S V^n plans: for toy pairs far fewer than rounds to be
played. The table holds the cumulative sums of every draft law, stop law and residual, so that a round is
n + 2 look-ups. Drafts are numbered by their tokens as digits to the base V.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from specsim.core import Draft, Plan, Shape, every, grow, height, score
from specsim.core.arrays import Array

from .inversion import Inversion
from .playing import depths, emitted
from .setting import Setting, host

LARGEST = 2_000_000
"""The largest number of residual entries, S V^n (n + 1) V, of a table."""


@dataclass(frozen=True)
class PlanTable:
    """Every round from each of S states.

    drafts: for node j + 1 a row per state and tokens before it; stop: a row per state and draft; residual: a
    row per state, draft and node. kept: (V^n (n + 1), height + 1) the path to each node of each draft, padded
    with -1. depth: (n + 1,) tokens kept at each node. vocabulary: V.
    """

    drafts: tuple[Inversion, ...]
    stop: Inversion
    residual: Inversion
    kept: np.ndarray
    depth: np.ndarray
    vocabulary: int

    def __call__(self, state: Array, uniforms: Array) -> tuple[np.ndarray, np.ndarray]:
        """One round from each state (B,), as `playing.play`: node (B,) and emitted (B, height + 1)."""
        nodes, row = len(self.depth), state
        for j, draft in enumerate(self.drafts):
            row = row * self.vocabulary + draft(row, uniforms[:, j])
        node = self.stop(row, uniforms[:, -2])
        inner = row * nodes + node
        token = self.residual(inner, uniforms[:, -1])
        tokens = self.kept.take(host(inner - state * len(self.kept)), axis=0)
        tokens[np.arange(len(tokens)), self.depth[host(node)]] = host(token)
        return host(node), tokens


def affordable(setting: Setting, shape: Shape, states: int, rounds: int) -> bool:
    """Whether a table is small, and no dearer than the rounds that it is to serve."""
    n, vocabulary = len(shape.parent), setting.vocabulary
    plans = states * vocabulary**n
    return plans <= rounds and plans * (n + 1) * vocabulary <= LARGEST


def plan_table(setting: Setting, shape: Shape, contexts: list[np.ndarray]) -> PlanTable:
    """The table of the states that follow contexts: arrays (S', t), each of another t, S states in all."""
    n, vocabulary = len(shape.parent), setting.vocabulary
    states, parts = sum(map(len, contexts)), list(_parts(setting, shape, contexts))
    state, tokens, laws, stop, residual = (np.concatenate(columns) for columns in zip(*parts))
    codes, plans = _codes(state, tokens, vocabulary), states * vocabulary**n
    nodes = (codes[n][:, None] * (n + 1) + np.arange(n + 1)).ravel()

    def table(weights: np.ndarray, rows: np.ndarray, count: int) -> Inversion:
        return Inversion.of(weights).scattered(rows, count).on(setting.convert)

    return PlanTable(
        tuple(table(laws[:, j], codes[j], states * vocabulary**j) for j in range(n)),
        table(stop, codes[n], plans),
        table(residual.reshape(-1, vocabulary), nodes, plans * (n + 1)),
        _kept(shape, vocabulary).astype(np.int32),
        depths(shape),
        vocabulary,
    )


def _parts(setting: Setting, shape: Shape, contexts: list[np.ndarray]) -> Iterator[tuple[np.ndarray, ...]]:
    """State, tokens, draft laws, stop laws and residual weights of every draft that can occur."""
    first = 0
    for context in contexts:
        state, draft = _every_draft(setting, shape, context)
        plan = setting.rule(score(setting.target, context[state], draft), draft)
        yield first + state, draft.tokens, draft.laws, plan.stop, _weights(plan, len(shape.parent) + 1)
        first += len(context)


def _every_draft(setting: Setting, shape: Shape, context: np.ndarray) -> tuple[np.ndarray, Draft]:
    """All drafts after each context (S', t), and the row of the context that each belongs to."""
    origin = np.arange(len(context))

    def pick(laws: np.ndarray, node: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        nonlocal origin
        row, token, chance = every(laws, node)
        origin = origin[row]
        return row, token, chance

    draft = grow(setting.draft, context, shape, pick)[1]
    return origin, draft


def _weights(plan: Plan, nodes: int) -> np.ndarray:
    """The residual weights (B, nodes, V) at every node, as `draw` would see them."""
    batch = len(plan.stop)
    return np.stack([plan.weights(np.full(batch, node)) for node in range(nodes)], axis=1)


def _codes(state: np.ndarray, tokens: np.ndarray, vocabulary: int) -> list[np.ndarray]:
    """The number of state and first j tokens, for j = 0..n."""
    codes = [state]
    for token in tokens.T:
        codes.append(codes[-1] * vocabulary + token)
    return codes


def _kept(shape: Shape, vocabulary: int) -> np.ndarray:
    """The path to each node of each draft, (V^n (n + 1), height + 1), padded with -1."""
    n = len(shape.parent)
    digits = np.indices((vocabulary,) * n).reshape(n, vocabulary**n).T
    tokens, node = np.repeat(digits, n + 1, axis=0), np.tile(np.arange(n + 1), len(digits))
    return emitted(shape, tokens, node, np.full(len(node), -1)).reshape(-1, height(shape) + 1)
