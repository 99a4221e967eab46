"""What does a rule, any rule of the core, cost over a whole text?

Write exactly T tokens: each round drafts to the end of the text, one pass of the target verifies the draft,
and unless all of it is kept the token after the kept ones is a replacement. There is no bonus token. Counting
over all drafts and all decisions gives the expected rejections and passes without any formula, so it is a
second opinion on `expected_rejections` and `batch_rejections`, and an answer for rules without a formula.

Token-wise rules obey a lower bound: no rule that decides on token n without looking at the drafted tokens
after it, and emits exactly the target, rejects less than `expected_rejections`. Block verification looks
further:

>>> from specsim.models import load_pair
>>> pair = load_pair("bernoulli")
>>> [round(rule_cost(rule, pair, 2).rejections, 4) for rule in ("token", "block")]
[0.6667, 0.5556]

Yin et al. 2024 (2411.00841), Theorem 2 and its class, Algorithm 2; Sun et al. 2024 (2403.10444).
"""

from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

from specsim.core import chain
from specsim.core.draft import AnyShape

from .output import output_law
from .positions import Pair, whole


class Cost(NamedTuple):
    """Expected number of replaced tokens, and of passes of the target (rounds)."""

    rejections: Any
    calls: Any


def rule_cost(rule: Any, pair: Pair, horizon: int, *, shape: Callable[[int], AnyShape] = chain) -> Cost:
    """Expected rejections and target passes of a rule while it writes exactly `horizon` tokens.

    rule: a rule of the core or its name. shape: the shape drafted when n tokens are missing; every path in it
    must have n tokens: `chain`, or `lambda n: chains(4, n)`. For small cases: strings number V^horizon, and
    drafts more. The models must answer one token beyond the horizon. Fractions stay exact.
    Raises ValueError for a horizon below 1 and where `output_law` does.

    >>> from specsim.core import chains
    >>> from specsim.models import load_pair
    >>> cost = rule_cost("batch", load_pair("bernoulli"), 2, shape=lambda n: chains(2, n))
    >>> round(cost.rejections, 4), round(cost.calls, 4)
    (0.5309, 1.2222)

    Yin et al. 2024 (2411.00841), Section 2: their runtime model.
    """
    horizon = whole("horizon", horizon)
    texts: list[Counter] = [Counter() for _ in range(horizon + 1)]  # by length, each ends in a replacement
    texts[0][()] = 1
    for written in range(horizon):
        missing = horizon - written
        for text, chance in texts[written].items():
            for emitted, more in output_law(rule, pair, shape(missing), text).items():
                if len(emitted) <= missing:  # longer: all was kept, and the bonus token is not wanted
                    texts[written + len(emitted)][text + emitted] += chance * more
    rounds = [sum(level.values()) for level in texts]
    return Cost(rejections=sum(rounds[1:]), calls=sum(rounds[:-1]))
