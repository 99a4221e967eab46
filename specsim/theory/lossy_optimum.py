"""How many tokens could a verifier yield that may be wrong by so much?

`most_tokens` is the optimum over exact verifiers. Allow the law of the text, one round of the verifier and
then the target itself, to differ from the target's by a total variation `bias`, and the optimum rises: the
programme is the same, but a string z may come out too often, by spare(z) >= 0, at a total of

    bias = sum over strings z of spare(z).

The front of tokens against bias is concave. It begins with the best exact verifier and ends with the least
biased one that keeps whole paths only. Its corners are solutions of  max tokens - price bias: between two
corners take the slope of their line for the price; either nothing is beyond that line, or a corner is found.

No verifier of the drafted tokens, exact or lossy, lies beyond the front:

>>> from specsim.models import load_pair
>>> front = most_tokens_by_bias(load_pair("bernoulli"), (0, 1))
>>> front.tokens.round(6), front.bias.round(6)
(array([2.222222, 3.      ]), array([0.      , 0.333333]))
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from specsim.core.draft import AnyShape

from .multistep_optimum import most_tokens, programme

Corner = tuple[float, float]
"""Tokens per round, and bias."""


class TokensFront(NamedTuple):
    """Corners (K,) of a concave front, from the best exact verifier to the one that keeps whole paths."""

    tokens: np.ndarray
    bias: np.ndarray


def most_tokens_by_bias(
    pair: Any, shape: AnyShape, context: Sequence[int] = (), *, halvings: int = 4
) -> TokensFront:
    """The front of tokens per round against bias, over all verifiers of this draft.

    bias: total variation between the law of the next height + 1 tokens, one round and then the target, and
    the target's. halvings: how often a corner is looked for between two others; with all corners found, or
    not, the straight lines between them are reached. Arguments and errors as for `most_tokens`, which is the
    first corner.

    >>> from specsim.models import load_pair
    >>> front = most_tokens_by_bias(load_pair("toy"), (0,))
    >>> front.tokens.round(6), front.bias.round(6)               # a rejection less is a bias more, up to 0.3
    (array([1.7, 2. ]), array([0. , 0.3]))

    For one token it is the line of Yin et al. 2024 (2411.00841), Theorem 5.
    """
    lengths, constraints = programme(pair, shape, context)
    solve = _priced(lengths, constraints)
    first, last = (most_tokens(pair, shape, context), 0.0), solve(0.001)
    inner = _between(solve, first, last, halvings) if last[1] > 1e-6 else []
    tokens, bias = np.array([first, *inner, *([last] if last[1] > 1e-6 else [])]).T
    return TokensFront(tokens, bias)


def _priced(lengths: np.ndarray, constraints: dict[str, Any]) -> Callable[[float], Corner]:
    """The best corner when a unit of bias costs so many tokens."""
    from scipy.optimize import linprog
    from scipy.sparse import coo_array, eye_array, hstack

    strings, drafts = constraints["A_ub"].shape[0], constraints["A_eq"].shape[0]
    upper = hstack([constraints["A_ub"], -eye_array(strings)])
    equal = hstack([constraints["A_eq"], coo_array((drafts, strings))])
    given = {**constraints, "A_ub": upper, "A_eq": equal, "bounds": (0, None)}

    def solve(price: float) -> Corner:
        cost = np.concatenate([-lengths, np.full(strings, price)])
        found = linprog(cost, **given, method="highs").x
        return float(lengths @ found[: len(lengths)]), float(found[len(lengths) :].sum())

    return solve


def _between(solve: Callable[[float], Corner], left: Corner, right: Corner, halvings: int) -> list[Corner]:
    """The corners between two others, in order."""
    price = (right[0] - left[0]) / (right[1] - left[1])
    found = solve(price) if halvings else left
    if found[0] - left[0] - price * (found[1] - left[1]) < 1e-6:
        return []
    before, after = (_between(solve, *ends, halvings - 1) for ends in ((left, found), (found, right)))
    return [*before, found, *after]
