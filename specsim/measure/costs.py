"""What the parts of a round cost, from a pilot that plays no part in the comparison.

The pilot decodes one prompt, arm after arm in turns, and takes medians over rounds. So a draft step includes
its draw, and a verification includes the rule, the draw and the bookkeeping: what a round really pays.
"""

from collections.abc import Iterable, Sequence
from statistics import median
from typing import Any

from ..decode import Generation, autoregressive, generate
from ..models import Pair
from .record import Costs

TURNS = 3
"""How often every arm runs in the pilot."""


def pilot(pair: Pair, prompt: Any, tokens: int, gammas: Iterable[int], seed: int, **sampling: Any) -> Costs:
    """Median seconds of a target step, a draft step, and a verification for every gamma."""
    gammas = sorted(set(gammas))
    plain: list[Generation] = []
    drafted: dict[int, list[Generation]] = {gamma: [] for gamma in gammas}
    limits: Any = {"max_new_tokens": tokens, "eos": ()} | sampling
    for turn in range(TURNS):
        plain.append(autoregressive(pair.target, prompt, rng=seed + turn, **limits))
        for gamma in gammas:
            made = generate(pair.target, pair.draft, prompt, gamma=gamma, rng=seed + turn, **limits)
            drafted[gamma].append(made)
    rounds = {gamma: _full(made, gamma) for gamma, made in drafted.items()}
    steps = [one.draft_seconds / gamma for gamma, several in rounds.items() for one in several]
    return Costs(
        target_step=median(_seconds(one) for one in _full(plain, 0)),
        draft_step=median(steps),
        verify={
            gamma + 1: median(_seconds(one) - one.draft_seconds for one in several)
            for gamma, several in rounds.items()
        },
    )


def _full(made: Sequence[Generation], gamma: int) -> list[Any]:
    """All rounds with gamma drafted tokens but each text's first, which reads the prompt."""
    return [one for text in made for one in text.rounds[1:] if one.drafted == gamma]


def _seconds(one: Any) -> float:
    return one.draft_seconds + one.verify_seconds + one.other_seconds
