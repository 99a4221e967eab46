"""n-gram models: the law of the next token from counts of the few tokens before it.

The question: having seen a text, how likely is token x after the context h (the last order - 1 tokens)?
Counting alone says c(hx) / c(h), which is 0 for whatever the text lacks. *Interpolated Kneser-Ney smoothing*
takes a discount D off every count and hands what it gains to the same question with one token less of
context, h' :

    law(x | h) = max(c(hx) - D, 0) / c(h.)  +  D distinct(h.) / c(h.)  law(x | h')

where c(h.) sums c(hx) over x and distinct(h.) counts the x that follow h. The last step down goes to the
uniform law, so every token has a positive chance. Below the highest order c(hx) is not how often hx occurs
but how many different tokens precede it: "Francisco" is frequent, yet follows one word only, and should be
rare after an unknown one. One discount per order, D = n1 / (n1 + 2 n2) with n1 and n2 the number of grams
counted once and twice, needs no held-out text. Among the classical smoothings the Kneser-Ney family
predicts best on texts of all sizes (Chen and Goodman 1999), and it costs no more to count or to look up
than Witten-Bell's or plain absolute discounting.

>>> model = train([[0, 1, 0, 1, 0, 2]], vocab_size=3, order=2)
>>> law = model(np.array([[1]]))        # after token 1: in the text always token 0
>>> law.round(3), bool(law.min() > 0)
(array([[0.95 , 0.025, 0.025]]), True)

Where the context is shorter than order - 1 tokens, or was never seen, the law is that of its longest seen
suffix; the empty context has the law of order 1.

Kneser and Ney 1995; Ney, Essen and Kneser 1994 (the discount); Chen and Goodman 1999.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .checks import check_context
from .ngram_counts import Grams, Level, count_grams, discounted, find
from .ngram_file import read, write
from .tokenizing import encoder

__all__ = ["NGram", "load", "train", "train_text"]


@dataclass(frozen=True, eq=False)
class NGram:
    """An n-gram model: call it with tokens (B, t), get the laws (B, vocab_size) of the next token.

    vocab_size: number of tokens V. grams: the counts, one entry per length 1..k; made by `train`. `order` is
    the number of tokens that the law depends on: k - 1.

    >>> bigram = train([[0, 1, 0, 1, 0, 2]], vocab_size=3, order=2)
    >>> bigram.order, bigram(np.array([[0, 1], [2, 0]])).shape
    (1, (2, 3))
    """

    vocab_size: int
    grams: tuple[Grams, ...]
    homogeneous: bool = True

    @property
    def order(self) -> int:
        """How many of the last tokens the law depends on."""
        return len(self.grams) - 1

    def __call__(self, tokens: npt.ArrayLike) -> np.ndarray:
        """Laws (B, V) in float64 of the token after each row of tokens (B, t); ValueError for bad ids."""
        context = check_context(tokens, self.vocab_size)
        rows, length = context.shape
        laws = np.repeat(self._unigram, rows, axis=0)
        for used in range(1, min(self.order, length) + 1):
            self._interpolate(laws, used, self._number(context[:, length - used :]))
        return laws

    def save(self, path: str | Path) -> None:
        """Write the counts to `path` (.npz, plain arrays only); `load` reads them back."""
        write(path, self.vocab_size, self.grams)

    @cached_property
    def _levels(self) -> list[Level]:
        return [discounted(grams) for grams in self.grams]

    @cached_property
    def _unigram(self) -> np.ndarray:
        laws = np.full((1, self.vocab_size), 1 / self.vocab_size)
        self._interpolate(laws, 0, np.zeros(1, int))
        return laws / laws.sum()

    def _number(self, context: np.ndarray) -> np.ndarray:
        """The number of each row among the counted grams of that length; -1 where it was never seen."""
        number = np.zeros(len(context), np.int64)
        for grams, token in zip(self.grams, context.T):
            number = find(grams.keys, number * self.vocab_size + token)
        return number

    def _interpolate(self, laws: np.ndarray, used: int, number: np.ndarray) -> None:
        """Turn the laws after used - 1 tokens of context into those after `used`, in place."""
        level, size = self._levels[used], self._levels[used].size[number]
        laws *= level.handed_down[number, None]
        row = np.repeat(np.arange(len(laws)), size)
        entry = np.arange(len(row)) + np.repeat(level.begin[number] - np.cumsum(size) + size, size)
        laws[row, self.grams[used].keys[entry] % self.vocab_size] += level.weights[entry]


def train(sequences: Iterable[Sequence[int]], vocab_size: int, order: int) -> NGram:
    """An n-gram model of grams up to `order` tokens (2: a bigram model) counted in the sequences.

    sequences: integer sequences, ids in 0..vocab_size - 1; grams do not cross from one to the next.
    order: 1 to 5. Raises ValueError for ids out of range, for no token at all, for other orders.

    >>> unigram = train([[0, 0, 1], [0]], vocab_size=2, order=1)
    >>> unigram(np.zeros((1, 0), int)).round(3)
    array([[0.75, 0.25]])
    """
    return NGram(vocab_size, count_grams(sequences, vocab_size, order))


def train_text(texts: Iterable[str], tokenizer: Any, order: int, vocab_size: int | None = None) -> NGram:
    """An n-gram model of texts, cut into tokens by any tokenizer.

    tokenizer: one of `tokenizers` or `transformers`, or a callable from text to ids; a callable needs
    `vocab_size` as well. No special tokens are added.

    >>> model = train_text(["abab"], lambda text: [ord(c) - ord("a") for c in text], 2, vocab_size=2)
    >>> bool(model(np.array([[0]]))[0, 1] > 0.5)
    True
    """
    encode, size = encoder(tokenizer, vocab_size)
    if isinstance(texts, str):
        texts = [texts]
    return train((encode(text) for text in texts), size, order)


def load(path: str | Path) -> NGram:
    """The n-gram model that `NGram.save` wrote to `path`.

    Raises FileNotFoundError where there is none, ValueError where the file is not such a model.
    """
    return NGram(*read(path))
