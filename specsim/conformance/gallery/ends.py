"""Wrong ends and promises: where a text stops, greedy ties, seeds, and the log-probabilities beside it."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .contracts import asked
from .exhibit import exhibit
from .reference import Model, generate, propose, score, verify


@exhibit(
    "M41",
    "stopping",
    "huggingface/transformers #47912, sgl-project/sglang #31599, LostRuins/koboldcpp #1276",
    contract="generator",
    pair="small",
    options={"eos": 1},
    seen_by="an end token in the middle of a round",
)
def looks_for_the_end_at_the_last_token(
    target: Model,
    draft: Model,
    prompt: Sequence[int],
    max_new_tokens: int,
    rng: Any,
    *,
    gamma: int = 2,
    eos: int | None = None,
) -> list[int]:
    """The text ends where the last token of a round is the end token.

    One that was kept in mid-block is passed over, and the text goes on behind its end.
    """
    new: list[int] = []
    while len(new) < max_new_tokens and (not new or new[-1] != eos):
        text = (*prompt, *new)
        tokens, rows = propose(draft, text, min(gamma, max_new_tokens - len(new) - 1), rng)
        new = new + verify(score(target, text, tokens), rows, tokens, rng)
    return new


@exhibit(
    "M42",
    "stopping",
    "sgl-project/sglang #33758, huggingface/transformers #28508",
    contract="generator",
    pair="short",
    seen_by="a length limit that falls into a round",
)
def overshoots_the_limit(
    target: Model, draft: Model, prompt: Sequence[int], max_new_tokens: int, rng: Any, *, gamma: int = 2
) -> list[int]:
    """The length limit is looked at between rounds, and up to gamma tokens too many come out."""
    new: list[int] = []
    while len(new) < max_new_tokens:
        text = (*prompt, *new)
        tokens, rows = propose(draft, text, gamma, rng)
        new += verify(score(target, text, tokens), rows, tokens, rng)
    return new


@exhibit(
    "M48",
    "crash",
    "vllm-project/vllm #27077, ggml-org/llama.cpp #5657",
    contract="generator",
    pair="small",
    options={"temperature": 0.0},
    seen_by="a request with temperature 0",
)
def divides_by_temperature_zero(
    target: Model,
    draft: Model,
    prompt: Sequence[int],
    max_new_tokens: int,
    rng: Any,
    *,
    gamma: int = 2,
    temperature: float = 1.0,
) -> list[int]:
    """Temperature 0 is not told apart, and the logits are divided by it."""

    def warm(model: Model) -> Model:
        def law(context: tuple[int, ...]) -> np.ndarray:
            weights = model(context) ** (1 / temperature)
            return weights / weights.sum()

        return law

    return generate(warm(target), warm(draft), prompt, max_new_tokens, rng, gamma=gamma)


@exhibit(
    "M49",
    "arithmetic",
    "ohdearquant/lattice #280, vllm-project/vllm #7627",
    contract="generator",
    pair="ties",
    options={"temperature": 0.0},
    seen_by="two equally likely tokens at temperature 0",
)
def breaks_greedy_ties_upwards(
    target: Model,
    draft: Model,
    prompt: Sequence[int],
    max_new_tokens: int,
    rng: Any,
    *,
    gamma: int = 2,
    temperature: float = 1.0,
) -> list[int]:
    """At temperature 0 the verifier takes the last of equally likely tokens, plain decoding the first.

    A >= in place of a > in the search for the maximum.
    """

    def law(context: tuple[int, ...]) -> np.ndarray:
        given = target(context)
        last = len(given) - 1 - int(np.argmax(given[::-1]))
        return (
            np.eye(len(given))[last] if temperature == 0 else asked(target, temperature=temperature)(context)
        )

    return generate(law, asked(draft, temperature=temperature), prompt, max_new_tokens, rng, gamma=gamma)


@exhibit(
    "M51",
    "seed",
    "vllm-project/vllm #6038, vllm-project/vllm-ascend #13755",
    contract="generator",
    pair="small",
    options={"seed": 7},
    seen_by="the same seed with other batch mates",
)
def seeds_the_batch_not_the_request(
    target: Model,
    draft: Model,
    prompt: Any,
    max_new_tokens: int,
    rng: Any = None,
    *,
    gamma: int = 2,
    seed: Any = None,
) -> Any:
    """All requests of a batch draw from one stream, so a text depends on who is beside it.

    Alone, and with the same mates, a request repeats itself: only a change of mates shows it.
    """
    alone = np.isscalar(prompt[0])
    prompts = [prompt] if alone else prompt
    stream = rng if seed is None else np.random.default_rng(seed if alone else seed[0])
    new: list[list[int]] = [[] for _ in prompts]
    while any(len(row) < max_new_tokens for row in new):
        for begun, row in zip(prompts, new):
            text, room = (*begun, *row), max_new_tokens - len(row)
            if room:
                tokens, rows = propose(draft, text, min(gamma, room - 1), stream)
                row += verify(score(target, text, tokens), rows, tokens, stream)
    return new[0] if alone else new


@exhibit(
    "M52",
    "logprobs",
    "ggml-org/llama.cpp #27972",
    contract="generator",
    pair="small",
    options={"logprobs": True},
    seen_by="an audit of the log-probabilities",
)
def logprobs_of_what_was_kept(
    target: Model,
    draft: Model,
    prompt: Sequence[int],
    max_new_tokens: int,
    rng: Any,
    *,
    gamma: int = 2,
    logprobs: bool = False,
) -> Any:
    """The log-probability of a kept token is reported as 0, that of a point mass.

    The text is right. After acceptance the token's law was overwritten by the decision.
    """
    new: list[int] = []
    logs: list[float] = []
    while len(new) < max_new_tokens:
        text = (*prompt, *new)
        tokens, rows = propose(draft, text, min(gamma, max_new_tokens - len(new) - 1), rng)
        laws = score(target, text, tokens)
        emitted = verify(laws, rows, tokens, rng)
        logs += [0.0] * (len(emitted) - 1) + [float(np.log(laws[len(emitted) - 1][emitted[-1]]))]
        new += emitted
    return (new, logs) if logprobs else new
