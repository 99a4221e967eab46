"""What `--draft` says, in Python: look-ups, early exits, models with any tokenizer, and one for another."""

import pytest

from specsim.decode import early_exit, generate, hierarchical, prompt_lookup, string_match
from specsim.decode.naming import find_draft
from specsim.models import load, load_pair
from specsim.models.vocabularies import TokenLevel

from .conftest import llama
from .tokenizers_of_letters import AB, BC


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A target, a draft with the same tokens, and one with others."""
    made = []
    for seed, own in ((1, AB), (2, AB), (3, BC)):
        folder = tmp_path_factory.mktemp(f"model{seed}")
        llama(seed, vocabulary=len(own)).model.save_pretrained(folder)
        own.save_pretrained(folder)
        made.append(str(folder))
    return made


def test_a_name_means_what_its_parts_say(folders):
    ours, same, other = folders
    target = load(ours, dtype="float64")
    model, other_model = load(same, dtype="float64"), load(other, dtype="float64")
    drafts = {
        "lookup:2": prompt_lookup(2),
        same: model,
        f"match:{other}": string_match(other_model),
        f"{same},lookup": hierarchical(model, prompt_lookup()),
        f"{same}, {other},lookup:1": hierarchical(model, hierarchical(other_model, prompt_lookup(1))),
    }
    settings = {"max_new_tokens": 12, "rng": 1, "eos": ()}
    for name, draft in drafts.items():
        found = generate(target, find_draft(name, target, dtype="float64"), "abc", **settings)
        expected = generate(target, draft, "abc", **settings)
        assert found.tokens == expected.tokens
        assert [one.kept for one in found.rounds] == [one.kept for one in expected.rounds]


def test_an_early_exit_may_be_drafted_for_by_one_that_is_earlier():
    target = llama(1, layers=3)
    found, drafts = find_draft("exit:2,exit:1", target), [early_exit(target, count) for count in (2, 1)]
    made, expected = (
        generate(target, draft, [1, 0], rng=3, max_new_tokens=12) for draft in (found, hierarchical(*drafts))
    )
    assert (made.tokens, made.acceptance) == (expected.tokens, expected.acceptance)


def test_pairs_may_have_two_vocabularies(folders):
    ours, same, other = folders
    assert not isinstance(load_pair(f"{ours},{same}").draft, TokenLevel)
    pair = load_pair(f"{ours},{other}")
    assert isinstance(pair.draft, TokenLevel)
    assert pair.draft.vocab_size == pair.target.vocab_size
    assert len(generate(pair.target, pair.draft, "abc", max_new_tokens=9, rng=0, eos=()).tokens) == 9


@pytest.mark.parametrize(
    "name, message",
    [
        ("lookup,exit:1", "only for a model can 'exit:1' draft, and 'lookup' is none"),
        ("exit", "write exit:N"),
        ("lookup:x", "write lookup:N"),
        ("./nowhere", "there is no model folder"),
        ("", "a model's name is missing"),
        ("match:", "a model's name is missing"),
        (",lookup", "a model's name is missing"),
    ],
)
def test_names_that_mean_nothing_are_refused(name, message):
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        find_draft(name, llama(1))
