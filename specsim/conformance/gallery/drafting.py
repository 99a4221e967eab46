"""Wrong drafts: the law that the verifier is told is not the one that the token was drawn from."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .exhibit import exhibit
from .reference import Model, draw, owed, score
from .toys import TOYS

model = TOYS["toy"].draft
"""The draft model of all drafters here."""


@exhibit(
    "M07",
    "draft",
    "huggingface/transformers #32867, jaymody/speculative-sampling #3",
    contract="drafter",
    declared=model,
    seen_by="an audit of the drafter",
)
def drafts_the_argmax(context: tuple[int, ...], rng: Any) -> int:
    """The most likely token is drafted, and the full law is declared.

    Chosen is not drawn: the law to declare is a point mass.
    """
    return int(np.argmax(model(context)))


@exhibit(
    "M24",
    "draft",
    "apple/ml-recurrent-drafter #6",
    contract="drafter",
    declared=model,
    seen_by="an audit of the drafter",
)
def drafts_the_best_of_three(context: tuple[int, ...], rng: Any) -> int:
    """The likeliest of three drawn tokens is drafted, and the model's law is declared.

    Beam search and best-of-n draw from a law more pointed than the model's.
    """
    drawn = [draw(model(context), rng) for _ in range(3)]
    return max(drawn, key=lambda token: model(context)[token])


def half_rounded(law: np.ndarray) -> np.ndarray:
    """The law in bfloat16: float32 with 8 significant bits, rounded to nearest; renormalised."""
    bits = np.asarray(law, np.float32).view(np.uint32)
    rounded = ((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000).astype(np.uint32).view(np.float32)
    return rounded.astype(float) / rounded.sum(dtype=float)


@exhibit(
    "M46",
    "draft",
    "deepseek-ai/DeepSpec #31",
    contract="drafter",
    declared=model,
    seen_by="an audit of the drafter",
)
def drafts_in_bfloat16(context: tuple[int, ...], rng: Any) -> int:
    """The token is drawn from probabilities in bfloat16, and declared are those in float32.

    The error is small and grows with the vocabulary: about 0.01 in total variation at 150,000 tokens.
    """
    return draw(half_rounded(model(context)), rng)


@exhibit(
    "M36",
    "randomness",
    "vllm-project/vllm #47386",
    contract="generator",
    pair="small",
    seen_by="the law of a whole round, draft and verification together",
)
def coin_is_the_key_of_the_draft(
    target: Model, draft: Model, prompt: Sequence[int], max_new_tokens: int, rng: Any, *, gamma: int = 2
) -> list[int]:
    """The uniform that draws a token also is the coin that tests it.

    Given the token, that uniform lies in an interval, and so a low id meets a low coin.
    """
    new: list[int] = []
    while len(new) < max_new_tokens:
        keys, tokens, rows = [], [], []  # type: list[Any], list[int], list[np.ndarray]
        for _ in range(min(gamma, max_new_tokens - len(new) - 1)):
            rows.append(draft((*prompt, *new, *tokens)))
            keys.append(rng.random())
            tokens.append(sum(bool(keys[-1] >= edge) for edge in np.cumsum(rows[-1])[:-1]))
        laws = score(target, (*prompt, *new), tokens)
        for i, token in enumerate(tokens):
            if keys[i] * rows[i][token] >= laws[i][token]:
                new += [*tokens[:i], draw(owed(laws[i], rows[i]), rng)]
                break
        else:
            new += [*tokens, draw(laws[-1], rng)]
    return new
