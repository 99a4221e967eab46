"""The sequential test: right decoders cross 1 / level no more often than `level`, wrong ones are found, and
stopping, saving and going on change nothing."""

import numpy as np
import pytest

from specsim.conformance import EProcess
from specsim.conformance.game import Game
from specsim.conformance.measures import Seen
from specsim.conformance.mistakes import MISTAKES
from specsim.conformance.playing import random_rows
from specsim.conformance.power import LEVELS, false_alarms, rounds_until_found

PAIR = random_rows(5, 2, np.random.default_rng(9))
SMALL = ("correction from the target", "ratio upside down", "argmax")


def emission(rng: np.random.Generator, corrected_from_target: bool = False) -> list[int]:
    """One round on PAIR by hand."""
    out: list[int] = []
    for target, draft in zip(PAIR.target, PAIR.draft):
        token = int(rng.choice(5, p=draft))
        if rng.random() * draft[token] >= target[token]:
            left = target if corrected_from_target else np.maximum(target - draft, 0)
            return [*out, int(rng.choice(5, p=left / left.sum()))]
        out.append(token)
    return [*out, int(rng.choice(5, p=PAIR.target[-1]))]


@pytest.mark.parametrize("text", [False, True], ids=["rounds", "text"])
def test_right_decoders_cross_no_more_often_than_stated(text):
    """300 runs: a rate at its level would exceed 1.5 times the level, plus 4 runs, with chance below 1e-4."""
    rates = false_alarms(300, 60, text=text, rng=np.random.default_rng(11))
    assert all(rates[level] <= 1.5 * level + 4 / 300 for level in LEVELS)


@pytest.mark.parametrize("name", ["bonus from the draft", "comparison turned round", "ratio upside down"])
def test_known_mistakes_are_found_with_and_without_the_library(name):
    rows = random_rows(50, 2, np.random.default_rng(1))
    found = rounds_until_found(MISTAKES[name], rows, runs=5, most=400, rng=np.random.default_rng(2))
    assert found.known <= found.unknown < 400


def test_a_wrong_correction_is_rejected_and_named():
    rng, test = np.random.default_rng(0), EProcess(alpha=1e-6)
    for _ in range(500):
        test.update(emission(rng, corrected_from_target=True), PAIR.target, PAIR.draft)
    assert test.rejected
    assert test.suspect is not None
    assert test.suspect.kind == "correction"


def test_a_right_decoder_is_not_rejected():
    rng, test = np.random.default_rng(0), EProcess(alpha=1e-6, library=SMALL)
    for _ in range(200):
        test.update(emission(rng), PAIR.target, PAIR.draft)
    assert not test.rejected
    assert test.suspect is None


def test_one_impossible_token_is_enough():
    test = EProcess().update([1], [[1.0, 0.0]], np.zeros((0, 2)))
    assert test.rejected
    assert test.impossible
    assert test.evalue == np.inf


def test_within_a_tolerance_it_takes_more_of_them():
    test = EProcess(tolerance=1e-3)
    assert not test.update([1], [[1.0, 0.0]], np.zeros((0, 2))).rejected
    assert test.impossible
    while not test.rejected and test.tokens < 100:
        test.update([1], [[1.0, 0.0]], np.zeros((0, 2)))
    assert test.rejected


def test_a_saved_test_goes_on_as_if_never_stopped(tmp_path):
    rng = np.random.default_rng(4)
    rounds = [emission(rng) for _ in range(12)]
    whole, part = EProcess(), EProcess()
    for one in rounds:
        whole.update(one, PAIR.target, PAIR.draft)
    for one in rounds[:5]:
        part.update(one, PAIR.target, PAIR.draft)
    part.save(tmp_path / "test.json")
    resumed = EProcess.load(tmp_path / "test.json")
    for one in rounds[5:]:
        resumed.update(one, PAIR.target, PAIR.draft)
    assert (resumed.evalue, resumed.peak, resumed.tokens) == (whole.evalue, whole.peak, whole.tokens)


@pytest.mark.parametrize("begun", [False, True])
def test_tests_of_texts_are_saved_as_well(tmp_path, begun):
    test = EProcess(alpha=0.01, library=SMALL, tolerance=1e-3, gamma=3)
    if begun:
        test.read([0, 1, 2], PAIR.target, PAIR.target)
    test.save(tmp_path / "test.json")
    resumed = EProcess.load(tmp_path / "test.json")
    same = ("alpha", "tolerance", "library", "gammas", "tokens", "evalue", "peak")
    assert [getattr(resumed, name) for name in same] == [getattr(test, name) for name in same]
    again = [one.read([2, 2], PAIR.target, PAIR.target).evalue for one in (test, resumed)]
    assert again[0] == again[1]


def test_what_is_no_saved_test_is_refused(tmp_path):
    (tmp_path / "test.json").write_text("{}")
    with pytest.raises(ValueError, match=r"as EProcess\.save writes it"):
        EProcess.load(tmp_path / "test.json")


def test_more_tokens_catch_smaller_mistakes():
    small, large = EProcess(), EProcess()
    small.tokens, large.tokens = 1000, 100_000
    assert EProcess().caught() == 1
    assert small.caught() == pytest.approx(10 * large.caught())


def test_a_mistake_of_the_stated_size_is_caught():
    """The power that a pass states, 0.99, on 100 texts that are colder in 3 of 10 tokens."""
    rng, test = np.random.default_rng(8), EProcess(alpha=1e-3, library=("temperature 0.5",), gamma=2)
    law, colder = PAIR.target[:1], PAIR.target[:1] ** 2 / (PAIR.target[0] ** 2).sum()
    mixed = 0.7 * law + 0.3 * colder
    while test.caught() > abs(mixed - law).sum() / 2:
        test.tokens += 10
    game, peak = Game(100, 5, (MISTAKES["temperature 0.5"],), (2,)), np.zeros(100)
    for _ in range(test.tokens):
        game.play(Seen(law), rng.choice(5, 100, p=mixed[0]))
        peak = np.maximum(peak, game.log_evalue())
    assert (peak >= np.log(1000)).sum() >= 93


@pytest.mark.parametrize(
    "options, message",
    [
        ({"alpha": 0}, "alpha is a chance"),
        ({"tolerance": 0.5}, "a tolerance is a total variation"),
        ({"library": ("no such mistake",)}, "library must be 'default'"),
    ],
)
def test_settings_that_make_no_sense_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        EProcess(**options)


@pytest.mark.parametrize(
    "tokens, target, draft, message",
    [
        ([0, 0, 0], [[1.0]] * 3, [[1.0]], "at most gamma"),
        ([0, 0], [[1.0]], [[1.0]], "each token needs its target row"),
        ([1], [[1.0]], [[1.0]], "tokens must lie"),
        ([0.5], [[1.0]], [[1.0]], "integer ids"),
        ([0], [[0.5, 0.6]], [[1.0, 0.0]], "sums to 1.1"),
        ([0], [[0.5, 0.5]], [[1.0, 0.0, 0.0]], "over the target's 2 tokens"),
        ([0], [0.5, 0.5], [[1.0, 0.0]], "shape"),
    ],
)
def test_what_does_not_fit_is_refused(tokens, target, draft, message):
    with pytest.raises(ValueError, match=message):
        EProcess().update(tokens, target, draft)


def test_a_text_needs_a_draft_row_per_token():
    with pytest.raises(ValueError, match="one draft row per token"):
        EProcess().read([0, 0], [[1.0]] * 2, [[1.0]])


def test_padding_is_ignored():
    plain, padded = (EProcess().update(t, PAIR.target, PAIR.draft) for t in ([1, 2], [1, 2, -1]))
    assert (padded.tokens, padded.evalue) == (plain.tokens, plain.evalue)
