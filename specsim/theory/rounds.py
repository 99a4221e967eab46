"""Where rounds begin in the long run, and what a round then yields: the exact Markov round.

A round begins where the last one ended. If the laws of a pair depend on the last k tokens only, those k
tokens are all that one round hands to the next, so the states in which rounds begin form a Markov chain. Its
kernel follows from the exact law of a round; its stationary law says where rounds begin, and with it

    tokens per round = sum over states s of start(s) E[tokens | s].

That is not the formula for a constant overlap at the mean overlap. Rounds end where the draft fails, and the
next one begins there: `start` leans to states that are hard to draft, and the formula promises too much.

>>> from specsim.models import load_pair
>>> from specsim.theory.tokens import expected_tokens
>>> pair = load_pair("regimes")             # overlap 0.9 and 0.38, in regimes of about 100 tokens
>>> float(round(mean_overlap(pair), 6)), round(expected_tokens(0.64, 5), 3)
(0.64, 2.587)
>>> round(long_run_tokens_per_round("token", pair, (0, 1, 2, 3, 4)), 3)
2.399

For the token rule on a chain the round needs no listing. With P(s, s') the target's kernel on states and M
the part of it that survives, min(target, draft) instead of target,

    K_0 = P,  K_g = (P - M) + M K_{g-1}        (rejected now, or kept and g - 1 to go),
    N_0 = 1,  N_g = 1 + M N_{g-1},

so K_gamma = sum over i < gamma of M^i (P - M) + M^gamma P is the kernel of round starts and N_gamma the
expected tokens, at gamma S^3 operations for S states.
"""

from collections.abc import Callable
from fractions import Fraction as F  # noqa: F401  (for the examples)
from itertools import product
from typing import Any

import numpy as np

from specsim.core import as_shape, rules
from specsim.core.arrays import minimum
from specsim.core.draft import AnyShape, is_chain

from .laws import plain
from .output import output_law
from .overlap import checked, overlap
from .strings import LARGEST, Law

Chain = tuple[np.ndarray, np.ndarray]
"""The kernel (S, S) of round starts, and the expected tokens (S,) of a round from each state."""


def round_start_law(rule: Any, pair: Any, shape: AnyShape) -> Law:
    """The law of the last k tokens before a round, in the long run, as {state: probability}.

    It is the solution of start = start K, where K(s, s') is the chance that a round from s ends in s'.

    rule, pair, shape: as for `output_law`; k is the larger `order` of the two models, which must be
    `homogeneous`. Fractions are answered exactly. Raises ValueError for other models, for too many states,
    and where the long run depends on the beginning (several sets of states that are never left).

    >>> from specsim.models import Pair, markov
    >>> target = markov([F(1), F(0)], [[F(3, 4), F(1, 4)], [F(1, 4), F(3, 4)]])
    >>> draft = markov([F(1), F(0)], [[F(3, 4), F(1, 4)], [F(3, 4), F(1, 4)]])
    >>> round_start_law("token", Pair(target, draft), (0,))     # the draft fails after token 1
    {(0,): Fraction(2, 5), (1,): Fraction(3, 5)}
    """
    vocabulary, order = _states(pair)
    start = _stationary(_chain(rule, pair, shape, vocabulary, order)[0])
    found = zip(product(range(vocabulary), repeat=order), start.tolist())
    return {state: p for state, p in found if p != 0}


def long_run_tokens_per_round(rule: Any, pair: Any, shape: AnyShape) -> Any:
    """Expected tokens per round over a long text, the extra token included.

    The mean of `tokens_per_round` over `round_start_law`; arguments and errors as there. A text of n tokens
    takes n / long_run_tokens_per_round(...) rounds, up to a constant.

    >>> from specsim.models import load_pair
    >>> round(long_run_tokens_per_round("token", load_pair("toy"), (0, 1)), 6)     # 1 + 0.7 + 0.49
    2.19
    """
    kernel, tokens = _chain(rule, pair, shape, *_states(pair))
    return plain(_stationary(kernel) @ tokens)


def mean_overlap(pair: Any) -> Any:
    """The overlap averaged over the states of a long text of the target: the alpha of the literature.

    alpha = sum over s of law(s) overlap(target(. | s), draft(. | s)), with the target's stationary law.

    1 - alpha is the expected number of rejections per token if drafts are long. pair and errors as for
    `round_start_law`.

    >>> from specsim.models import load_pair
    >>> round(mean_overlap(load_pair("toy")), 6)
    0.7

    Leviathan et al. 2023 (2211.17192), Corollary 3.6; Yin et al. 2024 (2411.00841), Theorem 1.
    """
    vocabulary, order = _states(pair)
    target, draft = _laws(pair, vocabulary, order)
    return plain(_stationary(_on_states(target)) @ overlap(target, draft))


def _states(pair: Any) -> tuple[int, int]:
    """The size of the vocabulary and the number of tokens that the laws of a pair depend on."""
    models = [getattr(pair, role, None) for role in ("target", "draft")]
    if any(
        getattr(model, "order", None) is None or not getattr(model, "homogeneous", False) for model in models
    ):
        raise ValueError(
            "the long run needs models whose law depends on the last few tokens and not on the position, as "
            "their `order` and `homogeneous` say, got "
            f"{' and '.join(type(model).__name__ for model in models)}; use models.iid, models.markov or "
            "models.ngram, or estimate with specsim.simulate"
        )
    vocabulary, order = pair.target.vocab_size, max(pair.target.order, pair.draft.order)
    if vocabulary ** (2 * order) > LARGEST:
        raise ValueError(
            f"the exact long run holds at most {int(LARGEST**0.5)} states, got {vocabulary}^{order}; take "
            "fewer tokens or a shorter memory, or estimate with specsim.simulate"
        )
    return vocabulary, order


def _chain(rule: Any, pair: Any, shape: AnyShape, vocabulary: int, order: int) -> Chain:
    rule = rules.get(rule) if isinstance(rule, str) else rule
    shape = as_shape(shape)
    if rule is rules.token and is_chain(shape.parent) and shape.how != "top":
        return _token_chain(*_laws(pair, vocabulary, order), len(shape.parent))
    return _listed_chain(lambda state: output_law(rule, pair, shape, state), vocabulary, order)


def _laws(pair: Any, vocabulary: int, order: int) -> tuple[np.ndarray, np.ndarray]:
    """The laws (S, V) of target and draft in each state."""
    states = np.array(list(product(range(vocabulary), repeat=order)), dtype=int)
    return checked(pair.target(states), pair.draft(states))


def _token_chain(target: np.ndarray, draft: np.ndarray, gamma: int) -> Chain:
    """The recursion at the top of this page."""
    through, kept = _on_states(target), _on_states(minimum(target, draft))
    kernel, tokens = through, through.sum(axis=1)
    for _ in range(gamma):
        kernel, tokens = (through - kept) + kept @ kernel, through.sum(axis=1) + kept @ tokens
    return kernel, tokens


def _on_states(weights: np.ndarray) -> np.ndarray:
    """Weights (S, V) of the next token as weights (S, S) of the next state."""
    states, vocabulary = weights.shape
    after = np.arange(states * vocabulary).reshape(states, vocabulary) % states
    moved = np.zeros((states, states), dtype=weights.dtype)
    np.add.at(moved, (np.arange(states)[:, None], after), weights)
    return moved


def _listed_chain(round_from: Callable[[tuple[int, ...]], Law], vocabulary: int, order: int) -> Chain:
    """From the law of a round at every state; for any rule and any shape."""
    states = list(product(range(vocabulary), repeat=order))
    place = {state: index for index, state in enumerate(states)}
    laws = [round_from(state) for state in states]
    dtype = float if all(isinstance(p, float) for law in laws for p in law.values()) else object
    kernel, tokens = np.zeros((len(states), len(states)), dtype), np.zeros(len(states), dtype)
    for index, (state, law) in enumerate(zip(states, laws)):
        for emitted, p in law.items():
            kernel[index, place[(state + emitted)[len(emitted) :]]] += p
            tokens[index] += len(emitted) * p
    return kernel, tokens


def _stationary(kernel: np.ndarray) -> np.ndarray:
    """The only law (S,) with law = law @ kernel, by elimination without subtractions.

    States are taken out one by one, the kernel of the rest being that of the chain watched there only.
    Grassmann, Taksar and Heyman 1985.
    """
    members = _never_left(kernel != 0)
    watched = kernel[np.ix_(members, members)].copy()
    for n in range(len(watched) - 1, 0, -1):
        watched[:n, n] /= watched[n, :n].sum()
        watched[:n, :n] += np.outer(watched[:n, n], watched[n, :n])
    weights = watched[0, :1]  # 1: the last state is all that is watched
    for n in range(1, len(watched)):
        weights = np.append(weights, weights @ watched[:n, n])
    law = np.zeros(len(kernel), dtype=kernel.dtype)
    law[members] = weights / weights.sum()
    return law


def _never_left(possible: np.ndarray) -> np.ndarray:
    """The states that are visited for ever. Raises ValueError where that depends on the beginning."""
    reach = possible | np.eye(len(possible), dtype=bool)
    for _ in range(len(possible).bit_length()):
        reach = reach.astype(np.float32) @ reach.astype(np.float32) > 0
    members = np.flatnonzero((~reach | reach.T).all(axis=1))
    if not reach[np.ix_(members, members)].all():
        raise ValueError(
            "rounds can end up in separate sets of states that are never left, so the long run depends on "
            "the first token; give each set its own pair, or join them by a little probability"
        )
    return members
