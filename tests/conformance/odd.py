"""Exact verifiers as they are met in the wild: other names, orders, arrays, randomness and results."""

import functools
import random
from collections import namedtuple
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


def owed(p: Any, q: Any) -> np.ndarray:
    rest = np.maximum(np.asarray(p) - np.asarray(q), 0)
    return rest / rest.sum() if rest.any() else np.asarray(p) / np.sum(p)


def plain(target: Any, draft: Any, tokens: Any, rng: Any) -> list[int]:
    for i, x in enumerate(tokens):
        if rng.random() * draft[i][x] >= target[i][x]:
            return [*tokens[:i], rng.choice(len(target[i]), p=owed(target[i], draft[i]))]
    return [*tokens, rng.choice(len(target[-1]), p=target[-1])]


def draft_first(draft_probs, target_probs, draft_token_ids, generator):
    return np.array(plain(target_probs, draft_probs, draft_token_ids, generator), dtype=np.int32)


def draft_is_p_and_target_is_q(p, q, x, rng):
    return plain(q, p, x, rng)


def unnamed_and_tokens_first(a, b, c, d):
    return plain(b, c, a, d)


def only_by_keyword(*, target, draft, tokens, rng):
    return tuple(plain(target, draft, tokens, rng))


def wants_logits(target_logits, draft_logits, draft_ids, rng):
    target, draft = (np.exp(z) / np.exp(z).sum(-1, keepdims=True) for z in (target_logits, draft_logits))
    return plain(target, draft, draft_ids, rng)


def takes_uniforms(p, q, x, u):
    for i, token in enumerate(x):
        if u[i] * q[i, token] >= p[i, token]:
            return [*x[:i], inverted(owed(p[i], q[i]), u[len(x)])]
    return [*x, inverted(p[-1], u[len(x)])]


def inverted(law: np.ndarray, u: Any) -> int:
    return int(np.searchsorted(np.cumsum(law), u * np.sum(law), side="right"))


def takes_a_function_of_uniforms(p, q, x, rand):
    for i, token in enumerate(x):
        if rand() * q[i, token] >= p[i, token]:
            return [*x[:i], inverted(owed(p[i], q[i]), rand())]
    return [*x, inverted(p[-1], rand())]


def uses_the_random_module(p, q, x):
    for i, token in enumerate(x):
        if random.random() * q[i][token] >= p[i][token]:
            return [*x[:i], *random.choices(range(len(p[i])), weights=owed(p[i], q[i]).tolist())]
    return [*x, *random.choices(range(len(p[-1])), weights=list(p[-1]))]


def adds_lists(p, q, x, rng):
    new = plain(p, q, x, rng)
    kept = x[: len(new) - 1]
    kept += [int(new[-1])]
    return kept


def padded_with_count(target_probs, draft_probs, draft_token_ids, rng):
    new = plain(target_probs, draft_probs, draft_token_ids, rng)
    out = np.zeros(len(draft_token_ids) + 1, dtype=np.int64)
    out[: len(new)] = new
    return out, len(new)


def accepted_and_next(p, q, x, rng):
    new = plain(p, q, x, rng)
    return len(new) - 1, new[-1]


Result = namedtuple("Result", "mask next_token")


def mask_and_next(p, q, x, rng):
    new = plain(p, q, x, rng)
    return Result(np.arange(len(x)) < len(new) - 1, new[-1])


def dictionary(p, q, x, rng):
    new = plain(p, q, x, rng)
    return {"n_accepted": len(new) - 1, "next_token": new[-1]}


@dataclass
class Emitted:
    tokens: list[int]
    accepted: int


def record(p, q, x, rng):
    new = plain(p, q, x, rng)
    return Emitted(new, len(new) - 1)


def generator(p, q, x, rng):
    yield from plain(p, q, x, rng)


def fills_a_buffer(target_probs, draft_probs, draft_token_ids, output_ids, rng):
    new = plain(target_probs, draft_probs, draft_token_ids, rng)
    output_ids[: len(new)] = new


def prints_and_writes_into_its_arguments(target, draft, tokens, rng):
    print("verifying", tokens)
    new = plain(target, draft, tokens, rng)
    target[:] = 0
    return new


def is_given_the_bonus(target_probs, draft_probs, draft_token_ids, bonus_token_id, rng):
    new = plain([*target_probs, target_probs[-1]], draft_probs, draft_token_ids, rng)
    return new if len(new) <= len(draft_token_ids) else [*draft_token_ids, bonus_token_id]


def never_looks_at_the_draft(target_probs, ids, rng):
    return plain(target_probs, np.eye(target_probs.shape[1])[ids], ids, rng)


def tests_as_in_the_paper(p, q, x, rng):
    for i, token in enumerate(x):
        if rng.random() > p[i][token] / q[i][token]:
            return [*x[:i], rng.choice(len(p[i]), p=owed(p[i], q[i]))]
    return [*x, rng.choice(len(p[-1]), p=p[-1])]


def works_in_float32(target, draft, tokens, rng):
    target, draft = (rows.astype(np.float32).astype(float) for rows in (target, draft))
    return plain([row / row.sum() for row in target], draft, tokens, rng)


def batch(target_probs, draft_probs, draft_token_ids, rng):
    new = [plain(*row, rng) for row in zip(target_probs, draft_probs, draft_token_ids)]
    return np.array([[*row, *[-1] * (draft_token_ids.shape[1] + 1 - len(row))] for row in new])


class Counting:
    """Remembers how often it was called, and is exact all the same; unless it is told when to err."""

    def __init__(self, wrong_at: int = 0) -> None:
        self.calls, self.wrong_at = 0, wrong_at

    def __call__(self, target, draft, tokens, rng):
        self.calls += 1
        if self.calls == self.wrong_at:
            return [*tokens, rng.choice(len(target[-1]), p=target[-1])]
        return plain(target, draft, tokens, rng)

    def step(self, p, q, x, rng):
        return self(p, q, x, rng)


ODD: list[Callable[..., Any]] = [
    draft_first,
    draft_is_p_and_target_is_q,
    unnamed_and_tokens_first,
    only_by_keyword,
    wants_logits,
    takes_uniforms,
    takes_a_function_of_uniforms,
    uses_the_random_module,
    adds_lists,
    padded_with_count,
    accepted_and_next,
    mask_and_next,
    dictionary,
    record,
    generator,
    fills_a_buffer,
    prints_and_writes_into_its_arguments,
    is_given_the_bonus,
    never_looks_at_the_draft,
    tests_as_in_the_paper,
    works_in_float32,
    batch,
    functools.partial(plain),
    lambda *arguments: plain(*arguments),
]
