"""Real pairs: rounds after contexts from held-out text, the same contexts and drafts for every rule.

What depends on one token is exact at each context (`one_position`). What a longer draft keeps is a mean over
drafts, by two routes:

    theory        the plan says with what chance each node is the last; no round is drawn
    simulation    rounds are drawn, on other drafts

Standard errors of theory are over contexts, and say how far another text might lie. z leaves that out, since
both routes see the same contexts: it compares their difference with the noise of drafts and draws.

The bias of the next token is seen in a simulation as in `listed`: how often is it one of those tokens that,
by theory, come too often?
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from tqdm import tqdm

from ..core import Draft, Shape, along, chain, draw, grow, rules, score
from ..core.draft import is_chain
from ..decode import autoregressive
from ..models import Pair, texts
from ..shapes import shape_name
from ..simulate.estimates import mean_of
from ..simulate.playing import chunks, depths, emitted
from .candidates import Candidate
from .one_position import Laws, most, next_token_bias, one_position_tokens, one_token_front
from .options import Options
from .record import Entry, Found, Twice, twice
from .remembering import Remembering

CONTEXTS, LENGTH = 128, 32
"""How many contexts of how many tokens rounds begin after."""

AT_ONCE = 2**20
"""Probabilities of one model that are held at once: drafts times nodes times tokens. More would be slower."""

SINGLE = Shape(chain(1))
"""One drafted token: the only shape on which the front of lossy rules is known for a large vocabulary."""


@dataclass(frozen=True)
class Played:
    """Rounds of one rule, all (C, D): mean and mean square of tokens by the plan; drawn tokens."""

    expected: np.ndarray
    squares: np.ndarray
    tokens: np.ndarray
    first: np.ndarray


def sampled(pair: Pair, chosen: Sequence[Candidate], options: Options, progress: bool | None) -> Found:
    """Every candidate after the same contexts; lossy ones on chains only, and with one drafted token too.

    No exact rule keeps more of a chain than `block`: Sun et al. 2024 (2403.10444), Theorem 2.
    """
    chosen = [(rule, shape) for rule, shape in chosen if rule.exact or is_chain(shape.parent)]
    lossy = [rule for rule, _ in chosen if not rule.exact]
    if lossy:
        chosen = [(one, SINGLE) for one in (rules.token, *dict.fromkeys(lossy))] + chosen
    contexts = _contexts(pair, options.seed)
    drafts = 2 * max(2, -(-(options.rounds or 2 * CONTEXTS) // len(contexts)))
    rounds = _play(pair, chosen, contexts, drafts, np.random.default_rng(options.seed), progress)
    laws = Laws(*(_next_laws(model, contexts) for model in (pair.target, pair.draft)))
    biases = {rule: next_token_bias(rule, laws) for rule in dict.fromkeys(rule for rule, _ in chosen)}
    entries = [_entry(*one, played, laws, *biases[one[0]]) for one, played in zip(chosen, rounds)]
    bounds = {shape_name(shape): most(shape, laws) for _, shape in chosen}
    bounds |= {one.shape: one.tokens.theory.mean for one in entries if one.rule == rules.block.name}
    return Found(
        contexts=f"{len(contexts)} contexts of {contexts.shape[1]} tokens of text",
        bias="total variation of the next token's law from the target's, mean over contexts",
        entries=entries,
        most={name: bound for name, bound in bounds.items() if bound is not None},
        fronts=[one_token_front(laws)] if lossy else [],
    )


def _contexts(pair: Pair, seed: int) -> np.ndarray:
    """Held-out text; of a pair without a tokenizer, text that the target writes. (C, LENGTH)."""
    if pair.tokenizer is not None:
        pieces = texts.held_out(pair.tokenizer, CONTEXTS // 2, LENGTH)
        return np.stack([piece.tokens for piece in pieces])
    written = []
    for i in range(CONTEXTS):
        limits: Any = {"max_new_tokens": 8 + LENGTH, "eos": (), "rng": np.random.default_rng((seed, i))}
        written.append(autoregressive(pair.target, [i % pair.vocab_size], **limits).tokens[8:])
    return np.array(written)


def _next_laws(model: Any, contexts: np.ndarray) -> np.ndarray:
    """The laws (C, V) after contexts (C, t), in double precision."""
    laws = Remembering(model, len(contexts))(contexts).astype(float)
    return laws / laws.sum(axis=1, keepdims=True)


def _play(
    pair: Pair,
    chosen: Sequence[Candidate],
    contexts: np.ndarray,
    drafts: int,
    rng: np.random.Generator,
    progress: bool | None,
) -> list[Played]:
    """Rounds of each candidate, `drafts` after each context; all of one shape verify the same drafts."""
    shapes = list(dict.fromkeys(shape for _, shape in chosen))
    largest = max(len(shape.parent) for shape in shapes) + 1
    at_once = max(1, AT_ONCE // (drafts * largest * pair.vocab_size))
    parts: list[list[Played]] = [[] for _ in chosen]
    off = None if progress is None else not progress
    with tqdm(total=len(contexts) * len(chosen), unit="rule", delay=2, leave=False, disable=off) as bar:
        for first, count in chunks(len(contexts), at_once):
            rows = np.repeat(contexts[first : first + count], drafts, axis=0)
            for shape, laws, draft, uniforms in _drafted(pair, shapes, rows, rng):
                for part, (rule, other) in zip(parts, chosen):
                    if other == shape:
                        part.append(_round(rule, shape, laws, draft, uniforms, drafts))
                        bar.update(count)
    return [_joined(part) for part in parts]


def _drafted(
    pair: Pair, shapes: Sequence[Shape], rows: np.ndarray, rng: np.random.Generator
) -> Iterator[tuple[Shape, np.ndarray, Draft, np.ndarray]]:
    """For each shape a draft for every row, the target's laws along it, and two uniforms for its round."""
    target, draft = (Remembering(model, len(rows)) for model in (pair.target, pair.draft))
    for shape in shapes:
        uniforms = rng.random((len(rows), len(shape.parent) + 2))
        grown = grow(draft, rows, shape, along(uniforms[:, :-2]))[1]
        yield shape, score(target, rows, grown), grown, uniforms[:, -2:]


def _round(
    rule: rules.Rule, shape: Shape, laws: np.ndarray, draft: Draft, uniforms: np.ndarray, drafts: int
) -> Played:
    plan, tokens = rule.kernel(laws, draft), 1 + depths(shape)
    node, token = draw(plan, uniforms)
    first = emitted(shape, draft.tokens, node, token)[:, 0]
    columns = plan.stop @ tokens, plan.stop @ tokens**2, tokens[node], first
    return Played(*(column.reshape(-1, drafts) for column in columns))


def _joined(parts: Sequence[Played]) -> Played:
    names = [field.name for field in fields(Played)]
    return Played(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _entry(
    rule: rules.Rule, shape: Shape, played: Played, laws: Laws, gap: np.ndarray, too_often: np.ndarray
) -> Entry:
    """Tokens and bias: by formula, or else by the plans of every other draft; by the draws of the others."""
    wanted = (laws.target * too_often).sum(axis=1)
    seen = np.take_along_axis(too_often, played.first, axis=1)
    noise = _noise((wanted + gap) * (1 - wanted - gap), seen.shape[1])
    bias = twice(mean_of(gap), float(seen.mean() - wanted.mean()), noise, seen.size)
    return Entry(rule.name, shape_name(shape), rule.exact, _tokens(rule, shape, played, laws), bias)


def _tokens(rule: rules.Rule, shape: Shape, played: Played, laws: Laws) -> Twice:
    drawn, known = played.tokens[:, 1::2], one_position_tokens(rule, shape, laws)
    each, drafting = drawn.shape[1], 0.0
    if known is not None:
        noise = _noise((known - 1) * (2 - known), each)
    else:
        known = played.expected[:, ::2].mean(axis=1)
        noise = _noise(played.squares.mean(axis=1) - played.expected.mean(axis=1) ** 2, each)
        drafting = _noise(played.expected.var(axis=1, ddof=1), each)
    return twice(mean_of(known), float(drawn.mean()), noise, drawn.size, drafting)


def _noise(variance: np.ndarray, draws: int) -> float:
    """The variance of a mean over contexts with so many draws after each, of these variances (C,)."""
    return float(np.maximum(variance, 0).mean()) / draws / len(variance)
