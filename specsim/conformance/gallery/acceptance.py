"""Wrong acceptance tests: a drafted token is kept with another chance than min(1, target / draft)."""

from typing import Any

import numpy as np

from .exhibit import exhibit
from .reference import Rows, draw, owed


@exhibit("M11", "acceptance", "vllm-project/vllm-project.github.io #80")
def keeps_what_the_target_likes_better(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """A token is kept if and only if target >= draft there: no coin is thrown.

    A token that the draft likes too much is never kept, not even for the share that the target grants.
    """
    for i, token in enumerate(tokens):
        if draft[i][token] > target[i][token]:
            return [*tokens[:i], draw(owed(target[i], draft[i]), rng)]
    return [*tokens, draw(target[-1], rng)]


@exhibit("M12", "acceptance", "1bit-MONSTER/1bit-MONSTER #637")
def keeps_relative_to_the_likeliest(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """A token is kept with chance target / max target.

    The draft's law is not looked at, so what it likes too much comes out too often.
    """
    for i, token in enumerate(tokens):
        if rng.random() * target[i].max() >= target[i][token]:
            return [*tokens[:i], draw(owed(target[i], draft[i]), rng)]
    return [*tokens, draw(target[-1], rng)]


@exhibit("M13", "acceptance", "plausible; a naming trap")
def keeps_with_the_ratio_upside_down(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """A token is kept with chance min(1, draft / target).

    Everything that the draft likes too much is kept.
    """
    for i, token in enumerate(tokens):
        if rng.random() * target[i][token] >= draft[i][token]:
            return [*tokens[:i], draw(owed(target[i], draft[i]), rng)]
    return [*tokens, draw(target[-1], rng)]


@exhibit("M18", "acceptance", "ohdearquant/lattice #243")
def keeps_the_first_token_unseen(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """The first drafted token is kept without a test.

    The target is asked what follows it, never what it should have been.
    """
    for i, token in enumerate(tokens):
        if i > 0 and rng.random() * draft[i][token] >= target[i][token]:
            return [*tokens[:i], draw(owed(target[i], draft[i]), rng)]
    return [*tokens, draw(target[-1], rng)]


@exhibit("M21", "acceptance", "FasterDecoding/Medusa, vllm-project/vllm #5131")
def keeps_what_is_typical(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """Typical acceptance, called lossless: kept is what exceeds min(0.09, 0.3 exp(-entropy)).

    What does not gives way to the most likely token. It is meant to be lossy; the fault is to deny it.
    """
    for i, token in enumerate(tokens):
        positive = target[i][target[i] > 0]
        entropy = -(positive * np.log(positive)).sum()
        if target[i][token] <= min(0.09, 0.3 * np.exp(-entropy)):
            return [*tokens[:i], int(np.argmax(target[i]))]
    return [*tokens, draw(target[-1], rng)]


@exhibit("M22", "acceptance", "an option of Leviathan et al. 2023 (appendix A.5); plausible as a default")
def keeps_leniently(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """A token is kept with chance min(1, target / (0.7 draft)): lenience left on.

    More is kept, and what the draft likes too much comes out too often.
    """
    for i, token in enumerate(tokens):
        if rng.random() * 0.7 * draft[i][token] >= target[i][token]:
            return [*tokens[:i], draw(owed(target[i], draft[i]), rng)]
    return [*tokens, draw(target[-1], rng)]


@exhibit("M23", "acceptance", "sgl-project/sglang #35771", pair="greedy")
def keeps_by_a_threshold(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """The draft counts as a point mass, and a token is kept with chance min(1, target / 0.7).

    Without the threshold this is control C3, which is exact; the divisor favours what was drafted.
    """
    for i, token in enumerate(tokens):
        if rng.random() * 0.7 >= target[i][token]:
            return [*tokens[:i], draw(_without(target[i], token), rng)]
    return [*tokens, draw(target[-1], rng)]


@exhibit("M31", "acceptance", "vllm-project/vllm-ascend #2881", pair="greedy")
def keeps_nothing_after_zeroing_in_place(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """The draft counts as a point mass, and its token is struck from the target before the test.

    The residual is built in place, in the array that the test reads a line later: nothing is ever kept.
    """
    for i, token in enumerate(tokens):
        rest = _without(target[i], token)
        if rng.random() >= rest[token]:
            return [*tokens[:i], draw(rest, rng)]
    return [*tokens, draw(target[-1], rng)]


@exhibit(
    "M43", "arithmetic", "sgl-project/sglang #35771", pair="zeros", seen_by="a target with zeros: a coin of 0"
)
def keeps_on_a_tie(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """A token is kept if coin <= target / draft, and the coin can be 0.

    A float32 coin is 0 once in 2^24; then a token that the target never emits is kept.
    """
    for i, token in enumerate(tokens):
        if rng.random(dtype=np.float32) > target[i][token] / draft[i][token]:
            return [*tokens[:i], draw(owed(target[i], draft[i]), rng)]
    return [*tokens, draw(target[-1], rng)]


def _without(law: np.ndarray, token: int) -> np.ndarray:
    rest = np.array(law)
    rest[token] = 0
    return rest
