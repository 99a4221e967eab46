"""A study: its exact column, its z-scores, and what it does with pairs that have text."""

import dataclasses

import numpy as np
import pytest

from specsim import theory
from specsim.core import as_shape, chain, tree
from specsim.measure import Settings, run_study
from specsim.measure.reading import bits_per_token, forks, mean_kept, mean_overlap, promised_tokens, read
from specsim.measure.reference import conditional, redrawn
from specsim.models import Pair, iid, load_pair
from specsim.models.texts import Text
from specsim.shapes import read_shape


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
    mean, deviation = conditional(stop, np.array([1, 2, 3]))
    assert mean == (1.5 + 2.25) / 2
    assert deviation == pytest.approx(np.sqrt(0.25 + 0.6875) / 2)
    drawn = redrawn(stop, np.array([1, 2, 3]), np.random.default_rng(0))
    assert abs(drawn.z(mean)) < 5


def test_what_a_rule_keeps_of_one_token_is_the_overlap_for_token_and_agreement_for_match():
    pair = Pair(iid([0.5, 0.3, 0.2]), iid([0.2, 0.5, 0.3]))
    text = Text("toy", np.zeros(4001, int))
    one = {rule: (rule, 1, "independent") for rule in ("token", "match")}
    reading = read(pair, text, 4000, one.values(), None, np.random.default_rng(1))
    assert mean_overlap([reading]).mean == pytest.approx(0.7)
    assert mean_kept([reading], one["token"]) == pytest.approx([0.7], abs=0.01)
    assert mean_kept([reading], one["match"]) == pytest.approx([0.5 * 0.2 + 0.3 * 0.5 + 0.2 * 0.3], abs=0.01)
    assert bits_per_token([reading])[0] == pytest.approx(1)


@pytest.mark.parametrize(
    "rule, name",
    [("token", "tree:2,2:distinct"), ("hub", "siblings:3:hub"), ("k_seq", "tree:3,3"), ("match", "chain:3")],
)
def test_the_textbook_column_is_the_tree_formula_at_positional_acceptances(rule, name):
    pair, shape = Pair(iid([0.4, 0.3, 0.2, 0.1]), iid([0.2, 0.1, 0.3, 0.4])), as_shape(read_shape(name))
    wanted = forks(rule, shape)
    reading = read(pair, Text("", np.zeros(2001, int)), 2000, wanted, None, np.random.default_rng(2))
    ((_, width, how),) = wanted
    expected = theory.tree_tokens(shape, theory.positional_acceptances(rule, pair, width, how=how))
    assert promised_tokens([reading], rule, shape) == pytest.approx(expected, abs=0.01)


SHAPES = ("tree:2,1", "siblings:3:hub", "chain:2")


def test_trees_and_lossy_rules_stand_beside_chains(word_pair):
    chosen = Settings(
        ("token", "traversal", "lossy:typical"), (2,), 4, 12, file=str(word_pair[1]), shapes=SHAPES
    )
    found = run_study(word_pair[0], chosen, progress=False)
    assert found.agrees
    assert [(row.rule, row.shape, row.gamma) for row in found.rows] == [
        ("token", "chain:2", 2),
        ("token", "tree:2,1", 4),
        ("token", "siblings:3:hub", 3),
        ("traversal", "chain:2", 2),
        ("traversal", "tree:2,1", 4),
        ("traversal", "siblings:3:hub", 3),
        ("lossy:typical", "chain:2", 2),
    ]
    assert set(found.costs.draft) == {2, "tree:2,1", "siblings:3:hub"}
    assert all(row.predicted_speedup > 0 for row in found.rows)


def test_the_exact_column_of_a_tree_is_its_long_run():
    pair = load_pair("regimes")
    row = run_study(pair, Settings(("token",), (), tokens=60, shapes=("tree:2,1",)), progress=False).rows[0]
    assert row.exact == float(theory.long_run_tokens_per_round("token", pair, tree(2, 1)))
    assert row.agrees


def test_a_row_that_strays_is_said_to_differ(study):
    strayed = dataclasses.replace(study.rows[0], z_measured=9.0)
    assert not dataclasses.replace(study, rows=[strayed]).agrees


@pytest.mark.parametrize(
    "wrong, said",
    [
        ({"rules": ("nope",)}, "there is no rule 'nope'"),
        ({"gammas": ()}, "needs rules, and gammas"),
        ({"shapes": ("tre:2",)}, "'tre:2' is no shape"),
        ({"rules": ("block",), "gammas": (), "shapes": ("tree:2,2",)}, "for trees use traversal"),
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
