"""`specsim conform`: what it prints, and its exit status, which is the verdict."""

import json
import textwrap

import pytest
from typer.testing import CliRunner

from specsim.cli import app
from specsim.conformance import Report

RULE = """
def verify(target, draft, tokens, rng):
    for i, token in enumerate(tokens):
        if rng.random() * draft[i][token] >= target[i][token]:
            left = (target[i] - draft[i]).clip(0)
            return [*tokens[:i], rng.choice(len(left), p={left})]
    return [*tokens, rng.choice(len(target[-1]), p=target[-1])]

def hidden(target, draft, tokens):
    import os
    return [os.urandom(1)[0] % target.shape[1]]

def crowded(a, b, c, d, e, f, g):
    return [0]

def follow(target, draft, prompt, max_new_tokens, rng, *, eos=None):
    text = list(prompt)
    for _ in range(max_new_tokens):
        law = target(tuple(text))
        text.append(int(rng.choice(len(law), p=law)))
        if text[-1] == eos:
            break
    return text[len(prompt):]

def draw(context, rng):
    return rng.choice(2, p=[0.25, 0.75])

def declared(context):
    return [0.5, 0.5]
"""
QUICK = ("--gamma", "1", "--vocab", "2")


@pytest.fixture
def conform(tmp_path, monkeypatch):
    """The command, in a folder with the files right.py and wrong.py."""
    (tmp_path / "right.py").write_text(RULE.replace("{left}", "left / left.sum()"))
    (tmp_path / "wrong.py").write_text(RULE.replace("{left}", "target[i]"))
    (tmp_path / "broken.py").write_text("def verify(:")
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner(env={"COLUMNS": "100"}).invoke(app, ["conform", *words])


@pytest.mark.parametrize(
    "words, status",
    [
        (("right.py:verify", *QUICK), 0),
        (("wrong.py:verify", *QUICK), 1),
        (("right.py:hidden", *QUICK, "--seconds", "5"), 2),
        (("right.py:follow",), 0),
        (("right.py:draw", "--declared", "right.py:declared"), 1),
        (("right.py:draw", "--contract", "drafter"), 3),
        (("right.py:crowded", *QUICK), 3),
        (("right.py:nothing",), 3),
        (("right.py",), 3),
        (("absent.py:verify",), 3),
        (("broken.py:verify",), 3),
        (("right.py:verify", "--gamma", "many"), 3),
        (("right.py:verify", "--speed"), 3),
        (("right.py:verify", "--argument", "target"), 3),
        (("right.py:follow", "--gamma", "1"), 3),
    ],
)
def test_the_exit_status_is_the_verdict(conform, words, status):
    result = conform("run", *words)
    assert result.exit_code == status, result.output


def test_a_report_is_printed_and_written(conform, tmp_path):
    result = conform("run", "wrong.py:verify", *QUICK, "--out", "report.json", "--json")
    shown, saved = json.loads(result.output), Report.read(tmp_path / "report.json")
    assert shown["diagnosis"]["kind"] == saved.diagnosis.kind == "correction"


def test_no_time_for_any_case_is_no_verdict(conform):
    assert conform("run", "right.py:verify", "--seconds", "0.001").exit_code == 4


def test_the_gallery_shows_story_and_code(conform):
    shown = conform("gallery", "M16").output
    assert "def bonus_one_row_early(" in shown
    assert "feifeibear" in shown
    assert "M16" in conform("gallery").output
    assert conform("gallery", "M99").exit_code == 3


def test_an_exercise_is_written_and_graded(conform, tmp_path):
    assert "correction" in conform("exercise").output
    assert conform("exercise", "bonus").exit_code == 0
    assert "EXERCISE" in (tmp_path / "bonus.py").read_text()
    assert conform("exercise", "--grade", "bonus.py").exit_code == 3
    assert conform("exercise", "bonus").exit_code == 3


def test_the_selftest_prints_numbers_beside_goals(conform):
    result = conform("selftest", "--engine", "--workers", "1")
    assert result.exit_code == 0
    assert "passed" in result.output
    lines = json.loads(conform("selftest", "--engine", "--workers", "1", "--json").stdout)
    assert lines[0]["passed"] is True


def test_assisted_generation_is_tabled(conform):
    pytest.importorskip("transformers")
    result = conform("transformers", "greedy")
    assert (result.exit_code, "greedy" in result.output) == (0, True)
    assert conform("transformers", "beam").exit_code == 3


def test_a_module_is_named_with_dots(conform, tmp_path):
    package = tmp_path / "mine"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "rules.py").write_text(
        textwrap.dedent(
            """
            class Rules:
                @staticmethod
                def verify(target, draft, tokens, rng):
                    return [rng.choice(len(target[0]), p=target[0])]
            """
        )
    )
    assert conform("run", "mine.rules:Rules.verify", *QUICK).exit_code == 0
