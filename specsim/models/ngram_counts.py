"""Counting n-grams: which token follows which context, how often, in how many surroundings.

Grams of one length are kept sorted. A gram of m tokens is numbered by its place among them and keyed by

    key = (number of its first m - 1 tokens) * V + (its last token)

so that the continuations of one context lie side by side, keys stay far below 2^63 for any vocabulary, and
a whole text is counted by sorting one array of integers per length.

>>> one, two = count_grams([[0, 1, 0, 1, 0, 2]], vocab_size=3, order=2)
>>> two.keys, two.counts              # (0,1) (0,2) (1,0): twice, once, twice
(array([1, 2, 3]), array([2, 1, 2]))
>>> one.counts                        # tokens that precede 0, 1, 2; the beginning of a text counts as one
array([2, 1, 1])
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from .checks import check_ids

MAX_ORDER = 5


@dataclass(frozen=True, eq=False)
class Grams:
    """The counted grams of one length.

    keys: (n,) sorted; counts: (n,) at least 1; begin: (contexts + 1,) where each context's keys begin.
    """

    keys: np.ndarray
    counts: np.ndarray
    begin: np.ndarray


@dataclass(frozen=True, eq=False)
class Level:
    """One length of grams made ready for use. The entry -1 stands for a context that was never seen.

    weights: (n,) (count - D) / c(context); handed_down: (contexts + 1,) D distinct(context) / c(context), 1
    for a context without continuation; size: (contexts + 1,) its number of grams; begin: as in Grams.
    """

    weights: np.ndarray
    handed_down: np.ndarray
    size: np.ndarray
    begin: np.ndarray


def count_grams(sequences: Iterable[Sequence[int]], vocab_size: int, order: int) -> tuple[Grams, ...]:
    """The grams of 1..order tokens: the longest with their frequency, the others with the number of
    different tokens before them (the beginning of a sequence is one)."""
    _check_size(vocab_size, order)
    tokens, left = _joined(sequences, vocab_size)
    first = np.flatnonzero(np.append(True, left[:-1] == 1))  # where sequences begin
    number = np.zeros(len(tokens), np.int64)  # of the gram that starts at each position
    place, contexts = np.arange(len(tokens)), 1
    levels: list[Grams] = []
    for length in range(1, order + 1):
        place = place[left[place] >= length]
        key = number[place] * vocab_size + tokens[place + length - 1]
        keys, found, inverse, counts = np.unique(key, True, True, True)
        if levels:
            inner = number[place[found] + 1]
            starting = np.unique(number[first[left[first] >= length - 1]])
            preceding = np.bincount(np.append(inner, starting), minlength=contexts)
            levels[-1] = Grams(levels[-1].keys, preceding, levels[-1].begin)
        levels.append(Grams(keys, counts, begins(keys // vocab_size, contexts)))
        number = np.full(len(tokens), -1)
        number[place], contexts = inverse, len(keys)
    return tuple(levels)


def begins(context: np.ndarray, contexts: int) -> np.ndarray:
    """Where the entries of each context begin, given the sorted context numbers; and where all end."""
    return np.append(0, np.cumsum(np.bincount(context, minlength=contexts)))


def find(keys: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The place of each wanted key among sorted keys; -1 where it is missing."""
    if not len(keys):
        return np.full(len(wanted), -1)
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, place, -1)


def discounted(grams: Grams) -> Level:
    """The counts of one length turned into chances.

    D = n1 / (n1 + 2 n2), kept within [0.1, 0.9] for texts in which no gram, or every one, occurs once.
    """
    once, twice = (int(np.count_nonzero(grams.counts == seen)) for seen in (1, 2))
    discount = min(max(once / max(once + 2 * twice, 1), 0.1), 0.9)
    size = np.diff(grams.begin)
    total = np.diff(np.append(0, np.cumsum(grams.counts))[grams.begin])
    handed_down = np.where(total > 0, discount * size / np.maximum(total, 1), 1.0)
    weights = (grams.counts - discount) / np.repeat(total, size)
    return Level(weights, np.append(handed_down, 1.0), np.append(size, 0), grams.begin)


def _joined(sequences: Iterable[Sequence[int]], vocab_size: int) -> tuple[np.ndarray, np.ndarray]:
    """All tokens in one array, and how many are left in the sequence from each on."""
    arrays = [check_ids(sequence, vocab_size) for sequence in sequences]
    tokens = np.concatenate([np.zeros(0, np.int64), *arrays])
    if not len(tokens):
        raise ValueError("training needs at least one token, got none; pass a list of sequences")
    lengths = [len(array) for array in arrays]
    return tokens, np.repeat(np.cumsum(lengths), lengths) - np.arange(len(tokens))


def _check_size(vocab_size: int, order: int) -> None:
    if int(vocab_size) != vocab_size or vocab_size < 1:
        raise ValueError(f"vocab_size must be a whole number of at least 1, got {vocab_size!r}")
    if order not in range(1, MAX_ORDER + 1):
        raise ValueError(f"order must be 1 (unigram) to {MAX_ORDER}, got {order!r}")
