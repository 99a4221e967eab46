"""Coupled verifiers: draft and target choose with the same noise, and the draft counts where they agree.

Give every token an exponential variable E and let the token with the smallest E(x) / law(x) win the race: it
is distributed by that law. (With E = -log U this is the Gumbel trick.) If draft and target race on the same E
they often pick the same token, with chance

    sum over x of 1 / (sum over y of max(target(y) / target(x), draft(y) / draft(x))),

which lies between (1 - tv) / (1 + tv) and 1 - tv, tv their total variation: at most what a verifier keeps
that sees the draft's law. In return the text is a function of the noise and the target alone. No draft can
change it, not by one token, and the verifier needs no draft laws.

That is also why it is no rule: a rule fixes the draft and then uses fresh uniforms, here the noise is the one
with which the draft was drawn.

>>> target, draft = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.5, 0.3])
>>> noise = np.array([0.1, 0.2, 2.0])
>>> int(race(target, noise)), int(race(draft, noise))
(0, 1)
>>> round(match_probability(target, draft), 4)
0.6935

Daliri, Musco and Suresh 2024 (2408.07978); Kobus and Gündüz 2025 (2504.15475).
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from specsim.core.arrays import Array, at, namespace, ratio
from specsim.theory.laws import plain
from specsim.theory.overlap import checked


class Coupled(NamedTuple):
    """A decoded text, and how many tokens each round added to it."""

    tokens: tuple[int, ...]
    rounds: tuple[int, ...]


def race(law: Array, exponentials: Array) -> Array:
    """The token that wins: argmin over x of exponentials(x) / law(x). A token of law 0 never wins.

    law, exponentials: (..., V), the second positive, as of `rng.exponential(size=...)`. Returns (...) ids,
    the lowest among equals.

    >>> int(race(np.array([0.5, 0.5, 0.0]), np.array([3.0, 2.0, 0.0])))
    1

    Daliri et al. 2024, Gumbel sampling.
    """
    xp = namespace(law)
    return xp.argmin(ratio(exponentials, law, xp.inf), axis=-1)


def match_probability(target: Any, draft: Any) -> Any:
    """Chance that target and draft pick the same token on shared noise.

        sum over x of 1 / (sum over y of max(target(y) / target(x), draft(y) / draft(x)))

    target, draft: (..., V) laws. Returns (...). Which of both is larger depends on target(y) / draft(y)
    alone, so sorted by that it takes O(V log V). Raises ValueError for what is no law.

    >>> from fractions import Fraction as F
    >>> match_probability([F(1, 2), F(1, 2)], [F(3, 4), F(1, 4)])
    Fraction(3, 4)

    Daliri, Musco and Suresh 2024 (2408.07978).
    """
    target, draft = checked(target, draft)
    xp = namespace(target)
    order = xp.argsort(ratio(target, target + draft, 0), axis=-1)
    target, draft = (xp.take_along_axis(law, order, axis=-1) for law in (target, draft))
    before = xp.cumulative_sum(draft, axis=-1) - draft
    after = 1 - xp.cumulative_sum(target, axis=-1) + target
    return plain(ratio(target * draft, after * draft + before * target, 0).sum(-1))


def match_bounds(total_variation: Any) -> tuple[Any, Any]:
    """Between which chances of a match the total variation leaves us: (1 - tv) / (1 + tv) and 1 - tv.

    total_variation: in [0, 1], any kind of number. They are at most 3 - 2 sqrt(2) = 0.172 apart.

    >>> from fractions import Fraction as F
    >>> match_bounds(F(3, 10))
    (Fraction(7, 13), Fraction(7, 10))

    Daliri, Musco and Suresh 2024 (2408.07978).
    """
    return (1 - total_variation) / (1 + total_variation), 1 - total_variation


def verify(target: Array, tokens: Array, exponentials: Array) -> tuple[Array, Array]:
    """How many drafted tokens of a chain are kept, and the token after them.

    target: (..., n + 1, V) laws after the context and after each drafted token; tokens: (..., n);
    exponentials: (..., n + 1, V), one row per position, those that the draft raced on. The target's own
    choice is emitted at each position, up to the first that differs from the drafted one. Returns (kept,
    token), each (...).

    >>> target, noise = np.array([[0.5, 0.5], [0.9, 0.1]]), np.array([[2.0, 1.0], [1.0, 1.0]])
    >>> kept, token = verify(target, np.array([1]), noise)
    >>> int(kept), int(token)
    (1, 0)
    """
    xp = namespace(target)
    chosen = race(target, exponentials)
    same = xp.astype(chosen[..., :-1] == tokens, xp.int64)
    kept = xp.sum(xp.cumulative_prod(same, axis=-1), axis=-1)
    return kept, at(chosen, kept)


def decode(pair: Any, exponentials: np.ndarray, gamma: int, context: Sequence[int] = ()) -> Coupled:
    """The text of a pair with drafts of gamma tokens, where position i of the text races on exponentials[i].

    pair: has `.target` and `.draft`; exponentials: (length, V). Returns the first `length` tokens and how
    many each round added, the last of which may be cut short. The text depends on neither draft nor gamma.
    Raises ValueError for gamma < 1.

    >>> from specsim.models import load_pair
    >>> noise = np.random.default_rng(3).exponential(size=(6, 3))
    >>> decode(load_pair("toy"), noise, 2).tokens == decode(load_pair("toy"), noise, 5).tokens
    True
    """
    if gamma < 1:
        raise ValueError(f"gamma must be at least 1, got {gamma!r}; draft one token or more per round")
    text: tuple[int, ...] = ()
    rounds = []
    while len(text) < len(exponentials):
        noise = exponentials[len(text) : len(text) + gamma + 1]
        drafted: tuple[int, ...] = ()
        while len(drafted) < len(noise) - 1:
            drafted += (_next(pair.draft, (*context, *text, *drafted), noise[len(drafted)]),)
        laws = [_law(pair.target, (*context, *text, *drafted[:i])) for i in range(len(noise))]
        kept, token = verify(np.stack(laws), np.array(drafted, dtype=int), noise)
        rounds.append(int(kept) + 1)
        text += (*drafted[: int(kept)], int(token))
    return Coupled(text, tuple(rounds))


def _law(model: Any, text: tuple[int, ...]) -> Array:
    return model(np.array([text], dtype=int))[0]


def _next(model: Any, text: tuple[int, ...], exponentials: Array) -> int:
    return int(race(_law(model, text), exponentials))
