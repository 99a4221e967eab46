"""Wrong state: a round is verified, but not with the law that was asked for there."""

from collections.abc import Sequence
from typing import Any

from .contracts import Processor, asked, no_repeats
from .exhibit import exhibit
from .reference import Model, generate, propose, score, verify


@exhibit(
    "M09",
    "state",
    "vllm-project/vllm #9834, ohdearquant/lattice #388, mlc-ai/mlc-llm #2940",
    contract="generator",
    pair="small",
    options={"temperature": 0.5},
    seen_by="a request with temperature or top_p",
)
def verifies_at_temperature_one(
    target: Model,
    draft: Model,
    prompt: Sequence[int],
    max_new_tokens: int,
    rng: Any,
    *,
    gamma: int = 2,
    temperature: float = 1.0,
    top_p: float = 1.0,
) -> list[int]:
    """Temperature and top_p shape the draft, but verification takes the target as it is.

    What comes out is the target's law, of a request that nobody made.
    """
    shaped = asked(draft, temperature=temperature, top_p=top_p)
    return generate(target, shaped, prompt, max_new_tokens, rng, gamma=gamma)


@exhibit(
    "M10",
    "state",
    "vllm-project/vllm #42744",
    contract="generator",
    pair="small",
    options={"processor": no_repeats},
    seen_by="a request with a processor: support",
)
def processes_the_bonus_only(
    target: Model,
    draft: Model,
    prompt: Sequence[int],
    max_new_tokens: int,
    rng: Any,
    *,
    gamma: int = 2,
    processor: Processor,
) -> list[int]:
    """The processor is applied where the bonus token is drawn, nowhere else in the round.

    That is the one row that a plain decoder would have sampled; forbidden tokens come in by the others.
    """
    new: list[int] = []
    while len(new) < max_new_tokens:
        text = (*prompt, *new)
        tokens, rows = propose(draft, text, min(gamma, max_new_tokens - len(new) - 1), rng)
        laws = score(target, text, tokens)
        laws[-1] = processor((*text, *tokens), laws[-1])
        new += verify(laws, rows, tokens, rng)
    return new


@exhibit(
    "M37",
    "state",
    "sgl-project/sglang #22049",
    contract="generator",
    pair="small",
    options={"processor": no_repeats},
    seen_by="a processor with state: tokens after the first of a round",
)
def freezes_the_processor(
    target: Model,
    draft: Model,
    prompt: Sequence[int],
    max_new_tokens: int,
    rng: Any,
    *,
    gamma: int = 2,
    processor: Processor,
) -> list[int]:
    """The processor sees the text at the start of the round at all positions of the round.

    Penalties and grammars depend on what was emitted, the drafted tokens before a position included.
    """
    new: list[int] = []
    while len(new) < max_new_tokens:
        text = (*prompt, *new)
        tokens, rows = propose(draft, text, min(gamma, max_new_tokens - len(new) - 1), rng)
        laws = [processor(text, law) for law in score(target, text, tokens)]
        new += verify(laws, rows, tokens, rng)
    return new


@exhibit(
    "M39",
    "context",
    "openvinotoolkit/openvino.genai #4190, jjang-ai/vmlx #150, ml-explore/mlx-lm #1109",
    contract="generator",
    pair="small",
    seen_by="a second round",
)
def forgets_the_last_token(
    target: Model, draft: Model, prompt: Sequence[int], max_new_tokens: int, rng: Any, *, gamma: int = 2
) -> list[int]:
    """After the first round the target reads a context that is one token short.

    The extra token of the round before never entered the cache. The first round is right.
    """
    new: list[int] = []
    while len(new) < max_new_tokens:
        text = (*prompt, *new)
        tokens, rows = propose(draft, text, min(gamma, max_new_tokens - len(new) - 1), rng)
        seen = text[:-1] if new else text
        new += verify(score(target, seen, tokens), rows, tokens, rng)
    return new


@exhibit(
    "M40",
    "state",
    "sgl-project/sglang #26330, vllm-project/vllm #18902 and #36138, NVIDIA/TensorRT-LLM #17701",
    contract="generator",
    pair="small",
    options={"processor": no_repeats},
    seen_by="a request with a processor: support",
)
def verifies_without_the_processor(
    target: Model,
    draft: Model,
    prompt: Sequence[int],
    max_new_tokens: int,
    rng: Any,
    *,
    gamma: int = 2,
    processor: Processor,
) -> list[int]:
    """Penalty or grammar shape the draft and are left out in verification.

    The draft proposes nothing forbidden, but corrections and bonus tokens are.
    """
    return generate(target, asked(draft, processor), prompt, max_new_tokens, rng, gamma=gamma)
