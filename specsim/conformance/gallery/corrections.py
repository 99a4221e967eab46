"""Wrong corrections: the token after a rejection comes from another law than norm((target - draft)_+)."""

from typing import Any

import numpy as np

from .exhibit import exhibit
from .reference import Rows, draw, owed


@exhibit("M01", "correction", "vllm-project/vllm #8320, ShopeeLLM/Spec-RL #14")
def correction_from_the_target(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """The correction comes from the target, not from what it still owes.

    What both laws like was emitted already when it was kept; it now gets a second share.
    """
    for i, token in enumerate(tokens):
        if rng.random() * draft[i][token] >= target[i][token]:
            return [*tokens[:i], draw(target[i], rng)]
    return [*tokens, draw(target[-1], rng)]


@exhibit("M02", "correction", "huggingface/transformers #28508")
def correction_from_a_softmax(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """The correction comes from softmax((target - draft)_+).

    A residual is renormalised by its sum. The softmax gives e^0 to each token that should have none.
    """
    for i, token in enumerate(tokens):
        if rng.random() * draft[i][token] >= target[i][token]:
            return [*tokens[:i], draw(np.exp(owed(target[i], draft[i])), rng)]
    return [*tokens, draw(target[-1], rng)]


@exhibit("M05", "correction", "plausible")
def correction_from_the_distance(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """The correction comes from |target - draft|.

    The tokens that the draft likes too much, of which nothing is owed, get the same share as those owed.
    """
    for i, token in enumerate(tokens):
        if rng.random() * draft[i][token] >= target[i][token]:
            return [*tokens[:i], draw(abs(target[i] - draft[i]), rng)]
    return [*tokens, draw(target[-1], rng)]


@exhibit("M06", "correction", "plausible; the naming trap of alibaba/rtp-llm #1311")
def correction_with_roles_swapped(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """The correction comes from (draft - target)_+.

    The papers disagree on which of both laws is called p.
    """
    for i, token in enumerate(tokens):
        if rng.random() * draft[i][token] >= target[i][token]:
            return [*tokens[:i], draw(owed(draft[i], target[i]), rng)]
    return [*tokens, draw(target[-1], rng)]


@exhibit("M17", "correction", "openvinotoolkit/openvino.genai #4190")
def correction_one_row_late(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """The correction comes from the target's row after the rejected token, which itself is left out.

    That row is the law of a text which contains the rejected token.
    """
    for i, token in enumerate(tokens):
        if rng.random() * draft[i][token] >= target[i][token]:
            return [*tokens[:i], draw(target[i + 1], rng)]
    return [*tokens, draw(target[-1], rng)]


@exhibit("M44", "arithmetic", "vllm-project/vllm #2336", pair="zeros", seen_by="a target with zeros: support")
def correction_clamped_above_zero(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """The residual is clamped at a small positive number instead of at 0.

    It guards the division, and lets out tokens that the target never emits: about one in a billion here.
    """
    for i, token in enumerate(tokens):
        if rng.random() * draft[i][token] >= target[i][token]:
            return [*tokens[:i], draw(np.maximum(target[i] - draft[i], 1e-9), rng)]
    return [*tokens, draw(target[-1], rng)]


@exhibit(
    "M47", "crash", "jaymody/speculative-sampling #5", pair="equal", seen_by="a row where draft == target"
)
def corrections_in_advance(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """Corrections are drawn in advance for all rows, also for those that owe nothing.

    Where draft and target agree the residual is 0 / 0, and the round dies of a NaN that nobody needed.
    """
    with np.errstate(invalid="ignore"):
        corrections = [draw(np.maximum(p - q, 0), rng) for p, q in zip(target, draft)]
    for i, token in enumerate(tokens):
        if rng.random() * draft[i][token] >= target[i][token]:
            return [*tokens[:i], corrections[i]]
    return [*tokens, draw(target[-1], rng)]


@exhibit("M50", "correction", "Luce-Org/lucebox #374, EricLBuehler/mistral.rs #2424")
def correction_by_argmax(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """The correction is the most likely token of the residual.

    An argmax of the greedy path was left in one place of the sampled one.
    """
    for i, token in enumerate(tokens):
        if rng.random() * draft[i][token] >= target[i][token]:
            return [*tokens[:i], int(np.argmax(owed(target[i], draft[i])))]
    return [*tokens, draw(target[-1], rng)]
