"""Do two generators write the same kind of text? For when nobody gives laws.

Let both write after the same prompt. If they have the same law, the two texts could as well be exchanged:
given the pair, each order has chance 1/2. A bet on the order is fair then, for any score s that was fixed
before:

    factor = 2 s(first) / (s(first) + s(second))

Scores are learned from the pairs before: how much more often a token came from the first generator than from
the second, overall, by position, after the last token and after the whole text so far. Three to twenty times
as many tokens are needed as with laws.

>>> rng, test = np.random.default_rng(0), SwapTest(alpha=1e-3)
>>> while not test.rejected:
...     test = test.update(rng.choice(3, 1, p=[0.6, 0.2, 0.2]), rng.choice(3, 1, p=[0.2, 0.2, 0.6]))
>>> test.pairs
54

Podkopaev and Ramdas 2023 (2305.00143); Shekhar and Ramdas 2023 (2112.09162).
"""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import takewhile
from math import log, sqrt
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np

from .rows import emitted
from .saving import read_state, write_state
from .wealth import Wealth

Text = tuple[int, ...]
Context = Callable[[Text, int], Any]
"""What a token's score may depend on: the text with its prompt, and the token's place in it."""

CONTEXTS: dict[str, Context] = {
    "all": lambda text, place: None,
    "position": lambda text, place: place,
    "last token": lambda text, place: text[place - 1] if place else None,
    "text so far": lambda text, place: text[:place],
}
PRIORS = (1.0, 10.0)
WHOLE = (1.0, 0.3)
"""Powers of the score of a whole text."""


class SwapTest(Wealth):
    """Evidence that two generators write differently; may be looked at after every pair of texts.

    alpha, evalue, peak, rejected: as of `Wealth`, the claim being that both write the same.
    pairs, tokens: how many pairs of texts were seen, and tokens of the first generator.
    """

    def __init__(self, alpha: float = 1e-6) -> None:
        super().__init__(alpha)
        self.pairs = self.tokens = 0
        self._counts = {name: (Counter[Any](), Counter[Any]()) for name in CONTEXTS}
        self._log = np.zeros((len(CONTEXTS), len(PRIORS), 1 + len(WHOLE)))

    def update(self, first: Any, second: Any, prompt: Sequence[int] = ()) -> "SwapTest":
        """See one text of each generator after the same prompt, both asked for as many tokens."""
        one, other = (emitted(text).tolist() for text in (first, second))
        before = tuple(map(int, prompt))
        texts = (*before, *one), (*before, *other)
        for number, name in enumerate(CONTEXTS):
            for index, prior in enumerate(PRIORS):
                self._log[number, index] += self._factors(name, prior, texts, len(before))
            self._learn(name, texts, len(before))
        self.pairs, self.tokens = self.pairs + 1, self.tokens + len(one)
        most = float(self._log.max())
        self.now = most + log(float(np.exp(self._log - most).mean()))
        return self

    def caught(self, probability: float = 0.99) -> float:
        """The smallest total variation of the first differing token that these pairs would have revealed.

        With n pairs, d different tokens seen and L = log(bets / alpha) + d / 2 log n for learning them, a
        difference of divergence chi^2 adds about n chi^2 / 4, give or take chi sqrt(n / 2), and its total
        variation is at most chi / 2. A normal approximation.
        """
        if self.pairs == 0:
            return 1.0
        seen = len({token for _, token in self._counts["all"][0] + self._counts["all"][1]})
        needed = log(self._log.size / self.alpha) + seen / 2 * log(self.pairs)
        z = NormalDist().inv_cdf(probability)
        return min(1.0, (z / sqrt(2) + sqrt(z**2 / 2 + needed)) / sqrt(self.pairs))

    def save(self, path: str | Path) -> None:
        """Write everything that is needed to go on, as JSON."""
        counts = [[list(one.items()) for one in pair] for pair in self._counts.values()]
        values = {name: getattr(self, name) for name in _SAVED}
        write_state(path, values | {"counts": counts}, {"log": self._log})

    @classmethod
    def load(cls, path: str | Path) -> "SwapTest":
        """The test that `save` wrote, at the same point. Raises ValueError for a file that is none."""
        found, state = read_state(path, (*_SAVED, "counts"), cls.__name__)
        test = cls(found["alpha"])
        for name in _SAVED:
            setattr(test, name, found[name])
        for pair, saved in zip(test._counts.values(), found["counts"]):
            for counter, items in zip(pair, saved):
                counter.update(dict(items))
        test._log = state["log"]
        return test

    def _factors(self, name: str, prior: float, texts: tuple[Text, Text], start: int) -> list[float]:
        """Log factors of betting on the first difference, and on the whole texts at each power."""
        scores = [self._scores(name, prior, text, start) for text in texts]
        differ = _first_difference(*texts)
        at_first = [score[differ - start] if differ - start < len(score) else 0.0 for score in scores]
        difference = at_first[0] - at_first[1]
        total = sum(scores[0]) - sum(scores[1])
        return [_log_bet(difference), *(_log_bet(power * total) for power in WHOLE)]

    def _scores(self, name: str, prior: float, text: Text, start: int) -> list[float]:
        """For each token the log of how much more often it came from the first generator."""
        ours, theirs = self._counts[name]
        keys = [(CONTEXTS[name](text, place), text[place]) for place in range(start, len(text))]
        return [log((ours[key] + prior) / (theirs[key] + prior)) for key in keys]

    def _learn(self, name: str, texts: tuple[Text, Text], start: int) -> None:
        for counter, text in zip(self._counts[name], texts):
            counter.update((CONTEXTS[name](text, place), text[place]) for place in range(start, len(text)))


_SAVED = ("alpha", "pairs", "tokens", "_now", "_peak")


def _first_difference(one: Text, other: Text) -> int:
    """The first place where two texts differ, or one ends."""
    return len(list(takewhile(lambda pair: pair[0] == pair[1], zip(one, other))))


def _log_bet(difference: float) -> float:
    """log(2 / (1 + exp(-difference)))."""
    return log(2) - float(np.logaddexp(0, -difference))
