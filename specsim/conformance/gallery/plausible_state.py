"""Further slips in whole generators."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .contracts import asked
from .exhibit import exhibit
from .reference import Model, draw, generate, propose, score, verify

SLIP = "plausible"


@exhibit("X24", "draft", SLIP, contract="generator", pair="short", seen_by="the law of a whole round")
def drops_an_unsure_token(
    target: Model, draft: Model, prompt: Sequence[int], max_new_tokens: int, rng: Any, *, gamma: int = 2
) -> list[int]:
    """A drafted token of low draft probability is dropped, and its position drawn from the target.

    That a token is dropped depends on which it is: what was likely to be dropped comes out too seldom.
    """
    new: list[int] = []
    while len(new) < max_new_tokens:
        text = (*prompt, *new)
        tokens, rows = propose(draft, text, min(gamma, max_new_tokens - len(new) - 1), rng)
        sure = [bool(row[token] >= 0.4) for row, token in zip(rows, tokens)]
        size = sure.index(False) if False in sure else len(sure)
        new += verify(score(target, text, tokens[:size]), rows[:size], tokens[:size], rng)
    return new


@exhibit(
    "X25",
    "state",
    SLIP,
    contract="generator",
    pair="small",
    options={"temperature": 0.0},
    seen_by="a request with temperature 0",
)
def takes_temperature_zero_for_unset(
    target: Model,
    draft: Model,
    prompt: Sequence[int],
    max_new_tokens: int,
    rng: Any,
    *,
    gamma: int = 2,
    temperature: float = 1.0,
) -> list[int]:
    """`temperature or 1.0`: a temperature of 0 is false, and what was to be greedy is sampled."""
    warm = temperature or 1.0
    target, draft = (asked(model, temperature=warm) for model in (target, draft))
    return generate(target, draft, prompt, max_new_tokens, rng, gamma=gamma)


@exhibit(
    "X26",
    "seed",
    SLIP,
    contract="generator",
    pair="small",
    options={"seed": 7},
    seen_by="the same request twice",
)
def ignores_the_seed(
    target: Model,
    draft: Model,
    prompt: Sequence[int],
    max_new_tokens: int,
    rng: Any = None,
    *,
    gamma: int = 2,
    seed: int | None = None,
) -> list[int]:
    """The seed is accepted and never used; the text comes from a generator seeded by the system."""
    return generate(target, draft, prompt, max_new_tokens, rng or np.random.default_rng(), gamma=gamma)


@exhibit(
    "X27",
    "logprobs",
    SLIP,
    contract="generator",
    pair="small",
    options={"logprobs": True},
    seen_by="an audit of the log-probabilities",
)
def logprobs_of_the_draft(
    target: Model,
    draft: Model,
    prompt: Sequence[int],
    max_new_tokens: int,
    rng: Any,
    *,
    gamma: int = 2,
    logprobs: bool = False,
) -> Any:
    """The log-probabilities are those under the draft model, which were at hand first."""
    new = generate(target, draft, prompt, max_new_tokens, rng, gamma=gamma)
    logs = [float(np.log(draft((*prompt, *new[:i]))[token])) for i, token in enumerate(new)]
    return (new, logs) if logprobs else new


@exhibit("X28", "context", SLIP, contract="generator", pair="small", seen_by="a second round")
def rejected_tokens_stay_in_the_cache(
    target: Model, draft: Model, prompt: Sequence[int], max_new_tokens: int, rng: Any, *, gamma: int = 2
) -> list[int]:
    """After a rejection the cache is not rolled back, and the target goes on behind the rejected token."""
    new: list[int] = []
    seen = tuple(prompt)
    while len(new) < max_new_tokens:
        tokens, rows = propose(draft, (*prompt, *new), min(gamma, max_new_tokens - len(new) - 1), rng)
        emitted = verify(score(target, seen, tokens), rows, tokens, rng)
        new += emitted
        seen = (*seen, *tokens) if len(emitted) <= len(tokens) else (*seen, *emitted)
    return new


@exhibit("X29", "bonus", SLIP, contract="generator", pair="small", seen_by="tokens after a full draft")
def bonus_from_the_draft_model(
    target: Model, draft: Model, prompt: Sequence[int], max_new_tokens: int, rng: Any, *, gamma: int = 2
) -> list[int]:
    """The draft model drafts one token more than is verified, and the last one serves as the bonus."""
    new: list[int] = []
    while len(new) < max_new_tokens:
        text = (*prompt, *new)
        tokens, rows = propose(draft, text, min(gamma, max_new_tokens - len(new) - 1), rng)
        emitted = verify(score(target, text, tokens), rows, tokens, rng)
        if len(emitted) > len(tokens) > 0:
            emitted[-1] = draw(draft((*text, *tokens)), rng)
        new += emitted
    return new


@exhibit(
    "X30",
    "stopping",
    SLIP,
    contract="generator",
    pair="small",
    options={"eos": 1},
    seen_by="an end token that was drafted",
)
def ends_where_the_draft_ends(
    target: Model,
    draft: Model,
    prompt: Sequence[int],
    max_new_tokens: int,
    rng: Any,
    *,
    gamma: int = 2,
    eos: int | None = None,
) -> list[int]:
    """The text ends as soon as the draft proposes the end token, whether the target agrees or not."""
    new: list[int] = []
    while len(new) < max_new_tokens and eos not in new:
        text = (*prompt, *new)
        tokens, rows = propose(draft, text, min(gamma, max_new_tokens - len(new) - 1), rng)
        if eos in tokens:
            return [*new, *tokens[: tokens.index(eos) + 1]]
        new += verify(score(target, text, tokens), rows, tokens, rng)
    return new
