"""A biased rule over a whole text: what it rejects, and how far the text drifts from the target.

One token is rejected in state s with chance rejected(s) and emitted with bias TV(s); both depend on where the
text has got to, and that is up to the rule's own, biased law. So expectations are over the *emitted* text:

    E[rejections] = sum over n of E_{s ~ emitted}[rejected_n(s)],
    drift         = sum over n of E_{s ~ emitted}[TV_n(s)].

The drift adds up one-step errors and may exceed 1. The error that a reader of the whole text could notice,
the total variation between the two laws of texts, is at most the drift. Both are computed here; the second
lists all V^horizon texts, so it is for short ones.

>>> from functools import partial
>>> from specsim.theory.biased import decoding_opt
>>> from specsim.models import load_pair
>>> generous = partial(decoding_opt, epsilon=0.1)
>>> trade = text_trade(load_pair("bernoulli"), 4, generous)
>>> trade.rejected.round(3), trade.drift.round(3)
(array([0.233, 0.233, 0.233, 0.233]), array([0.1, 0.1, 0.1, 0.1]))
>>> round(text_bias(load_pair("bernoulli"), 4, generous), 4)
0.1741

Yin, Chen, Huang and Wang 2024 (2411.00841), Section 4 and the problem (27) that they leave open.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from specsim.core.arrays import positive

from .biased import TokenRule, bias, emitted_law, rejected
from .laws import plain
from .positions import Pair, Position, keeper, positions

MakeRule = Callable[[np.ndarray, np.ndarray], TokenRule]
"""From target and draft laws, (S, V) each, to what is kept and what replaces a rejected token."""


class TextTrade(NamedTuple):
    """Per position, each (horizon,): the chance of a rejection and the mean one-step bias."""

    rejected: np.ndarray
    drift: np.ndarray


def text_trade(pair: Pair, horizon: int, rule: MakeRule) -> TextTrade:
    """Chance of a rejection and mean one-step bias at each position, along the text that is emitted.

    rule: such as `decoding_opt` with its epsilon given. Exact for independent, Markov, n-gram and table
    pairs. Raises ValueError as `expected_rejections` does, or where the chances to keep are none.

    >>> from specsim.models import load_pair
    >>> from specsim.theory.biased import decoding_opt
    >>> trade = text_trade(load_pair("toy"), 2, lambda target, draft: decoding_opt(target, draft, 0.1))
    >>> trade.rejected.round(12), trade.drift.round(12)
    (array([0.1, 0.1]), array([0.2, 0.2]))

    Yin et al. 2024 (2411.00841), Figure 4, for any decoder and pair.
    """

    def build(place: Position) -> tuple[Any, ...]:
        made = rule(place.target, place.draft)
        emitted = emitted_law(place.draft, made)
        return emitted, rejected(place.draft, made.accept), bias(place.target, place.draft, made)

    prepared, found = keeper(build), []
    reach = np.ones(1, dtype=int)
    for place in positions(pair, horizon, drafted=True):
        emitted, lost, wrong = prepared(place)
        found.append((reach @ lost, reach @ wrong))
        reach = place.push(reach, emitted)
    return TextTrade(*map(np.array, zip(*found)))


def text_bias(pair: Pair, horizon: int, rule: MakeRule) -> Any:
    """Total variation between the law of the emitted text and the target's law of texts.

        sum over strings of (target(string) - emitted(string))_+

    All strings are listed. Arguments and errors as for `text_trade`.

    >>> from specsim.models import load_pair
    >>> from specsim.theory.biased import decoding_opt
    >>> round(text_bias(load_pair("toy"), 2, lambda target, draft: decoding_opt(target, draft, 0.1)), 12)
    0.24
    """
    reach = emitted = np.ones(1, dtype=int)
    for place in positions(pair, horizon, strings=True):
        law = emitted_law(place.draft, rule(place.target, place.draft))
        reach, emitted = place.push(reach, place.target), place.push(emitted, law)
    return plain(positive(reach - emitted).sum())
