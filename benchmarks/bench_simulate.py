"""The simulator against the plain-Python loop of teaching notebooks, and its speed on several pairs.

The loop is the usual one: laws are lists, `random.choices` draws every token and flips every coin. Its
cheaper form flips coins with `random.random`. Both write a whole text, as `simulate.sequences` does;
`simulate.run` plays rounds from one state. Vocabulary 4, gamma 4, a Markov pair.

Claim: at least 50 times as many tokens per second as the loop, for `run` and for `sequences`.
"""

import random
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from common import RATIO, Contender, Timing, rate, ratio_of, save, show, take_turns

from specsim.core import chain, siblings, tree
from specsim.models import Pair, iid, load_pair, markov
from specsim.simulate import run, sequences

GAMMA = 4
Coin = Callable[[float], bool]


def flipped_by_choices(chance: float) -> bool:
    """A coin as notebooks flip it."""
    return random.choices([True, False], weights=[chance, 1 - chance])[0]


def flipped_by_random(chance: float) -> bool:
    """The cheapest coin of the standard library."""
    return random.random() < chance


def notebook(target: list[list[float]], draft: list[list[float]], length: int, coin: Coin) -> list[int]:
    """Speculative sampling in plain Python: target[w], draft[w] are the laws after token w."""
    tokens, text = range(len(target)), [0]
    while len(text) <= length:
        drafted, last = [], text[-1]
        for _ in range(GAMMA):
            last = random.choices(tokens, weights=draft[last])[0]
            drafted.append(last)
        for token in drafted:
            p, q = target[text[-1]], draft[text[-1]]
            if coin(min(1.0, p[token] / q[token])):
                text.append(token)
            else:
                left = [max(0.0, a - b) for a, b in zip(p, q)]
                text.append(random.choices(tokens, weights=left)[0])
                break
        else:
            text.append(random.choices(tokens, weights=target[text[-1]])[0])
    return text


def markov_pair(vocabulary: int) -> Pair:
    """A random Markov pair; each row of the draft is half the target's and half a random law."""
    rng = np.random.default_rng(5)
    target, other = rng.dirichlet(np.ones(vocabulary), (2, vocabulary + 1))
    draft = (target + other) / 2
    return Pair(markov(target[0], target[1:]), markov(draft[0], draft[1:]))


def iid_pair(vocabulary: int) -> Pair:
    """Independent tokens, with laws as in `markov_pair`."""
    target, other = np.random.default_rng(6).dirichlet(np.ones(vocabulary), 2)
    return Pair(iid(target), iid((target + other) / 2))


def against_the_loop() -> list[Timing]:
    """Seconds per token of the simulator and of both loops."""
    pair, length = markov_pair(4), 5_000
    laws = (pair.target.transitions.tolist(), pair.draft.transitions.tolist())

    def looped(coin: Coin) -> float:
        return len(notebook(*laws, length, coin))

    def played() -> float:
        return run("token", pair, chain(GAMMA), rounds=200_000, rng=1, context=[0]).mean * 200_000

    def continued() -> float:
        result = sequences("token", pair, chain(GAMMA), length=1000, sequences=8192, rng=1, context=[0])
        return float(result.emitted.sum())

    contenders: dict[str, Contender] = {
        "plain loop": partial(looped, flipped_by_choices),
        "plain loop, cheap coins": partial(looped, flipped_by_random),
        "simulate.run": played,
        "simulate.sequences": continued,
    }
    return take_turns(contenders, "plain loop", turns=15)


def by_pair() -> list[Timing]:
    """Seconds per round of `simulate.run` for several pairs, rules and shapes."""

    def played(rule: str, pair: Pair, shape: Any, rounds: int) -> float:
        run(rule, pair, shape, rounds=rounds, rng=1)
        return rounds

    toy, many = load_pair("toy"), iid_pair(4096)
    cases = {
        "3 tokens, token, chain(4)": ("token", toy, chain(4), 200_000),
        "3 tokens, block, chain(4)": ("block", toy, chain(4), 200_000),
        "3 tokens, token, tree(2, 2)": ("token", toy, tree(2, 2), 200_000),
        "64 tokens, token, siblings(2)": ("token", iid_pair(64), siblings(2), 200_000),
        "64 tokens, token, chain(4)": ("token", iid_pair(64), chain(4), 20_000),
        "64 tokens, Markov, token, chain(4)": ("token", markov_pair(64), chain(4), 20_000),
        "4,096 tokens, token, chain(4)": ("token", many, chain(4), 300),
        "4,096 tokens, block, chain(4)": ("block", many, chain(4), 300),
    }
    contenders: dict[str, Contender] = {name: partial(played, *case) for name, case in cases.items()}
    return take_turns(contenders, next(iter(cases)), turns=7)


def main() -> None:
    loop, pairs = against_the_loop(), by_pair()
    show(f"Vocabulary 4, gamma {GAMMA}, a Markov pair", loop, rate("token") | RATIO)
    show("simulate.run", pairs, rate("round"))
    claims = {
        f"{name} at least 50 times the plain loop": ratio_of(loop, name) >= 50
        for name in ("simulate.run", "simulate.sequences")
    }
    save("bench_simulate", {"against the loop": loop, "by pair": pairs}, claims)


if __name__ == "__main__":
    main()
