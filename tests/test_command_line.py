"""The shell: what it prints, what it writes, and how it fails."""

import json
import sys

import pytest
from typer.testing import CliRunner

from specsim.cli import app


def run(*words: str):
    return CliRunner(env={"COLUMNS": "80"}).invoke(app, words)


def test_theory_prints_exact_fractions():
    shown = run("theory", "--alpha", "4/5", "--gamma", "5").output
    assert "11529/3125" in shown
    assert "3.68928" in shown


def test_theory_as_json():
    rows = json.loads(run("theory", "--gamma", "5", "--json").output)
    assert rows[0]["tokens_per_round"] == pytest.approx(3.68928)


def test_theory_says_when_nothing_is_gained():
    assert "No gamma gains anything" in run("theory", "--alpha", "0.1", "--c", "0.5").output


def test_theory_without_draft_cost_has_no_best_gamma():
    assert "every longer draft is better" in run("theory", "--c", "0").output


def test_simulate_agrees_with_the_exact_law():
    shown = run("simulate", "toy", "--rule", "block", "--rounds", "20000")
    assert shown.exit_code == 0
    assert "simulated and exact, agree" in shown.output


def test_simulate_takes_any_shape_by_name():
    shown = run("simulate", "toy", "--rule", "traversal", "--shape", "tree:2,2", "--rounds", "2000")
    assert shown.exit_code == 0
    assert "drafts tree:2,2" in shown.output


def test_compare_prints_80_columns_and_writes_two_files(tmp_path):
    words = ("--drafted", "2", "--rounds", "200", "--strengths", "0.1,0.5", "--out", str(tmp_path))
    shown = run("compare", "toy", *words)
    assert shown.exit_code == 0, shown.output
    assert "agree in all" in shown.output
    assert "LOSSY" in shown.output
    assert max(map(len, shown.output.replace(str(tmp_path), "").splitlines())) <= 80
    assert {path.name for path in tmp_path.iterdir()} == {"compare.json", "compare.png"}


def test_study_writes_three_files(tmp_path):
    words = ("toy", "--rules", "token", "--gammas", "2", "--tokens", "60", "--out", str(tmp_path))
    shown = run("study", *words)
    assert shown.exit_code == 0, shown.output
    assert {path.name for path in tmp_path.iterdir()} == {"study.json", "study.png", "study.html"}


def test_a_missing_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    for name in ("transformers_model", "loading"):
        monkeypatch.delitem(sys.modules, f"specsim.models.{name}", raising=False)
    shown = run("simulate", "builtin")
    assert shown.exit_code == 2
    assert "specsim-decoding[llm]" in shown.output


def test_every_rule_is_listed_with_what_it_does_to_the_law():
    shown = run("rules").output
    assert "block" in shown
    assert "lossy:typical" in shown.replace("\n", "")
    assert max(map(len, shown.splitlines())) <= 80


def test_a_lossy_rule_runs_when_it_is_named_as_such():
    assert run("simulate", "toy", "--rule", "lossy:lenient(0.5,scaled)").exit_code == 0
    assert "lossy:typical" in run("simulate", "toy", "--rule", "typical").output


@pytest.mark.parametrize(
    "words, said",
    [
        (("theory", "--alpha", "two"), "expected a number such as 0.8 or 4/5"),
        (("theory", "--alpha", "1.5"), "alpha must be in [0, 1]"),
        (("theory", "--gamma", "x"), "expected whole numbers"),
        (("simulate", "nope"), "unknown pair 'nope'"),
        (("simulate", "toy", "--rule", "nope"), "there is no rule 'nope'"),
        (("simulate", "builtin"), "use specsim study builtin"),
        (("simulate", "toy", "--shape", "tree:2", "--rule", "block"), "for trees use traversal"),
        (("simulate", "toy", "--shape", "star"), "'star' is no shape"),
        (("compare", "toy", "--drafted", "0"), "at least 1 drafted token"),
        (("compare", "toy", "--rules", "typical"), "asked for as 'lossy:typical'"),
        (("study", "toy", "--gammas", "0"), "gammas of at least 1"),
        (("study", "./no-such-folder,./nor-this"), "there is no model folder"),
    ],
)
def test_what_a_user_gets_wrong_is_said_in_one_line(words, said):
    shown = run(*words)
    assert shown.exit_code == 2
    assert said in shown.output
    assert "Traceback" not in shown.output


@pytest.mark.parametrize("command", [(), ("theory",), ("simulate",), ("rules",), ("compare",), ("study",)])
def test_help_teaches(command):
    shown = run(*command, "--help")
    assert shown.exit_code == 0
    assert max(map(len, shown.output.splitlines())) <= 80
