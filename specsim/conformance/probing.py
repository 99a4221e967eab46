"""What a kernel does with a drafted token, found by bisecting the random numbers that it is given.

See `inject` for how this is used.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import log
from typing import Any

import numpy as np

from .measures import Rows
from .playing import RandomRows
from .rows import emitted

Kernel = Callable[..., Any]
LAST = 1 - 2.0**-24
"""The largest coin that every float format below 1 can hold."""

STEPS = 34
HOPELESS = 1e30


@dataclass
class Probe:
    """A kernel on one pair of rows. calls: how often it was asked.

    noise: "exponential" (argmin noise / weight), "gumbel" (argmax log weight + noise) or "uniform"
    (inversion). per_position: noise has a leading axis of gamma + 1; else the kernel takes one row of it,
    or one uniform.
    """

    kernel: Kernel
    rows: RandomRows
    noise: str
    per_position: bool
    calls: int = field(default=0)

    def __call__(self, tokens: Sequence[int], coins: Sequence[float], noise: Rows) -> list[int]:
        """What the kernel emits. noise: exponentials or uniforms, (gamma + 1, V) or (gamma + 1,)."""
        self.calls += 1
        shown = -np.log(noise) if self.noise == "gumbel" else noise
        given = shown.copy() if self.per_position else shown[0].copy()
        laws = self.rows.target.copy(), self.rows.draft.copy()
        return emitted(self.kernel(*laws, np.array(tokens), np.array(coins), given)).tolist()

    def flat(self, value: Any) -> Rows:
        """The same noise at every position: exponentials (V,), or a uniform."""
        return np.stack([np.asarray(value, float)] * (self.rows.gamma + 1))


@dataclass(frozen=True)
class Measured:
    """keep[i][x]: chance of keeping x at position i. corrections: weights after a rejection at i, None where
    none occurs. bonus: weights of the last token. above: whether large coins keep."""

    keep: Rows
    corrections: tuple[Rows | None, ...]
    bonus: Rows
    above: bool


def measure(probe: Probe) -> Measured:
    """Chances and weights of a kernel, by bisection."""
    gamma, size = probe.rows.draft.shape
    keep, corrections = np.zeros((gamma, size)), []
    tokens, coins = [0] * gamma, [0.0] * gamma
    above = False
    for position in range(gamma):
        way_on = way_out = None
        for token in np.flatnonzero(probe.rows.draft[position]):
            tokens[position] = int(token)
            chance, high = _chance(probe, tokens, coins, position)
            keep[position, token], above = chance, above or high
            if chance > 0:
                way_on = (int(token), 1 - chance / 2 if high else chance / 2)
            if chance < 1:
                way_out = (int(token), (1 - chance) / 2 if high else (1 + chance) / 2)
        corrections.append(None if way_out is None else _after(probe, tokens, coins, position, way_out))
        if way_on is None:
            _check_bonus(probe, tokens, coins)
            return Measured(
                keep, (*corrections, *[None] * (gamma - position - 1)), probe.rows.target[-1], above
            )
        tokens[position], coins[position] = way_on
    return Measured(keep, tuple(corrections), _weights(probe, tokens, coins, gamma), above)


def _after(
    probe: Probe, tokens: list[int], coins: list[float], position: int, way_out: tuple[int, float]
) -> Rows:
    """The weights after this token is rejected by this coin."""
    token, coin = way_out
    rejected = [*tokens[:position], token, *tokens[position + 1 :]]
    return _weights(probe, rejected, [*coins[:position], coin, *coins[position + 1 :]], position)


def _chance(probe: Probe, tokens: list[int], coins: list[float], position: int) -> tuple[float, bool]:
    """The chance of keeping a token, and whether it is large coins that keep it."""

    def kept(coin: float) -> bool:
        out = probe(tokens, [*coins[:position], coin, *coins[position + 1 :]], probe.flat(_middle(probe)))
        return len(out) > position + 1

    low, high = kept(2.0**-30), kept(LAST)
    if low == high:
        return float(low), False
    flip = _flip(lambda coin: kept(coin) == low, 0.0, 1.0)
    return (flip, False) if low else (1 - flip, True)


def _check_bonus(probe: Probe, tokens: list[int], coins: list[float]) -> None:
    """ValueError if the last token never leads on although each comes out as it was drafted."""
    possible = np.flatnonzero(probe.rows.draft[-1]).tolist()
    drafts = [[*tokens[:-1], token] for token in possible]
    if all(probe(one, coins, probe.flat(_middle(probe))) == one for one in drafts):
        raise ValueError(NO_BONUS)


NO_BONUS = (
    "a kernel under injection must emit one token after a fully kept draft; one that does not is for check()"
)


def _middle(probe: Probe) -> Any:
    return 0.5 if probe.noise == "uniform" else np.ones(probe.rows.target.shape[-1])


def _flip(before: Callable[[float], bool], low: float, high: float) -> float:
    """Where a condition that holds at low stops to hold."""
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if before(middle) else (low, middle)
    return (low + high) / 2


def _weights(probe: Probe, tokens: list[int], coins: list[float], position: int) -> Rows:
    """The law of the token that is emitted after `position` tokens were kept."""

    def chosen(noise: Any) -> int:
        out = probe(tokens, coins, probe.flat(noise))
        if len(out) <= position:
            raise ValueError(NO_BONUS)
        return out[position]

    size = probe.rows.target.shape[-1]
    weights = _by_inversion(chosen, size) if probe.noise == "uniform" else _by_race(chosen, size)
    return weights / weights.sum()


def _by_race(chosen: Callable[[Any], int], size: int) -> Rows:
    """Weights relative to the largest: with exponentials 1 and s, a token of weight w wins where s < w."""
    best = chosen(np.ones(size))
    weights = np.eye(size)[best]
    for token in range(size):
        if token == best:
            continue

        def wins(power: float, token: int = token) -> bool:
            noise = np.full(size, HOPELESS)
            noise[best], noise[token] = 1.0, np.exp(power)
            return chosen(noise) == token

        if wins(log(1e-12)):
            weights[token] = np.exp(_flip(wins, log(1e-12), 1e-9))
    return weights


def _by_inversion(chosen: Callable[[Any], int], size: int) -> Rows:
    """Lengths of the intervals of uniforms that select each token."""
    weights = np.zeros(size)
    grid = np.linspace(0, LAST, 4 * size + 1)
    for low, high in pairwise(grid):
        _split(chosen, weights, (low, chosen(low)), (high, chosen(high)))
    return weights


def _split(
    chosen: Callable[[Any], int], weights: Rows, low: tuple[float, int], high: tuple[float, int]
) -> None:
    """Add the stretch between two uniforms to the tokens that they select."""
    if low[1] == high[1] or high[0] - low[0] < 1e-10:
        weights[low[1]] += high[0] - low[0]
        return
    middle = (low[0] + high[0]) / 2
    found = (middle, chosen(middle))
    _split(chosen, weights, low, found)
    _split(chosen, weights, found, high)
