"""The exhibits do what is said of them: what is wrong has another law than the target, what is exact has not.

The laws come from two sides: the kit's engine, and `coins`, which shares nothing with it. No check is asked.
"""

import dataclasses
import inspect
from functools import cache

import numpy as np
import pytest

from specsim.conformance.gallery import GALLERY, TOYS
from specsim.conformance.gallery.contracts import asked
from specsim.conformance.gallery.laws import distance, due, emitted, walked
from specsim.conformance.report import KINDS
from specsim.report.gallery_page import first

from .coins import law_of

SILENT = {"M51", "M52", "X26", "X27"}
"""Wrong in something else than the law of a text; see the tests at the end of this file."""
LATTICE = {"M43"}
"""Wrong only because a coin of 24 bits can be 0."""

NUMPY = [id for id, one in GALLERY.items() if one.array == "numpy"]
WRONG = [id for id, one in GALLERY.items() if not one.exact]
CONTROLS = [id for id, one in GALLERY.items() if one.exact]

CATALOGUE = (
    "1 2 5 6 7 9 10 11 12 13 15 16 17 18 19 21 22 23 24 25 26 27 31 32 33 34 36 37 39 40 41 42 43 44 46"
)
PRINTED = {
    "M01": 0.071, "M02": 0.136, "M05": 0.177, "M06": 0.355, "M07": 0.170, "M11": 0.099, "M12": 0.062,
    "M13": 0.355, "M15": 0, "M16": 0, "M18": 0.355, "M21": 0.355, "M22": 0.042, "M23": 0.042, "M25": 0.071,
    "M26": 0.080, "M31": 0.099, "M32": 0.246, "M33": 0.208, "M37": 0, "M39": 0,
}  # fmt: skip
"""Total variation of the first token as it was measured elsewhere, on four tokens of overlap 0.6455."""


def toy_of(exhibit):
    """The toy of the exhibit, with shorter drafts, which are quicker to walk."""
    if exhibit.array == "torch":
        return TOYS["small"]
    shorter = {"drafter": 1, "chain": 2}.get(exhibit.contract, 9)
    toy = TOYS[exhibit.pair]
    return dataclasses.replace(toy, gamma=min(toy.gamma, shorter))


def length_of(exhibit):
    """As many tokens as it takes to see a bonus, and the round after it."""
    return 2 if exhibit.contract == "batch" else 3


@cache
def law(id):
    """What the engine says that comes out."""
    return emitted(GALLERY[id], length_of(GALLERY[id]), toy=toy_of(GALLERY[id]))


def bias(id):
    """Total variation between what comes out and what should."""
    return distance(law(id), due(GALLERY[id], length_of(GALLERY[id]), toy_of(GALLERY[id])))


def test_the_gallery_is_complete():
    seen = [f"M{int(number):02}" for number in f"{CATALOGUE} 47 48 49 50 51 52".split()]
    assert seen == [id for id in GALLERY if id.startswith("M")]
    assert {f"C{number}" for number in range(1, 10)} <= GALLERY.keys()
    assert len([id for id in GALLERY if id.startswith("X")]) >= 15


def test_every_kind_of_fault_is_there():
    assert {one.kind for one in GALLERY.values()} == {*KINDS, None}


@pytest.mark.parametrize("id", GALLERY)
def test_an_exhibit_is_short_and_says_what_it_is(id):
    exhibit = GALLERY[id]
    assert exhibit.title
    assert exhibit.source
    assert exhibit.code.startswith(f"def {exhibit.run.__name__}(")
    assert exhibit.code.count("\n") < 35
    assert [name for name in exhibit.options if name not in inspect.signature(exhibit.run).parameters] == []


@pytest.mark.parametrize("id", [id for id in NUMPY if id not in LATTICE])
def test_the_engine_and_a_second_enumeration_agree(id):
    again = emitted(GALLERY[id], length_of(GALLERY[id]), law_of, toy_of(GALLERY[id]))
    crashed = [
        sum(chance for text, chance in one.items() if not isinstance(text, tuple)) for one in (law(id), again)
    ]
    assert distance(law(id), again) - max(crashed) < 1e-12
    assert crashed[0] == pytest.approx(crashed[1], abs=1e-12)


@pytest.mark.parametrize("id", WRONG)
def test_what_is_wrong_has_another_law(id):
    assert (bias(id) < 1e-12) == (id in SILENT)


@pytest.mark.parametrize("id", CONTROLS)
def test_what_is_exact_has_the_targets_law(id):
    assert bias(id) < (1e-6 if GALLERY[id].array == "torch" else 1e-12)


@pytest.mark.parametrize("id", PRINTED)
def test_the_first_token_is_as_far_off_as_was_measured_elsewhere(id):
    one = GALLERY[id]
    off = distance(first(emitted(one, 1 if one.contract != "generator" else 2, law_of)), first(due(one, 1)))
    assert off == pytest.approx(PRINTED[id], abs=5.1e-4)


def test_a_coin_that_is_the_key_of_the_draft_is_as_far_off_as_was_measured_elsewhere():
    toy = dataclasses.replace(TOYS["toy"], gamma=1)
    off = distance(first(emitted(GALLERY["M36"], 2, law_of, toy)), first(due(GALLERY["M36"], 1, toy)))
    assert off == pytest.approx(0.119, abs=5e-4)


def test_a_coin_of_zero_keeps_a_token_that_the_target_never_emits():
    zeros = TOYS["zeros"]
    target, draft = np.array([zeros.target((0,))] * 2), np.array([zeros.draft((0,))])
    came = walked(lambda rng: tuple(GALLERY["M43"].run(target, draft, [0], rng)))
    assert sum(chance for text, chance in came.items() if text[0] == 0) == 2.0**-24


def test_a_mate_changes_the_text_of_a_batch_with_one_stream():
    for id, depends in {"M51": True, "C12": False}.items():
        texts = [_batch(id, [(0,), mate])[0] for mate in [(1,), (2,)]]
        alone = GALLERY[id].run(*_models(), (0,), 30, seed=5)
        assert (texts == [alone, alone]) != depends


def test_a_seed_that_is_ignored_repeats_nothing():
    for id, repeats in {"X26": False, "C12": True, "M51": True}.items():
        texts = [GALLERY[id].run(*_models(), (0,), 40, seed=5) for _ in range(2)]
        assert (texts[0] == texts[1]) == repeats


def test_log_probabilities_are_those_of_the_target_or_not():
    for id, right in {"M52": False, "X27": False, "C12": True}.items():
        tokens, logs = GALLERY[id].run(*_models(), (0,), 30, np.random.default_rng(1), logprobs=True)
        wanted = asked(TOYS["small"].target)
        due_logs = [np.log(wanted((0, *tokens[:i]))[token]) for i, token in enumerate(tokens)]
        assert np.allclose(logs, due_logs) == right


def test_a_residual_in_place_changes_the_callers_laws():
    toy = TOYS["toy"]
    changed = []
    for seed in range(10):
        target, draft = np.array([toy.target((0,)), toy.target((1,))]), np.array([toy.draft((0,))])
        emitted_tokens = GALLERY["C15"].run(target, draft, [0], np.random.default_rng(seed))
        changed.append((len(emitted_tokens) == 1, (target[0] != toy.target((0,))).any()))
    assert set(changed) == {(False, False), (True, True)}


def _models():
    return TOYS["small"].target, TOYS["small"].draft


def _batch(id, prompts):
    return GALLERY[id].run(*_models(), prompts, 30, seed=[5, 6])
