"""Coins used twice, and rounds that end wrongly, as laws of what a round emits."""

from itertools import pairwise

import numpy as np

from .anatomy import Seen
from .wholes import Law, Whole, add, chances, emissions, lasts, stopping, tokenwise


def _one_coin(seen: Seen) -> Law:
    reach = [1.0, *np.minimum.accumulate(chances(seen.target, seen.draft, seen.tokens)), 0.0]
    stop = [here - later for here, later in pairwise(reach)]
    return emissions(seen.tokens, stop, lasts(seen.target, seen.draft))


def _inverted(law: np.ndarray, low: float, high: float) -> np.ndarray:
    """The law of a token found by inverting a law at a uniform from [low, high)."""
    edges = np.clip(np.concatenate([[0.0], np.cumsum(law)]), low, high)
    edges[-1] = high
    return np.diff(edges) / (high - low) if high > low else law


def _coin_again(seen: Seen) -> Law:
    keep = chances(seen.target, seen.draft, seen.tokens)
    last = lasts(seen.target, seen.draft)
    reused = [_inverted(law, low, 1.0) for law, low in zip(last, keep)]
    return emissions(seen.tokens, stopping(keep), [*reused, last[-1]])


def _coin_again_everywhere(seen: Seen) -> Law:
    keep = chances(seen.target, seen.draft, seen.tokens)
    last = lasts(seen.target, seen.draft)
    reused = [_inverted(law, low, 1.0) for law, low in zip(last, keep)]
    end = _inverted(last[-1], 0.0, keep[-1]) if keep else last[-1]
    return emissions(seen.tokens, stopping(keep), [*reused, end])


def _rejected_too(seen: Seen) -> Law:
    last = lasts(seen.target, seen.draft)
    stop = stopping(chances(seen.target, seen.draft, seen.tokens))
    law: Law = {}
    for kept, chance in enumerate(stop):
        add(law, seen.tokens[: kept + 1], chance, last[kept])
    return law


def _bonus_always(seen: Seen) -> Law:
    law: Law = {}
    for text, chance in tokenwise(seen.target, seen.draft, seen.tokens).items():
        if len(text) == seen.n + 1:
            law[text] = law.get(text, 0.0) + chance
        else:
            add(law, text, chance, seen.target[-1] / seen.target[-1].sum())
    return law


def _counted(seen: Seen) -> Law:
    """The number of passed tests, wherever they are: a sum of independent coins."""
    count = [1.0]
    for chance in chances(seen.target, seen.draft, seen.tokens):
        count = [a * (1 - chance) + b * chance for a, b in zip([*count, 0.0], [0.0, *count])]
    return emissions(seen.tokens, count, lasts(seen.target, seen.draft))


ENDS = (
    Whole("randomness", "One coin tests all drafted tokens of a round.", _one_coin),
    Whole("randomness", "The coin that rejected a token also draws the correction.", _coin_again),
    Whole("randomness", "The coin that tested a token also draws the next one.", _coin_again_everywhere),
    Whole("acceptance", "The rejected token is emitted as well, an index one too high.", _rejected_too),
    Whole("bonus", "A bonus token is appended after a correction too.", _bonus_always),
    Whole("acceptance", "Tests passed behind a failure are counted too: no cumulative product.", _counted),
)
"""Wrong coins and wrong ends."""
