"""The numbers behind the figures of Yin et al. 2024: simulated chains, batch gains, biased decoding.

Their Figure 2 writes 50 tokens with two Markov chains over 7 tokens, a new matrix at each step, seed 10, from
a uniformly drawn prompt token, and prints 16.41 expected rejections and an acceleration of 50 / 16.41 = 3.05.
How the rows were drawn is not said. Uniform numbers, normalised, give values around 16.4 in whatever order
they are drawn, the order taken here 16.40; so the figure is reproduced as a setting, not digit by digit:

>>> curves = rejection_curves(random_chains(50), 50, drafts=(1, 4, 5))
>>> {m: round(float(curve[-1]), 2) for m, curve in curves.items()}
{1: 16.4, 4: 14.09, 5: 13.87}

The acceleration counts rejections. Counting passes of the target (`oracle_calls`), it is lower:

>>> rejections, before_the_last = curves[1][-1], curves[1][-2]
>>> round(float(50 / rejections), 2), round(float(50 / (1 + before_the_last)), 2)
(3.05, 2.92)

Yin, Chen, Huang and Wang 2024 (2411.00841), Figures 2 to 5.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from specsim.models import Pair, markov

from .batch_drafts import rejection_chances
from .biased import TokenRule
from .biased_text import text_trade
from .iid_drafts import bernoulli_all_rejected, uniform_all_rejected


class BiasCurves(NamedTuple):
    """Per epsilon, each (len(epsilons),): rejections per token, and bias per token."""

    rejected: np.ndarray
    bias: np.ndarray


def random_chains(horizon: int, vocab_size: int = 7, seed: int = 10) -> list[Pair]:
    """Pairs of nonstationary Markov chains with random rows, one pair per prompt token.

    All share their matrices; pair i begins after prompt token i, and averaging over pairs is averaging over a
    uniform prompt. Rows are uniform numbers, normalised, of NumPy's legacy generator, the draft's first.

    >>> len(random_chains(3)), random_chains(3)[0].target.transitions.shape
    (7, (2, 7, 7))
    """
    legacy = np.random.RandomState(seed)
    draft, target = (legacy.rand(horizon, vocab_size, vocab_size) for _ in range(2))
    draft, target = (rows / rows.sum(axis=-1, keepdims=True) for rows in (draft, target))
    return [
        Pair(markov(target[0, prompt], target[1:]), markov(draft[0, prompt], draft[1:]))
        for prompt in range(vocab_size)
    ]


def rejection_curves(
    pairs: Sequence[Pair], horizon: int, drafts: Sequence[float] = (1,)
) -> dict[float, np.ndarray]:
    """Expected rejections among the first n tokens, n = 1..horizon, averaged over the pairs, for each M.

    drafts: the numbers M, math.inf allowed. Figures 2 and 5: panels (a) and (b) are these curves, panel (c)
    their last values against M.

    >>> {m: curve.round(3).tolist() for m, curve in rejection_curves(random_chains(3), 3, (1, 2)).items()}
    {1: [0.365, 0.776, 1.065], 2: [0.292, 0.669, 0.938]}
    """
    return {
        m: np.mean([rejection_chances(pair, horizon, drafts=m).cumsum() for pair in pairs], axis=0)
        for m in drafts
    }


def batch_gains(
    drafts: Sequence[int], coins: Sequence[float] = (0.6, 0.7, 0.8, 0.9), ratios: Sequence[float] = (2, 4, 8)
) -> dict[str, dict[float, np.ndarray]]:
    """What M drafts save at a root, d - r, for each M in `drafts`: for coins, and for uniform laws.

    coins: draft chances of the token that the target gives 1/2. ratios: the draft's number of tokens by the
    target's. Figure 3: |u - v| (1 - u^(M - 1)) above, (1 - 1/r) - (1 - 1/r)^M below.

    >>> batch_gains([1, 2, 8], coins=[0.75], ratios=[2])["uniform"][2].round(4)
    array([0.    , 0.25  , 0.4961])
    """
    count = np.asarray(drafts)
    return {
        "bernoulli": {u: abs(u - 0.5) - bernoulli_all_rejected(0.5, u, count) for u in coins},
        "uniform": {r: (1 - 1 / r) - uniform_all_rejected(float(r), count) for r in ratios},
    }


def bias_curves(
    pairs: Sequence[Pair],
    horizon: int,
    epsilons: Sequence[float],
    rule: Callable[..., TokenRule],
) -> BiasCurves:
    """Rejections and one-step bias per token for each epsilon, averaged over the pairs and the positions.

    rule: `decoding_opt`, `decoding_uno`, or any function of (target, draft, epsilon=). Figure 4.

    >>> from specsim.theory.biased import decoding_opt, decoding_uno
    >>> pairs = random_chains(3)
    >>> [bias_curves(pairs, 3, [0.1], rule).bias.round(3) for rule in (decoding_opt, decoding_uno)]
    [array([0.246]), array([0.279])]
    """
    trades = [
        [text_trade(pair, horizon, partial(rule, epsilon=epsilon)) for pair in pairs] for epsilon in epsilons
    ]
    return BiasCurves(*np.mean(trades, axis=(1, 3)).T)
