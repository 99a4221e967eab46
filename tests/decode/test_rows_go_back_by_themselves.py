"""A session may rewind each row to a length of its own, and reads on as if the rest had never been."""

import numpy as np
import pytest
import torch

from specsim.models import markov, session

from .conftest import gpt2, llama

MODELS = {
    "a table": lambda: markov([1, 0, 0], np.random.default_rng(0).dirichlet(np.ones(3), 3)),
    "llama": lambda: llama(1, vocabulary=3, layers=2),
    "gpt2": lambda: gpt2(2, layers=2),
}


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_what_was_forgotten_leaves_no_trace(model):
    model, rng = model(), np.random.default_rng(4)
    reader, texts = session(model, batch=3), [[], [], []]
    for _ in range(8):
        added = rng.integers(0, 3, (3, 4))
        laws = reader.extend(torch.tensor(added), keep=1)
        texts = [[*text, *row] for text, row in zip(texts, added.tolist())]
        expected = [model(np.array([text]))[0] for text in texts]
        assert np.allclose(laws[:, 0].numpy(), expected)
        lengths = [int(rng.integers(max(1, len(text) - 5), len(text) + 1)) for text in texts]
        reader.rewind(lengths)
        texts = [text[:length] for text, length in zip(texts, lengths)]
        assert reader.lengths == lengths


def test_a_tree_is_forgotten_with_the_ends_of_texts():
    model = llama(1)
    reader = session(model, batch=2)
    reader.extend(np.array([[1, 2, 3, 4], [5, 6, 1, 2]]), parent=(0, 0))
    reader.rewind([2, 1])
    laws = reader.extend(np.array([[3], [4]]))
    assert np.allclose(laws[:, 0], [model(np.array([text]))[0] for text in ([1, 2, 3], [5, 4])])


def test_other_numbers_of_lengths_are_refused():
    reader = session(MODELS["a table"](), batch=2)
    reader.extend(np.zeros((2, 3), int))
    with pytest.raises(ValueError, match="one for each of 2 rows, got 3"):
        reader.rewind([1, 1, 1])
    with pytest.raises(ValueError, match=r"rewind to 0\.\.3, got \[1, 4\]"):
        reader.rewind([1, 4])
