"""A study: theory, simulation and measurement of one pair, side by side.

1. Plain decoding of every prompt gives texts of the target's own law; reading them with both models gives
   the on-policy acceptance. Held-out texts give the teacher-forced one.
2. A short pilot measures what a target step, a draft step and a verification cost.
3. Both predict tokens per round and speed-up for every rule and shape, before any of these runs.
4. All arms and plain decoding then run interleaved, prompt by prompt in random order.
5. What was kept is held against its exact expectation, and so is a simulation.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from ..core import Shape, as_shape
from ..core.draft import is_chain
from ..decode import Generation, autoregressive, generate
from ..decode.sampling import session_warp
from ..models import Pair, texts
from ..models.texts import Text
from ..shapes import read_shape
from ..simulate.estimates import Estimate, mean_of, ratio_of
from . import given_text, reference
from .costs import pilot
from .reading import Reading, bits_per_token, expected_tokens, forks, mean_overlap, promised_tokens, read
from .record import Costs, Row, Study, environment
from .settings import PLAIN, Arm, Settings
from .turns import interleaved

HELD_OUT = 8
"""Pieces of held-out text that are read in every domain."""


def run_study(pair: Pair, settings: Settings | None = None, progress: bool = True) -> Study:
    """Run a study of a pair; see the module for what happens in which order.

    >>> from specsim.models import load_pair
    >>> study = run_study(load_pair("toy"), Settings(("token",), (2,), tokens=200), progress=False)
    >>> study.rows[0].exact, study.agrees
    (2.19, True)
    """
    settings = settings or Settings()
    file = Path(settings.file) if settings.file else None
    prompts = texts.prompts_for(pair.tokenizer, pair.vocab_size, settings.prompts, file)
    timed = pair.tokenizer is not None
    own, held_out = _own_texts(pair, prompts, settings), _held_out(pair, settings)
    costs = _pilot(pair, prompts, settings) if timed else None
    made = _run(pair, prompts, settings, progress)
    rows = [
        _row(pair, arm, made, (own, held_out), costs, np.random.default_rng((settings.seed, 2, i)))
        for i, arm in enumerate(settings.arms)
    ]
    return Study(
        pair=pair.name,
        settings=asdict(settings),
        alpha=_by_domain("on-policy", own, mean_overlap) | _by_domain("held-out", held_out, mean_overlap),
        bits_per_token=_by_domain("held-out", held_out, bits_per_token),
        costs=costs,
        plain_tokens_per_second=_pace(made[PLAIN]) if timed else None,
        rows=rows,
        environment=environment(),
    )


def _pilot(pair: Pair, prompts: Sequence[Text], settings: Settings) -> Costs:
    ids = [prompt.tokens for prompt in prompts]
    drafts = [_draft(shape) for shape in settings.drafts]
    return pilot(pair, ids, settings.tokens, drafts, settings.seed, **settings.sampling)


def _draft(name: str) -> int | str:
    """A shape as costs name it: gamma for a chain."""
    parent = as_shape(read_shape(name)).parent
    return len(parent) if is_chain(parent) else name


def _own_texts(pair: Pair, prompts: Sequence[Text], settings: Settings) -> list[Reading]:
    """Continuations by the target alone, read by both models: the on-policy prefixes."""
    readings = []
    for i, prompt in enumerate(prompts):
        rng = np.random.default_rng((settings.seed, 0, i))
        limits: Any = {"max_new_tokens": settings.tokens, "eos": (), "rng": rng} | settings.sampling
        made = autoregressive(pair.target, prompt.tokens, **limits)
        text = Text(prompt.domain, np.array([*made.prompt, *made.tokens]))
        readings.append(_reading(pair, text, len(made.tokens), settings, rng))
    return readings


def _held_out(pair: Pair, settings: Settings) -> list[Reading]:
    """Held-out text, read by both models: the teacher-forced prefixes. None for pairs without a tokenizer."""
    if pair.tokenizer is None:
        return []
    rng = np.random.default_rng((settings.seed, 1))
    pieces = texts.held_out(pair.tokenizer, HELD_OUT, 2 * settings.tokens)
    return [_reading(pair, piece, settings.tokens, settings, rng) for piece in pieces]


def _reading(pair: Pair, text: Text, count: int, settings: Settings, rng: np.random.Generator) -> Reading:
    wanted = dict.fromkeys(
        fork for rule, name in settings.arms for fork in forks(rule, as_shape(read_shape(name)))
    )
    return read(pair, text, count, wanted, session_warp(**settings.sampling), rng)


def _by_domain(name: str, readings: Sequence[Reading], statistic: Callable[[list[Reading]], Any]) -> dict:
    """A statistic of all readings, and of each domain's where there are several."""
    domains = list(dict.fromkeys(one.domain for one in readings))
    found = {name: statistic(list(readings))} if readings else {}
    if len(domains) > 1:
        for domain in domains:
            found[f"{name}, {domain}"] = statistic([one for one in readings if one.domain == domain])
    return found


def _run(
    pair: Pair, prompts: Sequence[Text], settings: Settings, progress: bool
) -> dict[Arm, list[Generation]]:
    """Every arm on every prompt, interleaved: the order of arms is shuffled anew for each prompt."""

    def decoding(number: int, arm: Arm) -> Callable[[int], Generation]:
        return lambda i: _decode(
            pair, prompts[i], arm, settings, np.random.default_rng((settings.seed, 3, i, number))
        )

    contenders = {arm: decoding(number, arm) for number, arm in enumerate([PLAIN, *settings.arms])}
    taken = interleaved(contenders, len(prompts), settings.seed, "decoding" if progress else None)
    return {arm: [made for made, _ in each] for arm, each in taken.items()}


def _decode(pair: Pair, prompt: Text, arm: Arm, settings: Settings, rng: np.random.Generator) -> Generation:
    limits: Any = {"max_new_tokens": settings.tokens, "eos": (), "rng": rng} | settings.sampling
    if arm == PLAIN:
        return autoregressive(pair.target, prompt.tokens, **limits)
    rule, shape = arm
    return generate(pair.target, pair.draft, prompt.tokens, rule=rule, shape=shape, keep_plans=True, **limits)


def _row(
    pair: Pair,
    arm: Arm,
    made: dict[Arm, list[Generation]],
    readings: tuple[list[Reading], list[Reading]],
    costs: Costs | None,
    rng: np.random.Generator,
) -> Row:
    rule, shape = arm[0], as_shape(read_shape(arm[1]))
    own, held_out = (promised_tokens(some, rule, shape) if some else None for some in readings)
    given = _given_texts(readings[0], rule, shape)
    stop, tokens = reference.stops(made[arm], shape), reference.tokens_at(shape)
    expected, deviation = reference.conditional(stop, tokens)
    measured = _measured(made[arm], len(shape.parent))
    exact, simulated = expected, reference.redrawn(stop, tokens, rng)
    if reference.has_long_run(pair, shape):
        exact, simulated = reference.long_run(rule, pair, shape, rng)
    assert own is not None
    return Row(
        rule=rule,
        shape=arm[1],
        gamma=len(shape.parent),
        rounds=len(stop),
        iid_on_policy=own,
        iid_teacher_forced=held_out,
        given_texts=given,
        exact=exact,
        simulated=simulated,
        measured=measured,
        z_simulated=simulated.z(exact),
        z_measured=Estimate(measured.mean, deviation).z(expected),
        **(_speed(made, arm, own if given is None else given, costs) if costs else {}),
    )


def _given_texts(readings: Sequence[Reading], rule: str, shape: Shape) -> float | None:
    """What the texts say of rounds of this kind, if they do."""
    if rule not in given_text.RULES or not is_chain(shape.parent):
        return None
    return expected_tokens(readings, rule, len(shape.parent)).mean


def _measured(made: Sequence[Generation], nodes: int) -> Estimate:
    """Tokens per round over the rounds that drafted so many tokens, texts as clusters."""
    kept = [[one.kept + 1 for one in text.rounds if one.drafted == nodes] for text in made]
    return ratio_of(np.array([sum(one) for one in kept]), np.array([len(one) for one in kept]))


def _speed(made: dict[Arm, list[Generation]], arm: Arm, promised: float, costs: Costs) -> dict[str, Any]:
    """Predicted from texts and pilot alone; measured against plain decoding, prompt by prompt."""
    tokens = round(np.mean([len(one.tokens) for one in made[PLAIN]]))
    plain = [len(one.tokens) / one.seconds for one in made[PLAIN]]
    gains = [len(one.tokens) / one.seconds / pace for one, pace in zip(made[arm], plain)]
    return {
        "tokens_per_second": _pace(made[arm]),
        "predicted_speedup": costs.speedup(_draft(arm[1]), tokens, promised),
        "measured_speedup": mean_of(np.array(gains)),
    }


def _pace(made: Sequence[Generation]) -> float:
    return sum(len(one.tokens) for one in made) / sum(one.seconds for one in made)
