"""Measure a pair: how well drafts agree with the target, what passes cost, what is promised and reached.

1. The target alone continues every prompt. Both models read these texts (on-policy) and held-out ones: alpha.
2. Bare passes give v(n) and c; a pilot, decoding in turns, what the parts of a round cost.
3. Texts and costs predict tokens per round and speed-up, before any of the timed rounds is run.
4. Plain decoding, every way of decoding and `transformers` then take turns on every prompt.
5. A batch is decoded side by side, and held against the theory of ragged batches.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from ..decode import Generation
from ..decode.drafter import Source
from ..decode.lengths import read_lengths
from .agreement import Readings, alphas, read_all
from .batches import measure_batches
from .bench import Bench, Way, set_up
from .costs import measure_costs
from .course import FREE, Course, courses
from .evidence import PLAIN, PLAIN_PEER, Evidence, Prices
from .measurement import Measurement
from .options import Options
from .passes import measure_passes
from .peers import LEVELLED, Peer, peer
from .reading import Reading
from .record import environment
from .turns import interleaved


def measure(
    target: Any,
    drafts: Mapping[str, Any],
    options: Options | None = None,
    *,
    name: str = "",
    progress: bool = True,
) -> Measurement:
    """Measure drafts for a target; see the module for what happens in which order.

    target: a model of `specsim.models`. drafts: by the names that tables call them, each what
    `decode.generate` takes as draft. name: of the target, or the pair. A target that is no network is not
    timed: what its laws cost is of no interest.
    Raises ValueError for targets that continue no texts, and for drafts and options that do not fit.

    >>> from specsim.models import load_pair
    >>> pair, chosen = load_pair("toy"), Options(gammas=("2",), batch=1, tokens=200)
    >>> found = measure(pair.target, {"draft": pair.draft}, chosen, progress=False)
    >>> round(found.alpha[0].kept.mean, 6), round(found.found[0].tokens.textbook, 3)
    (0.7, 2.19)
    """
    options = options or Options()
    bench = set_up(target, drafts, options, name, progress)
    own, held_out = _read(bench)
    readings = {name: own[name, options.settings[0]] for name in bench.drafts}
    costs = _costs(bench) if bench.timed else None
    expected = _expected(bench, readings, costs)
    taken = _race(bench)
    evidence = Evidence(readings, expected, costs, taken, options.tokens)
    return Measurement(
        pair=bench.name,
        options=asdict(options),
        alpha=alphas(own, "on-policy", options.rules) + alphas(held_out, "held-out", options.rules),
        passes=costs.passes if costs else None,
        plain=evidence.pace(PLAIN) if bench.timed else None,
        plain_peer=evidence.peer(PLAIN, PLAIN_PEER),
        found=[evidence.found(way) for way in bench.ways],
        batches=measure_batches(bench, readings),
        notes=[LEVELLED] if PLAIN_PEER in taken else [],
        environment=environment(),
    )


def _read(bench: Bench) -> tuple[Readings, Readings]:
    """All models along texts of the target's own, and along held-out ones."""
    options = bench.options
    longest = max(read_lengths(gamma).most for gamma in options.gammas)

    def read(texts: Sequence[Any]) -> Readings:
        return read_all(bench.target, bench.drafts, texts, options.settings, options.top_k, longest)

    return read(bench.own_texts()), read(bench.held_out())


def _expected(
    bench: Bench, readings: dict[str, list[Reading]], costs: Prices | None
) -> dict[Way, list[Course]]:
    """What rounds would do along the target's own texts, from here on."""
    rng = np.random.default_rng((bench.options.seed, 1))
    known = costs.ways if costs else {}
    return {
        way: courses(readings[way[0]], way[2], read_lengths(way[1]), rng, known.get(way, FREE))
        for way in bench.ways
    }


def _costs(bench: Bench) -> Prices:
    """Bare passes behind a prompt, and a pilot on all ways of decoding."""
    options, count = bench.options, len(bench.prompts)
    models = {name: one for name, one in bench.drafts.items() if not isinstance(one, Source)}
    windows = [getattr(model, "max_length", None) for model in (bench.target, *models.values())]
    room = min((window for window in windows if window), default=2**20) - options.longest
    if room < 1:
        raise ValueError(f"passes of {options.longest} tokens fill a context; pass a smaller longest")
    text = np.concatenate([one.tokens for one in bench.prompts])[: min(room, 2 * options.tokens)]
    args = (text, options.longest, options.seconds, options.seed, bench.bar("passes"))
    passes = measure_passes(bench.target, models, *args)

    def decoding(way: Way) -> Callable[[Any, int], Generation]:
        return lambda target, turn: bench.decode(way, turn % count, 2, turn, target=target)

    _, opening, ways = measure_costs(
        bench.target,
        lambda target, turn: bench.plain(turn % count, 2, turn, target=target),
        {way: decoding(way) for way in bench.ways},
        options.seed,
        progress=bench.bar("pilot"),
    )
    return Prices(passes, opening, ways)


def _race(bench: Bench) -> dict[Any, list[tuple[Any, float]]]:
    """Plain decoding, all ways and their peers, on every prompt, in an order that is drawn anew."""
    options = bench.options

    def decoding(number: int, way: Way) -> Callable[[int], Generation]:
        return lambda i: bench.decode(way, i, 3, i, number)

    contenders: dict[Any, Callable[[int], Any]] = {PLAIN: lambda i: bench.plain(i, 3, i)}
    contenders |= {way: decoding(number, way) for number, way in enumerate(bench.ways)}
    if options.peers and bench.timed:
        contenders |= _peers(bench)
    return interleaved(contenders, len(bench.prompts), options.seed, bench.bar("decoding"))


def _peers(bench: Bench) -> dict[Any, Callable[[int], int]]:
    """What transformers has: plain generation, and for each draft and constant length its own way."""
    options, found = bench.options, dict[Any, Any]()
    found[PLAIN_PEER] = peer(bench.target, None, 1, options.tokens, **options.sampling)
    for draft, gamma, _ in bench.ways:
        if gamma.isdigit():
            args = (bench.target, bench.drafts[draft], int(gamma), options.tokens)
            found[PLAIN_PEER, draft, gamma] = peer(*args, **options.sampling)
    prompts = [one.tokens for one in bench.prompts]

    def running(run: Peer) -> Callable[[int], int]:
        return lambda i: run(prompts[i], options.seed + i)

    return {key: running(run) for key, run in found.items() if run is not None}
