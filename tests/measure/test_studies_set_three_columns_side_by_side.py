"""A study: its exact column, its z-scores, and what it does with pairs that have text."""

import dataclasses

import numpy as np
import pytest

from specsim import theory
from specsim.core import chain
from specsim.measure import Settings, run_study
from specsim.measure.reading import mean_kept, mean_overlap, read
from specsim.measure.reference import conditional, redrawn
from specsim.measure.texts import Text
from specsim.models import Pair, iid, load_pair


@pytest.fixture(scope="module")
def study(word_pair):
    chosen = Settings(rules=("token", "match"), gammas=(1, 2), prompts=4, tokens=12, file=str(word_pair[1]))
    return run_study(word_pair[0], chosen, progress=False)


def test_the_exact_column_of_a_toy_pair_is_its_long_run():
    pair = load_pair("regimes")
    row = run_study(pair, Settings(("block",), (3,), tokens=60), progress=False).rows[0]
    assert row.exact == float(theory.long_run_tokens_per_round("block", pair, chain(3)))
    assert abs(row.z_simulated) < 5


def test_every_row_of_a_right_implementation_agrees(study):
    assert study.agrees
    assert [(row.rule, row.gamma) for row in study.rows] == [
        ("token", 1),
        ("token", 2),
        ("match", 1),
        ("match", 2),
    ]


def test_a_pair_with_text_is_timed_and_predicted(study):
    for row in study.rows:
        assert row.predicted_speedup > 0
        assert row.measured_speedup.mean > 0
        assert row.tokens_per_second > 0
    assert study.costs.c(1) > 0


def test_the_same_seed_gives_the_same_numbers(word_pair, study):
    chosen = Settings(**{**study.settings, "rules": ("token", "match"), "gammas": (1, 2)})
    again = run_study(word_pair[0], chosen, progress=False)
    assert [row.measured for row in again.rows] == [row.measured for row in study.rows]
    assert again.alpha == study.alpha


def test_the_conditional_expectation_is_that_of_the_stop_laws():
    stop = np.array([[0.5, 0.5, 0.0], [0.25, 0.25, 0.5]])
    mean, deviation = conditional(stop)
    assert mean == (1.5 + 2.25) / 2
    assert deviation == pytest.approx(np.sqrt(0.25 + 0.6875) / 2)
    drawn = redrawn(stop, np.random.default_rng(0))
    assert abs(drawn.z(mean)) < 5


def test_what_a_rule_keeps_of_one_token_is_the_overlap_for_token_and_agreement_for_match():
    pair = Pair(iid([0.5, 0.3, 0.2]), iid([0.2, 0.5, 0.3]))
    text = Text("toy", np.zeros(4001, int))
    reading = read(pair, text, 4000, ("token", "match"), None, np.random.default_rng(1))
    assert mean_overlap([reading]).mean == pytest.approx(0.7)
    assert mean_kept([reading], "token").mean == pytest.approx(0.7, abs=0.01)
    assert mean_kept([reading], "match").mean == pytest.approx(0.5 * 0.2 + 0.3 * 0.5 + 0.2 * 0.3, abs=0.01)
    assert reading.target_bits == pytest.approx(4000)


def test_a_row_that_strays_is_said_to_differ(study):
    strayed = dataclasses.replace(study.rows[0], z_measured=9.0)
    assert not dataclasses.replace(study, rows=[strayed]).agrees


@pytest.mark.parametrize(
    "wrong, said",
    [
        ({"rules": ("nope",)}, "there is no rule 'nope'"),
        ({"gammas": ()}, "needs rules, and gammas"),
        ({"gammas": (0,)}, "gammas of at least 1"),
        ({"prompts": 1}, "at least 2 prompts"),
        ({"tokens": 3}, "needs at least 12 tokens"),
    ],
)
def test_settings_that_cannot_work_are_refused(wrong, said):
    with pytest.raises(ValueError, match=said):
        Settings(**wrong)


def test_too_few_prompts_are_an_error(word_pair):
    with pytest.raises(ValueError, match="there are 4"):
        run_study(word_pair[0], Settings(prompts=40, tokens=16, file=str(word_pair[1])), progress=False)
