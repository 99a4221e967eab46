"""What the parts of a round cost, from a pilot that plays no part in the comparison.

The pilot decodes a few prompts, all arms in turns, after one turn to warm up. A machine drifts by a factor of
two within a minute, so costs are compared within a turn: c and v are medians over turns of the ratio to the
target's own step in the same turn. A draft step includes its draw; a verification includes the rule, the draw
and the bookkeeping: what a round really pays.
"""

import random
from collections.abc import Iterable, Sequence
from statistics import median
from typing import Any

from ..decode import Generation, autoregressive, generate
from ..models import Pair
from .record import Costs, drafted

TURNS = 8
"""How often every arm runs in the pilot, a first turn not counted."""

TOKENS = 40
"""How many tokens an arm decodes in a turn, at most."""


def pilot(
    pair: Pair,
    prompts: Sequence[Any],
    tokens: int,
    drafts: Iterable[int | str],
    seed: int,
    **sampling: Any,
) -> Costs:
    """Median seconds of a target step, and in proportion, draft steps and verifications.

    prompts: token ids, one per turn. tokens: the most that may be decoded. drafts: gammas, or names of
    shapes. sampling: as `decode.generate`.
    """
    arms: list[int | str] = [0, *dict.fromkeys(drafts)]
    shuffle = random.Random(seed).sample
    limits: Any = {"max_new_tokens": min(TOKENS, tokens), "eos": ()} | sampling
    turns = []
    for turn in range(TURNS + 1):
        prompt, order = prompts[turn % len(prompts)], shuffle(arms, len(arms))
        turns.append({arm: _parts(_decode(pair, prompt, arm, seed + turn, limits), arm) for arm in order})
    own = median(turn[0][1] for turn in turns[1:])

    def typical(part: int) -> dict[int | str, float]:
        return {arm: own * median(turn[arm][part] / turn[0][1] for turn in turns[1:]) for arm in arms[1:]}

    return Costs(own, typical(0), typical(1))


def _decode(pair: Pair, prompt: Any, draft: int | str, seed: int, limits: Any) -> Generation:
    if draft == 0:
        return autoregressive(pair.target, prompt, rng=seed, **limits)
    how = {"gamma": draft} if isinstance(draft, int) else {"shape": draft}
    return generate(pair.target, pair.draft, prompt, rng=seed, **how, **limits)


def _parts(made: Generation, draft: int | str) -> tuple[float, float]:
    """Median seconds of drafting and of the rest of a round, without the first, which reads the prompt."""
    rounds = [one for one in made.rounds[1:] if one.drafted == drafted(draft)]
    drafting = median(one.draft_seconds for one in rounds)
    return drafting, median(one.verify_seconds + one.other_seconds for one in rounds)
