"""The array words of the core use nothing but the array API standard, as a strict implementation shows.

The rules gather rows with two index arrays at once, which NumPy and torch have and the standard has not.
"""

import array_api_strict
import numpy as np
import pytest

from specsim.core import arrays

TARGET = np.array([[0.5, 0.3, 0.2], [0.2, 0.2, 0.6], [0.0, 0.0, 0.0]])
DRAFT = np.array([[0.2, 0.5, 0.3], [0.3, 0.3, 0.4], [0.0, 0.0, 0.0]])
TOKENS = np.array([1, 2, 0])

WORDS = {
    "minimum of two": lambda t, d, k: arrays.minimum(t, d),
    "minimum with a number": lambda t, d, k: arrays.minimum(4 * t, 1),
    "positive": lambda t, d, k: arrays.positive(t - d),
    "ratio": lambda t, d, k: arrays.ratio(t, d, 1),
    "zeros": lambda t, d, k: arrays.zeros(t),
    "total": lambda t, d, k: arrays.total(t),
    "normalised": lambda t, d, k: arrays.normalised(arrays.positive(t - d), t),
    "at": lambda t, d, k: arrays.at(t, k),
    "one_hot": lambda t, d, k: arrays.one_hot(k, like=t),
}


@pytest.mark.parametrize("word", WORDS.values(), ids=WORDS)
def test_a_word_gives_in_strict_arrays_what_it_gives_in_numpy(word):
    given = TARGET, DRAFT, TOKENS
    found = word(*map(array_api_strict.asarray, given))
    assert isinstance(found, type(array_api_strict.asarray(TARGET)))
    assert (np.asarray(found) == word(*given)).all()


@pytest.mark.parametrize("word", WORDS.values(), ids=WORDS)
def test_a_word_keeps_the_precision_that_it_is_given(word):
    single = TARGET.astype(np.float32), DRAFT.astype(np.float32), TOKENS
    assert word(*single).dtype == np.float32


@pytest.mark.parametrize("word", WORDS.values(), ids=WORDS)
def test_a_word_keeps_fractions(word):
    exact = np.vectorize(arrays.Fraction, otypes=[object])
    found = word(exact(TARGET), exact(DRAFT), TOKENS)
    assert all(isinstance(value, arrays.Fraction | int) for value in found.flat)
    assert abs(found.astype(float) - word(TARGET, DRAFT, TOKENS)).max() <= 1e-15
