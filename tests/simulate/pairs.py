"""The pairs of these tests: what a table can hold, and what it cannot."""

from fractions import Fraction as F

import numpy as np

from specsim.models import Pair, iid, load_pair, markov, ngram, table


def _drawn(seed, *shape):
    return np.random.default_rng(seed).dirichlet(np.full(shape[-1], 0.8), shape[:-1])


def _markov(seed, tokens=3):
    target, draft = _drawn(seed, 2, tokens + 1, tokens)
    return Pair(markov(target[0], target[1:]), markov(draft[0], draft[1:]))


def _by_position():
    target, draft = _drawn(3, 2, 12, 3, 3)
    return Pair(markov(target[0, 0], target), markov(draft[0, 0], draft))


def _trigram():
    text = np.random.default_rng(4).integers(0, 3, 200).tolist()
    return Pair(ngram.train([text], 3, order=3), ngram.train([text], 3, order=2))


TABLED = {
    "toy": load_pair("toy"),
    "markov": _markov(1),
    "fractions": Pair(iid([F(1, 3), F(2, 3)]), iid([F(2, 3), F(1, 3)])),
    "zeros": Pair(iid([0.5, 0.5, 0.0]), iid([0.0, 0.4, 0.6])),
    "trigram": _trigram(),
}
PLAYED = {
    "by position": _by_position(),
    "table": Pair(table({(): [0.2, 0.8], (1,): [0.9, 0.1]}, default=[0.6, 0.4]), iid([0.5, 0.5])),
    "wide": _markov(2, tokens=40),
}
PAIRS = TABLED | PLAYED
