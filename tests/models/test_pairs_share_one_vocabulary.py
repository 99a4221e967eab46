"""Pairs are found by name or folder, and refused where target and draft do not fit together."""

import subprocess
import sys

import numpy as np
import pytest
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast

from specsim.models import Pair, iid, load_pair, ngram, pair_names
from specsim.models.pairs import regimes
from specsim.models.vocabularies import TokenLevel

EMPTY = np.zeros((1, 0), int)


def tokenizer(*words):
    return PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="a"))
    )


@pytest.fixture
def folder(tiny, tmp_path):
    for part in ("target", "draft"):
        tiny.model.save_pretrained(tmp_path / part)
    return tmp_path


def test_sizes_must_be_equal():
    with pytest.raises(ValueError, match=r"sizes 2 \(target\) and 3 \(draft\)"):
        Pair(target=iid([0.5, 0.5]), draft=iid([0.5, 0.25, 0.25]))


@pytest.mark.parametrize(
    "name", [name for name in pair_names() if not name.startswith(("builtin", "smollm2"))]
)
def test_toy_pairs_have_their_name(name):
    pair = load_pair(name)
    assert pair.name == name
    assert pair.target(EMPTY).shape == pair.draft(EMPTY).shape == (1, pair.vocab_size)


def test_unknown_names_list_what_exists():
    with pytest.raises(
        ValueError, match=r"unknown pair 'nothing'; the named ones are toy, bernoulli, regimes"
    ):
        load_pair("nothing")


def test_a_folder_with_two_networks_is_a_pair(folder, tiny):
    pair = load_pair(folder)
    for model in (pair.target, pair.draft):
        assert np.abs(model(np.array([[1]])) - tiny(np.array([[1]]))).max() < 1e-6
    assert (pair.name, pair.vocab_size, pair.tokenizer) == (folder.name, 17, None)


def test_an_ngram_draft_goes_before_a_network(folder):
    ngram.train([[1, 2, 3]], 17, 2).save(folder / "draft.npz")
    assert load_pair(folder).draft.order == 1


def test_two_models_make_a_pair(folder):
    ngram.train([[1, 2, 3]], 17, 1).save(folder / "one.npz")
    pair = load_pair(f"{folder / 'target'}, {folder / 'one.npz'}")
    assert (pair.target.vocab_size, pair.draft.order) == (17, 0)


def test_missing_halves_are_named(folder, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no model folder .*target"):
        load_pair(folder / "target")
    with pytest.raises(FileNotFoundError, match="no n-gram model at"):
        load_pair(f"{folder / 'target'},{tmp_path / 'absent.npz'}")


@pytest.mark.parametrize("place", ["target", "tokenizer"])
def test_the_tokenizer_lies_with_the_target_or_beside_it(folder, place):
    tokenizer("a", "b").save_pretrained(folder / place)
    assert load_pair(folder).tokenizer.get_vocab() == {"a": 0, "b": 1}


def test_a_draft_with_other_ids_drafts_the_tokens_that_both_have(folder):
    tokenizer("a", "b").save_pretrained(folder / "target")
    tokenizer("b", "a").save_pretrained(folder / "draft")
    pair = load_pair(folder)
    assert isinstance(pair.draft, TokenLevel)
    assert pair.vocab_size == pair.draft.vocab_size == 17


def stationary(matrix):
    values, vectors = np.linalg.eig(matrix.T)
    law = np.real(vectors[:, np.argmax(np.real(values))])
    return law / law.sum()


def tokens_per_round(pair, gamma):
    """The exact mean for a Markov pair: attempted mass, averaged over the states that rounds begin in."""
    target, both = pair.target.transitions, np.minimum(pair.target.transitions, pair.draft.transitions)
    powers = [np.linalg.matrix_power(both, i) for i in range(gamma + 1)]
    round_to_round = sum(powers[:gamma]) @ (target - both) + powers[gamma] @ target
    return sum((stationary(round_to_round) @ power).sum() for power in powers)


def iid_formula(alpha, gamma):
    return (1 - alpha ** (gamma + 1)) / (1 - alpha)


def test_regimes_overlap_by_64_percent_on_average():
    pair = regimes()
    overlap = np.minimum(pair.target.transitions, pair.draft.transitions).sum(axis=1)
    assert pair.target(EMPTY)[0] == pytest.approx(stationary(pair.target.transitions))
    assert pair.draft(EMPTY)[0] == pytest.approx(stationary(pair.draft.transitions))
    assert stationary(pair.target.transitions) @ overlap == pytest.approx(0.64)


def test_regimes_that_persist_fall_short_of_the_iid_formula():
    assert tokens_per_round(regimes(), 5) < iid_formula(0.64, 5) - 0.1


def test_regimes_without_memory_obey_the_iid_formula():
    assert tokens_per_round(regimes(stay=0.5), 5) == pytest.approx(iid_formula(0.64, 5), abs=1e-12)


@pytest.mark.parametrize("name", [name for name in pair_names() if name.startswith("builtin")])
def test_the_builtin_pairs_load_and_continue_text(name):
    pair = load_pair(name)
    ids = np.array([pair.tokenizer("The answer is", add_special_tokens=False)["input_ids"]])
    for model in (pair.target, pair.draft):
        law = model(ids)[0]
        assert law.shape == (pair.vocab_size,)
        assert abs(law.sum() - 1) < 1e-5


def test_importing_models_leaves_torch_alone():
    code = (
        "import sys, specsim.models; specsim.models.load_pair('toy');"
        "print([name for name in ('torch', 'transformers', 'scipy.stats') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
