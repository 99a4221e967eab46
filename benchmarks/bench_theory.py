"""Exact results: how long they take, the vector ones against one pass over the same memory.

Claims: overlap and residual at a vocabulary of 151,936 within 3 passes, checks included; the rejections of
batched drafts (Yin et al. 2024, Theorem 3) for a stationary chain of 1,000 states, horizon 1,000 and 8 drafts
in 3 s, and with a matrix for each position at 200 states in 10 s; the exact law of a round at 4 tokens and
gamma 4 on fractions in 1 s.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from common import RATIO, Contender, microseconds, ratio_of, save, settle_memory, show, take_turns

from specsim import theory
from specsim.core import chain
from specsim.models import Pair, markov

VOCABULARY = 151_936


def main() -> None:
    """Run all of it and check the claims."""
    settle_memory()
    rng = np.random.default_rng(0)
    vectors = take_turns(vector_contenders(rng), "one pass", turns=60)
    whole = take_turns(whole_contenders(rng), "exact law, V=4, gamma 4", turns=3)
    show(f"One prefix, {VOCABULARY:,} tokens, float64", vectors, microseconds("call") | RATIO)
    show("Whole problems", whole, microseconds("call"))
    seconds = {one.name: one.seconds for one in whole}
    claims = {
        f"{name} within 3 passes": ratio_of(vectors, name) >= 1 / 3
        for name in ("overlap", "total variation", "residual")
    }
    limits = {"exact law, V=4, gamma 4": 1, "stationary, V=1000": 3, "by position, V=200": 10}
    claims |= {f"{name} in {limit} s": seconds[name] < limit for name, limit in limits.items()}
    save("theory", {"vectors": vectors, "whole": whole}, claims)


def vector_contenders(rng: np.random.Generator) -> dict[str, Contender]:
    """One pass sums both arrays; the others are the public functions, checks included."""
    target, draft = rng.dirichlet(np.ones(VOCABULARY), size=2)
    return {
        "one pass": once(lambda: target.sum() + draft.sum()),
        "overlap": once(lambda: theory.overlap(target, draft)),
        "total variation": once(lambda: theory.total_variation(target, draft)),
        "residual": once(lambda: theory.residual(target, draft)),
    }


def whole_contenders(rng: np.random.Generator) -> dict[str, Contender]:
    """A law on fractions, and Theorem 3 on two chains."""
    rows = [[Fraction(int(n), 100) for n in parts] for parts in np.diff([[0, 13, 40, 71, 100]] * 2)]
    small = Pair(*(markov(row, [row, row[::-1], row, row[::-1]]) for row in rows))
    still = Pair(*(random_chain(rng, 1000, ()) for _ in range(2)))
    moving = Pair(*(random_chain(rng, 200, (999,)) for _ in range(2)))
    return {
        "exact law, V=4, gamma 4": once(lambda: theory.output_law("token", small, chain(4))),
        "stationary, V=1000": once(lambda: theory.batch_rejections(still, 1000, drafts=8)),
        "by position, V=200": once(lambda: theory.batch_rejections(moving, 1000, drafts=8)),
    }


def random_chain(rng: np.random.Generator, states: int, positions: tuple[int, ...]) -> Any:
    """A Markov chain with random rows, one matrix or one for each position."""
    rows = rng.random((*positions, states, states))
    return markov(np.full(states, 1 / states), rows / rows.sum(-1, keepdims=True))


def once(call: Callable[[], Any]) -> Contender:
    """One call is one unit."""

    def contender() -> float:
        call()
        return 1.0

    return contender


if __name__ == "__main__":
    main()
