"""n-gram laws: positive, normalised, equal to the formula written out, the same after saving and loading."""

import io
from itertools import product

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from specsim.models import ngram

V = 4
TEXTS = st.lists(st.lists(st.integers(0, V - 1), max_size=12), min_size=1, max_size=4).filter(any)
ORDERS = st.integers(1, 5)


def grams(texts, length):
    return [tuple(text[i : i + length]) for text in texts for i in range(len(text) - length + 1)]


def counted(texts, length, order):
    """How often each gram occurs; below the highest order, the number of different things before it."""
    before = {}
    for text in texts:
        for i in range(len(text) - length + 1):
            key = i if length == order else None
            left = text[i - 1] if i else "beginning"
            before.setdefault(tuple(text[i : i + length]), set()).add((left, key))
    if length == order:
        everything = grams(texts, length)
        return {gram: everything.count(gram) for gram in before}
    return {gram: len(lefts) for gram, lefts in before.items()}


def kneser_ney(texts, order, context):
    """The recursion of the module's docstring, one token at a time."""
    length = min(len(context), order - 1) + 1
    context = tuple(context[len(context) - length + 1 :])
    lower = kneser_ney(texts, order, context[1:]) if context else [1 / V] * V
    table = counted(texts, length, order)
    once, twice = (list(table.values()).count(seen) for seen in (1, 2))
    discount = min(max(once / (once + 2 * twice), 0.1), 0.9) if once + twice else 0.1
    after = {gram[-1]: count for gram, count in table.items() if gram[:-1] == context}
    total = sum(after.values())
    if not total:
        return lower
    kept = [max(after.get(x, 0) - discount, 0) / total for x in range(V)]
    return [k + discount * len(after) / total * low for k, low in zip(kept, lower)]


@settings(deadline=None, max_examples=60)
@given(TEXTS, ORDERS, st.lists(st.integers(0, V - 1), max_size=6))
@example([[0]], 5, [0, 1, 2, 3])  # nothing is as long as the order
@example([[0, 0, 0, 0, 0]], 2, [0])  # no gram occurs once or twice
@example([[0, 1], [2, 3]], 2, [1])  # a context without continuation
def test_the_law_is_the_formula_written_out(texts, order, context):
    law = ngram.train(texts, V, order)(np.array([context], int))[0]
    assert law == pytest.approx(kneser_ney(texts, order, context), abs=1e-14)


@settings(deadline=None, max_examples=40)
@given(TEXTS, ORDERS)
def test_every_token_has_a_chance_and_chances_sum_to_one(texts, order):
    model = ngram.train(texts, V, order)
    for length in range(order + 1):
        laws = model(np.array(list(product(range(V), repeat=length)), int))
        assert laws.min() > 0
        assert np.abs(laws.sum(axis=1) - 1).max() < 1e-12


def test_only_the_last_tokens_count():
    rng = np.random.default_rng(1)
    model = ngram.train([rng.integers(0, V, 200)], V, 3)
    contexts = rng.integers(0, V, (20, 7))
    assert model.order == 2
    assert (model(contexts) == model(contexts[:, -2:])).all()


def test_a_row_does_not_depend_on_its_batch():
    rng = np.random.default_rng(2)
    model = ngram.train([rng.integers(0, V, 300)], V, 4)
    contexts = rng.integers(0, V, (30, 3))
    alone = np.concatenate([model(row[None]) for row in contexts])
    assert (model(contexts) == alone).all()


def test_an_order_learns_what_it_can_see():
    rng = np.random.default_rng(3)
    text = rng.integers(0, V, 4000)
    text[2::3] = (text[0:-2:3] + text[1:-1:3]) % V  # every third token is the sum of the two before
    scores = [
        np.log(held_out(ngram.train([text[:3000]], V, order), text[3000:])).mean() for order in (1, 2, 3)
    ]
    assert scores[2] > scores[1] + 0.1
    assert scores[1] == pytest.approx(scores[0], abs=0.02)


def held_out(model, text):
    windows = np.lib.stride_tricks.sliding_window_view(text, 5)
    return model(windows[:, :4])[np.arange(len(windows)), windows[:, 4]]


def test_grams_do_not_cross_sequences():
    apart, joined = ngram.train([[0, 1], [2, 3]], V, 2), ngram.train([[0, 1, 2, 3]], V, 2)
    after_one = np.array([[1]])
    assert apart(after_one)[0] == pytest.approx(apart(np.zeros((1, 0), int))[0])
    assert joined(after_one)[0].argmax() == 2


@settings(deadline=None, max_examples=20)
@given(texts=TEXTS, order=ORDERS)
def test_a_saved_model_comes_back_the_same(tmp_path_factory, texts, order):
    path = tmp_path_factory.mktemp("ngram") / "model.npz"
    model = ngram.train(texts, V, order)
    model.save(path)
    back = ngram.load(path)
    contexts = np.random.default_rng(0).integers(0, V, (20, 5))
    assert (back.vocab_size, back.order) == (V, order - 1)
    assert (back(contexts) == model(contexts)).all()


def test_large_vocabularies_of_high_order_fit():
    model = ngram.train([[151_935, 0, 151_935, 151_935, 7]], 151_936, 5)
    law = model(np.array([[151_935, 0, 151_935, 151_935]]))[0]
    assert law.argmax() == 7
    assert abs(law.sum() - 1) < 1e-12


WORDS = {"a": 0, "b": 1, "c": 2, "d": 3}


def library_tokenizer():
    tokenizer = Tokenizer(models.WordLevel(WORDS, unk_token="d"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return tokenizer


@pytest.mark.parametrize(
    "tokenizer, size",
    [
        (library_tokenizer(), None),
        (PreTrainedTokenizerFast(tokenizer_object=library_tokenizer()), None),
        (lambda text: [WORDS[word] for word in text.split()], 4),
    ],
    ids=["tokenizers", "transformers", "callable"],
)
def test_any_tokenizer_gives_the_same_model(tokenizer, size):
    model = ngram.train_text(["a b a b", "c a"], tokenizer, 2, vocab_size=size)
    expected = ngram.train([[0, 1, 0, 1], [2, 0]], 4, 2)
    assert (model(np.array([[0], [3]])) == expected(np.array([[0], [3]]))).all()


def test_tokenizers_that_do_not_say_enough_are_refused():
    with pytest.raises(ValueError, match="pass vocab_size="):
        ngram.train_text(["a"], str.split, 1)
    with pytest.raises(TypeError, match="callable from text to ids"):
        ngram.train_text(["a"], 5, 1)


@pytest.mark.parametrize(
    "sequences, vocabulary, order, message",
    [
        ([[0, 4]], 4, 1, "must lie in 0..3, got 4"),
        ([[-1]], 4, 1, "must lie in 0..3, got -1"),
        ([[0.5]], 4, 1, "must be integers"),
        ([0, 1], 4, 1, "for a single one"),
        ([], 4, 1, "at least one token"),
        ([[], []], 4, 1, "at least one token"),
        ([[0]], 4, 0, "order must be 1"),
        ([[0]], 4, 6, "order must be 1"),
        ([[0]], 0, 1, "vocab_size must be"),
    ],
)
def test_what_cannot_be_counted_is_refused(sequences, vocabulary, order, message):
    with pytest.raises(ValueError, match=message):
        ngram.train(sequences, vocabulary, order)


def test_contexts_of_other_tokens_are_refused():
    with pytest.raises(ValueError, match=r"must lie in 0..3, got 9"):
        ngram.train([[0, 1]], V, 2)(np.array([[9, 0]]))


def damaged(name, change):
    return pytest.param(change, id=name)


@pytest.mark.parametrize(
    "change",
    [
        damaged("cut short", lambda data, arrays: data[:100]),
        damaged("no archive", lambda data, arrays: b"hello"),
        damaged("empty", lambda data, arrays: b""),
        damaged("array missing", lambda data, arrays: packed({**arrays, "counts_2": None})),
        damaged("future format", lambda data, arrays: packed({**arrays, "format": np.array(99)})),
        damaged(
            "ids out of range", lambda data, arrays: packed({**arrays, "tokens_1": arrays["tokens_1"] + 9})
        ),
        damaged(
            "counts of zero", lambda data, arrays: packed({**arrays, "counts_2": arrays["counts_2"] * 0})
        ),
        damaged("sizes off", lambda data, arrays: packed({**arrays, "sizes_2": arrays["sizes_2"] + 1})),
        damaged("pickled", lambda data, arrays: packed({**arrays, "counts_2": np.array([{}], object)})),
    ],
)
def test_damaged_files_are_refused(tmp_path, change):
    path = tmp_path / "model.npz"
    ngram.train([[0, 1, 0, 2]], V, 2).save(path)
    with np.load(path) as file:
        arrays = dict(file)
    path.write_bytes(change(path.read_bytes(), arrays))
    with pytest.raises(ValueError, match="not a readable n-gram model"):
        ngram.load(path)


def packed(arrays):
    buffer = io.BytesIO()
    np.savez(buffer, **{name: array for name, array in arrays.items() if array is not None})
    return buffer.getvalue()


def test_missing_files_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="no n-gram model at"):
        ngram.load(tmp_path / "absent.npz")
