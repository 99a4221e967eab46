"""Controls: decoders that look suspicious and are exact. A checker that fails one raises false alarms."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .contracts import asked
from .exhibit import exhibit
from .reference import Model, Rows, draw, generate, owed, score, verify, verify_tree
from .toys import TOYS

model = TOYS["toy"].draft
PAPER = "Leviathan et al. 2023 (2211.17192), Algorithm 1"


@exhibit("C1", None, "Miao et al. 2024 (2305.09781), naive sampling")
def emits_the_targets_own_sample(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """The target samples at each position, and the round goes on while its sample is the drafted token."""
    for i, token in enumerate(tokens):
        own = draw(target[i], rng)
        if own != token:
            return [*tokens[:i], own]
    return [*tokens, draw(target[-1], rng)]


def point_mass(context: tuple[int, ...]) -> np.ndarray:
    """All mass on the model's most likely token."""
    return asked(model, temperature=0)(context)


@exhibit("C2", None, "Saxena 2023, prompt look-up", contract="drafter", declared=point_mass)
def drafts_greedily_and_says_so(context: tuple[int, ...], rng: Any) -> int:
    """The most likely token is drafted, and a point mass is declared."""
    return int(np.argmax(model(context)))


@exhibit("C3", None, "Yang et al. 2024 (2402.01528); huggingface/transformers, prompt look-up")
def takes_a_drawn_token_for_a_chosen_one(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """The draft's law is ignored: kept with chance target(x), corrected by the target without x.

    Whatever token is proposed, for whatever reason, this emits the target's law; it keeps less.
    """
    for i, token in enumerate(tokens):
        if rng.random() >= target[i][token]:
            rest = np.array(target[i])
            rest[token] = 0
            return [*tokens[:i], draw(rest, rng)]
    return [*tokens, draw(target[-1], rng)]


pointed = asked(model, temperature=0.6, top_k=2)
"""The law of the control C4, at a temperature and with a filter that nobody asked for."""


@exhibit("C4", None, PAPER, contract="drafter", declared=pointed)
def drafts_at_its_own_temperature(context: tuple[int, ...], rng: Any) -> int:
    """The draft is drawn at another temperature and with a filter, and that law is declared."""
    return draw(pointed(context), rng)


@exhibit("C5", None, "Chen et al. 2023 (2302.01318) without the last line of Algorithm 2")
def emits_no_bonus(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """After a draft that was kept in full no further token is emitted."""
    for i, token in enumerate(tokens):
        if rng.random() * draft[i][token] >= target[i][token]:
            return [*tokens[:i], draw(owed(target[i], draft[i]), rng)]
    return [*tokens]


@exhibit(
    "C6", None, "huggingface/transformers, assistant_confidence_threshold", contract="generator", pair="small"
)
def stops_after_an_unsure_token(
    target: Model, draft: Model, prompt: Sequence[int], max_new_tokens: int, rng: Any, *, gamma: int = 2
) -> list[int]:
    """Drafting stops after a token of low draft probability, and that token is verified like any other."""
    new: list[int] = []
    while len(new) < max_new_tokens:
        text = (*prompt, *new)
        tokens, rows = [], []  # type: list[int], list[np.ndarray]
        while len(tokens) < min(gamma, max_new_tokens - len(new) - 1):
            rows.append(draft((*text, *tokens)))
            tokens.append(draw(rows[-1], rng))
            if rows[-1][tokens[-1]] < 0.4:
                break
        new += verify(score(target, text, tokens), rows, tokens, rng)
    return new


@exhibit("C7", None, "Sun et al. 2024 (2403.10444), Algorithm 2")
def verifies_the_block(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """Block verification: the longest prefix that passes its test, all tests on the joint chance.

    Its tests and residuals are not those of the token-wise rule. What comes out is.
    """
    weight = [1.0]
    for p, q, token in zip(target, draft, tokens):
        weight.append(min(1.0, weight[-1] * p[token] / q[token]))
    if rng.random() < weight[-1]:
        return [*tokens, draw(target[-1], rng)]
    for i in range(len(tokens) - 1, 0, -1):
        left = np.maximum(weight[i] * target[i] - draft[i], 0)
        if rng.random() * (left.sum() + (1 - weight[i])) < left.sum():
            return [*tokens[:i], draw(left, rng)]
    return [draw(owed(target[0], draft[0]), rng)]


@exhibit("C8", None, "Miao et al. 2024 (2305.09781); Chen et al. 2023", contract="tree")
def tries_independent_siblings(target: Rows, draft: Rows, tokens: Any, parent: Any, rng: Any) -> list[int]:
    """Candidates drawn with replacement are tried in turn, each against what the ones before have left."""
    return verify_tree(target, draft, tokens, parent, rng)


@exhibit("C9", None, "Jeon et al. 2024 (2402.14160); Yang et al. 2024", contract="tree", how="distinct")
def tries_distinct_siblings(target: Rows, draft: Rows, tokens: Any, parent: Any, rng: Any) -> list[int]:
    """Candidates drawn without replacement, each declared with the renormalised law it came from."""
    return verify_tree(target, draft, tokens, parent, rng)


@exhibit("C10", None, PAPER)
def verifies_token_by_token(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """The algorithm of the paper, from which every exhibit starts."""
    return verify(target, draft, tokens, rng)


@exhibit("C11", None, PAPER, contract="generator", pair="small")
def drafts_from_a_stale_context(
    target: Model, draft: Model, prompt: Sequence[int], max_new_tokens: int, rng: Any, *, gamma: int = 2
) -> list[int]:
    """The draft model reads a context that is one token short, and declares the law that it drew from.

    A bad draft costs speed, never exactness.
    """

    def stale(context: tuple[int, ...]) -> np.ndarray:
        return draft(context[:-1] if len(context) > len(prompt) else context)

    return generate(target, stale, prompt, max_new_tokens, rng, gamma=gamma)


@exhibit("C12", None, PAPER, contract="generator", pair="small")
def keeps_all_promises(
    target: Model,
    draft: Model,
    prompt: Any,
    max_new_tokens: int,
    rng: Any = None,
    *,
    gamma: int = 2,
    eos: int | None = None,
    seed: Any = None,
    logprobs: bool = False,
    **shape: Any,
) -> Any:
    """A generator that keeps the whole contract: all options, seeds and batches."""
    if not np.isscalar(prompt[0]):
        seeds = [None] * len(prompt) if seed is None else seed
        each: dict[str, Any] = {"gamma": gamma, "eos": eos, "logprobs": logprobs, **shape}
        return [
            keeps_all_promises(target, draft, row, max_new_tokens, rng, seed=own, **each)
            for row, own in zip(prompt, seeds)
        ]
    stream = rng if seed is None else np.random.default_rng(seed)
    wanted = asked(target, **shape)
    new = generate(wanted, asked(draft, **shape), prompt, max_new_tokens, stream, gamma=gamma, eos=eos)
    logs = [float(np.log(wanted((*prompt, *new[:i]))[token])) for i, token in enumerate(new)]
    return (new, logs) if logprobs else new


@exhibit("C15", None, PAPER)
def subtracts_in_place(target: Rows, draft: Rows, tokens: Any, rng: Any) -> list[int]:
    """The residual is built in the caller's array of target laws: what comes out of this round is right.

    It is bad manners all the same: the next reader of these laws, a cache say, finds the residual there.
    """
    for i, token in enumerate(tokens):
        if rng.random() * draft[i][token] >= target[i][token]:
            target[i] = owed(target[i], draft[i])
            return [*tokens[:i], draw(target[i], rng)]
    return [*tokens, draw(target[-1], rng)]
