"""Wrong rows: the rule is right, but it reads another position's, another request's or no law at all."""

from typing import Any

import numpy as np

from .exhibit import exhibit
from .reference import Rows, draw, owed, verify


@exhibit("M15", "bonus", "plausible", seen_by="tokens after a draft that was kept in full")
def bonus_from_the_draft(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """The bonus token comes from a law of the draft.

    The first token is right, and so is each before the bonus: a test of first tokens sees nothing.
    """
    for i, token in enumerate(tokens):
        if rng.random() * draft[i][token] >= target[i][token]:
            return [*tokens[:i], draw(owed(target[i], draft[i]), rng)]
    return [*tokens, draw(draft[-1] if len(tokens) else target[-1], rng)]


@exhibit(
    "M16",
    "bonus",
    "feifeibear/LLMSpeculativeSampling #29, huggingface/transformers #28166",
    seen_by="tokens after a draft that was kept in full",
)
def bonus_one_row_early(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """The bonus token comes from the row of the last drafted token, not from the row after it.

    An index off by one at the end; with independent tokens it is no fault at all, so tests miss it.
    """
    for i, token in enumerate(tokens):
        if rng.random() * draft[i][token] >= target[i][token]:
            return [*tokens[:i], draw(owed(target[i], draft[i]), rng)]
    return [*tokens, draw(target[max(len(tokens) - 1, 0)], rng)]


@exhibit("M19", "row", "mlx-node/mlx-node #11")
def target_rows_one_late(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """Each drafted token is held against the target's row of the next position.

    The logits at a token are the law of the one after it; a slice forgot that.
    """
    for i, token in enumerate(tokens):
        if rng.random() * draft[i][token] >= target[i + 1][token]:
            return [*tokens[:i], draw(owed(target[i + 1], draft[i]), rng)]
    return [*tokens, draw(target[-1], rng)]


@exhibit("M32", "row", "vllm-project/vllm-ascend #6685")
def probabilities_taken_for_logits(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """The target's probabilities are taken for logits and go through a second softmax.

    exp of a number between 0 and 1 lies between 1 and e: every law becomes nearly uniform.
    """
    flat = np.exp(target)
    return verify(flat / flat.sum(axis=-1, keepdims=True), draft, tokens, rng)


@exhibit("M33", "row", "alibaba/rtp-llm #1311, vllm-project/vllm-ascend #16166")
def draft_in_another_vocabulary_order(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """The draft's laws are read with ids shifted by one.

    Draft and target number their tokens differently, and a map between both was left out or shifted. Where
    the law read is 0, the token is kept.
    """
    return verify(target, np.roll(draft, 1, axis=-1), tokens, rng)


@exhibit(
    "M34",
    "row",
    "vllm-project/vllm #14645 and #53017",
    contract="batch",
    pair="two",
    seen_by="a batch whose rows have laws of their own",
)
def draft_rows_of_another_request(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[list[int]]:
    """Each request is held against the draft's laws of its neighbour in the batch.

    A batch was sorted or condensed, and one of its arrays was not. A batch of one is right.
    """
    neighbours = [*draft[1:], draft[0]]
    return [verify(*row, rng) for row in zip(target, neighbours, tokens)]
