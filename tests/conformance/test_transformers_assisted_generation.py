"""Assisted generation of the installed transformers release, walked end to end on tiny models.

Two settings here; `specsim conform transformers` walks them all, and the profile `explore` does so in a test.
"""

import pytest
from hypothesis import settings

from specsim.conformance.assisted import PRECISIONS, SETTINGS, causal_logits, check_rule, check_setting
from specsim.conformance.assisted.pairs import model
from specsim.conformance.state import divergence

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

DEEP = settings.get_current_profile_name() == "explore"
KNOWN = {"get_vocab"}
"""Settings in which the installed release is not exact although it is meant to be."""
WALKED = list(SETTINGS) if DEEP else ["plain", "greedy", "top_k", "lookup top_k", "get_vocab"]


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("name", WALKED)
def test_a_setting_is_exact_where_it_is_meant_to_be(name):
    report = check_setting(name, length=3 if DEEP else 2, seconds=120)
    assert report.unexplored < 1e-9
    assert report.verdict == ("exact" if SETTINGS[name].exact and name not in KNOWN else "lossy")


def test_the_global_generator_of_torch_is_left_alone():
    before = torch.get_rng_state()
    check_setting("greedy", length=2)
    assert torch.equal(before, torch.get_rng_state())


def test_what_is_known_to_be_wrong_is_said():
    report = check_setting("get_vocab", length=2)
    assert "get_vocab()" in report.diagnosis.words
    assert report.counterexample.inputs["prompts"] == [[0, 1]]


@pytest.mark.parametrize("precision", PRECISIONS)
def test_a_coin_of_zero_keeps_a_forbidden_token_the_more_often_the_fewer_bits_it_has(precision):
    bits = {"float32": 24, "float16": 12, "bfloat16": 9}[precision]
    report = check_rule(precision)
    assert report.verdict == "lossy"
    said = next(note for note in report.notes if "is kept" in note)
    assert float(said.split("chance ")[1].split()[0]) == pytest.approx(2.0**-bits, rel=0.05)


def test_a_setting_that_is_none_is_refused():
    with pytest.raises(ValueError, match="'beam'"):
        check_setting("beam")


def test_logits_are_the_same_at_every_width_but_for_rounding():
    logits = causal_logits(model(1))
    narrow = torch.stack([logits((0, 1, 2, 0)[:length], 1)[0] for length in (2, 3, 4)])
    assert torch.allclose(narrow, logits((0, 1, 2, 0), 3), atol=1e-5)


def test_a_greedy_text_that_follows_the_draft_parts_by_the_verifiers_fault():
    target = model(1)
    ids = torch.tensor([[0, 1]])
    right = target.generate(ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=4)
    text = right[0, 2:].tolist()
    wrong = [*text[:2], (text[2] + 1) % 3]
    found = divergence((0, 1), text, wrong, causal_logits(target), gamma=2)
    assert (found.at, found.cause) == (2, "verifier")
    assert found.moved < 1e-5 < found.gap
