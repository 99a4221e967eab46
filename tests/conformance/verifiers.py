"""Verifiers with known laws, for the tests of the engine: written as people write them."""

import bisect
from collections.abc import Iterator
from typing import Any

import numpy as np

Rows = np.ndarray


def textbook(target: Rows, draft: Rows, tokens: tuple[int, ...], rng: Any) -> list[int]:
    """Speculative sampling, a coin for each token (Leviathan et al. 2023, algorithm 1)."""
    kept: list[int] = []
    for position, token in enumerate(tokens):
        if rng.random() * draft[position, token] < target[position, token]:
            kept.append(token)
            continue
        rest = np.maximum(target[position] - draft[position], 0)
        return [*kept, int(rng.choice(len(rest), p=rest / rest.sum()))]
    return [*kept, int(rng.choice(target.shape[1], p=target[-1]))]


def by_arrays(target: Rows, draft: Rows, tokens: tuple[int, ...], rng: Any) -> list[int]:
    """The same with all coins at once, and a search in the running sum."""
    places = np.arange(len(tokens))
    ratios = target[places, list(tokens)] / draft[places, list(tokens)]
    refused = np.flatnonzero(~(rng.random(len(tokens)) < ratios))
    stop = int(refused[0]) if len(refused) else len(tokens)
    law = np.maximum(target[stop] - draft[stop], 0) if len(refused) else target[-1]
    running = np.cumsum(law)
    return [*tokens[:stop], int(np.searchsorted(running / running[-1], rng.random(), side="right"))]


def by_gumbel(target: Rows, draft: Rows, tokens: tuple[int, ...], rng: Any) -> list[int]:
    """The same with Gumbel noise, the coins in logarithms, and a comparison the other way round."""
    for position, token in enumerate(tokens):
        if np.log(target[position, token]) - np.log(draft[position, token]) <= np.log(rng.random()):
            with np.errstate(divide="ignore"):
                scores = np.log(np.maximum(target[position] - draft[position], 0))
            return [*tokens[:position], int(np.argmax(scores + rng.gumbel(size=len(scores))))]
    return [*tokens, int(np.argmax(np.log(target[-1]) - np.log(-np.log(rng.random(target.shape[1])))))]


def by_races(target: Rows, draft: Rows, tokens: tuple[int, ...], rng: Any) -> list[int]:
    """The same with exponential races and bisect."""
    kept = list(tokens)
    for position, token in enumerate(tokens):
        if not (coin := rng.random()) < target[position, token] / draft[position, token]:
            rest = np.maximum(target[position] - draft[position], 0)
            return [*kept[:position], int((rest / rng.exponential(size=len(rest))).argmax())]
        assert coin < 1
    return [*kept, bisect.bisect(np.cumsum(target[-1]).tolist()[:-1], rng.random())]


VERIFIERS = [textbook, by_arrays, by_gumbel, by_races]


def closed_form(target: Rows, draft: Rows, tokens: tuple[int, ...]) -> dict[tuple[int, ...], float]:
    """Their common law, from the formulas."""
    law: dict[tuple[int, ...], float] = {}
    reached = 1.0
    for position, token in enumerate(tokens):
        keep = min(1.0, target[position, token] / draft[position, token])
        rest = np.maximum(target[position] - draft[position], 0)
        for other, weight in enumerate(rest):
            if weight > 0 and keep < 1:
                law[(*tokens[:position], other)] = reached * (1 - keep) * weight / rest.sum()
        reached *= keep
    for other, chance in enumerate(target[-1]):
        law[(*tokens, other)] = law.get((*tokens, other), 0.0) + reached * chance
    return law


def random_cases(count: int, seed: int = 0) -> Iterator[tuple[Rows, Rows, tuple[int, ...]]]:
    """Random laws with drafted tokens: 2 to 5 tokens, 0 to 3 drafted."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        size, gamma = int(rng.integers(2, 6)), int(rng.integers(0, 4))
        target = rng.dirichlet(np.full(size, 0.7), gamma + 1)
        draft = rng.dirichlet(np.full(size, 0.7), gamma)
        yield target, draft, tuple(int(rng.choice(size, p=row)) for row in draft)
