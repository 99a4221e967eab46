"""A batch: several texts side by side, each at its own pace, against what theory says of it."""

from typing import Any

import numpy as np

from ..decode import Generation, generate
from ..decode.lengths import read_lengths
from ..simulate.estimates import mean_of
from .bench import Bench, Way
from .measurement import Batch
from .predicting import batch_tokens
from .reading import Reading
from .turns import interleaved, spread

TURNS = 4
"""How often a batch is decoded."""


def measure_batches(bench: Bench, readings: dict[str, list[Reading]]) -> list[Batch]:
    """Every way of constant length, for the first texts side by side; none for batches of one."""
    size = min(bench.options.batch, len(bench.prompts))
    if size < 2:
        return []
    ways = [way for way in bench.ways if way[1].isdigit()]
    contenders = {
        (way, together): lambda turn, way=way, together=together: _decode(bench, way, size, together, turn)
        for way in ways
        for together in ((True, False) if bench.timed else (True,))
    }
    taken = interleaved(contenders, TURNS, bench.options.seed, bench.bar("batches"))
    return [_batch(way, readings[way[0]][:size], taken) for way in ways]


def _decode(bench: Bench, way: Way, size: int, together: bool, turn: int) -> list[Generation]:
    if not together:
        return [bench.decode(way, i, 4, turn, i) for i in range(size)]
    prompts: Any = [one.tokens.tolist() for one in bench.prompts[:size]]
    rng = np.random.default_rng((bench.options.seed, 4, turn))
    return generate(bench.target, bench.drafts[way[0]], prompts, rng=rng, **bench.how(way))


def _batch(way: Way, readings: list[Reading], taken: dict[Any, Any]) -> Batch:
    draft, gamma, rule = way
    made = [texts for texts, _ in taken[way, True]]
    rates = [sum(len(one.tokens) for one in some) / max(len(one.rounds) for one in some) for some in made]
    seconds = [took for _, took in taken[way, True]]
    alone = [took for _, took in taken.get((way, False), [])]
    tokens = sum(len(one.tokens) for some in made for one in some)
    return Batch(
        draft,
        gamma,
        rule,
        len(readings),
        **batch_tokens(readings, rule, read_lengths(gamma).most),
        measured=mean_of(np.array(rates)),
        tokens_per_second=tokens / sum(seconds) if alone else None,
        faster=spread([one / own for one, own in zip(alone, seconds)]).median if alone else None,
    )
