"""A measurement: alpha, predictions and reports of pairs with and without networks; what it refuses."""

import dataclasses
import io
import json
import os
import re

import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner

from specsim import theory
from specsim.cli import app
from specsim.core.arrays import minimum
from specsim.decode import hierarchical, prompt_lookup
from specsim.decode.sampling import warp
from specsim.measure import Options, measure
from specsim.measure.agreement import read_all
from specsim.measure.passes import Passes
from specsim.measure.peers import peer
from specsim.measure.predicting import textbook_speedup
from specsim.models import iid, load_pair
from specsim.models.texts import Text
from specsim.report.measure import write_measurement

SMALL = {"prompts": 4, "tokens": 14, "batch": 2, "longest": 8, "seconds": 0.0, "top_ps": ()}


@pytest.fixture(scope="module")
def found(word_pair):
    pair, file = word_pair
    chosen = Options(gammas=("2", "schedule:2"), prompt_file=str(file), temperatures=(0.5,), **SMALL)
    drafts = {"draft": pair.draft, "lookup": prompt_lookup(2)}
    return measure(pair.target, drafts, chosen, name="words", progress=False)


@pytest.fixture(scope="module")
def written(found, tmp_path_factory):
    folder = tmp_path_factory.mktemp("out")
    console = Console(width=80, file=io.StringIO())
    console.print(write_measurement(found, folder))
    return folder, console.file.getvalue()


def test_every_way_is_predicted_timed_and_raced(found):
    assert [(one.draft, one.gamma) for one in found.found] == [
        ("draft", "2"),
        ("draft", "schedule:2"),
        ("lookup", "2"),
        ("lookup", "schedule:2"),
    ]
    for one in found.found:
        assert one.speed.predicted > 0
        assert one.speed.measured.low <= one.speed.measured.median <= one.speed.measured.high
        assert (one.speed.peer is None) == (one.gamma == "schedule:2") == (one.tokens.textbook is None)
        assert all(cost.total > 0 and cost.target > 0 for cost in one.cost.rounds)
    assert set(found.passes.verify) == {1, 2, 4, 8}
    assert found.passes.verify[1][1] == 1
    assert set(found.passes.step) == {"draft"}
    assert [(one.draft, one.texts) for one in found.batches] == [("draft", 2), ("lookup", 2)]


def test_the_terminal_report_fits_80_columns_and_cuts_nothing(found, written):
    text = re.sub(r"Written:.*", "", written[1], flags=re.S)
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= 80
    for one in found.found:
        assert f"{one.speed.predicted:.2f}x" in text
    assert "transformers, made to do the same" in text


def test_record_and_page_hold_every_way(found, written):
    record = json.loads((written[0] / "measure.json").read_text())
    assert [one["gamma"] for one in record["found"]] == [one.gamma for one in found.found]
    page = (written[0] / "measure.html").read_text()
    assert not re.search(r"(src|href)=.?(http|/)", page)
    assert "$" not in re.sub(r"<pre>.*?</pre>", "", page, flags=re.S)
    assert "data:image/png;base64," in page
    assert all(f"{one.speed.predicted:.2f}x" in page for one in found.found)


def test_a_pair_of_laws_is_predicted_and_not_timed(tmp_path):
    pair = load_pair("regimes")
    chosen = Options(gammas=("3",), rules=("token", "block"), tokens=80, prompts=8, batch=1)
    found = measure(pair.target, {"draft": pair.draft}, chosen, progress=False)
    assert found.passes is None
    for one in found.found:
        assert one.speed is None
        error = np.hypot(one.tokens.predicted.standard_error, one.tokens.measured.standard_error)
        assert abs(one.tokens.predicted.mean - one.tokens.measured.mean) < 5 * error
        assert one.tokens.predicted.mean < one.tokens.anywhere  # rounds begin where drafting is hard
    write_measurement(found, tmp_path)
    assert "Speed over plain" not in (tmp_path / "measure.html").read_text()


@pytest.mark.parametrize("setting", [(1.0, 1.0), (0.5, 1.0), (1.0, 0.6), (0.0, 1.0)])
@pytest.mark.parametrize("rule", ["token", "match"])
def test_alpha_at_every_setting_is_that_of_the_warped_laws(setting, rule):
    target, draft = [0.5, 0.3, 0.2], [0.2, 0.5, 0.3]
    text = Text("", np.array([0, 0, 0, 0]))
    readings = read_all(iid(target), {"draft": iid(draft)}, [(text, 3)], [(1.0, 1.0), setting], 0, 2)
    (reading,) = readings["draft", setting][:1]
    warped = warp(setting[0], 0, setting[1])
    one, other = warped(np.log(target)), warped(np.log(draft))
    expected = minimum(one, other) if rule == "token" else one * other
    assert (reading.agreement if rule == "match" else reading.overlap) == pytest.approx(
        np.full(3, expected.sum())
    )


def test_a_draft_that_is_asked_token_by_token_says_what_a_model_says_at_once(word_pair):
    pair, (text, count) = word_pair[0], (Text("", np.array([1, 2, 5, 4, 1, 7, 3])), 4)
    drafts = {"model": pair.draft, "asked": hierarchical(pair.draft, prompt_lookup(), gamma=2)}
    found = read_all(pair.target, drafts, [(text, count)], [(0.7, 1.0)], 0, 3)
    (model,), (asked,) = found["model", (0.7, 1.0)], found["asked", (0.7, 1.0)]
    assert asked.copies is None
    assert asked.overlap == pytest.approx(model.overlap, abs=1e-6)
    assert asked.draft == pytest.approx(model.draft, abs=1e-6)


def test_alpha_of_a_look_up_is_what_the_target_gives_to_its_copies():
    text = Text("", np.array([0, 1, 0, 1, 1]))
    readings = read_all(iid([0.75, 0.25]), {"lookup": prompt_lookup(1)}, [(text, 4)], [(1.0, 1.0)], 0, 2)
    (reading,) = readings["lookup", (1.0, 1.0)]
    assert [list(copy) for copy in reading.copies] == [[], [], [1, 0], [0, 1]]
    assert reading.overlap == pytest.approx([0, 0, 0.25, 0.75])


@pytest.mark.parametrize("temperature", [1.0, 0.5, 0.0])
def test_transformers_is_left_as_it_was(word_pair, temperature):
    pair = word_pair[0]
    before = [model.model.generation_config for model in (pair.target, pair.draft)]
    for draft in (None, pair.draft, prompt_lookup()):
        run = peer(pair.target, draft, 2, 9, temperature=temperature, top_k=3, top_p=0.9)
        assert 3 <= run(np.array([1, 2, 1, 2]), 0) <= 9
    assert [model.model.generation_config for model in (pair.target, pair.draft)] == before


def test_the_textbook_speed_up_is_that_of_theory():
    passes = Passes(1.0, {1: {1: 1.0, 4: 1.6}}, {})
    tokens, expected = (
        theory.expected_tokens(0.7, 3),
        theory.walltime_improvement(0.7, 3, 0.1, verify_cost=1.6),
    )
    assert textbook_speedup(tokens, 1.0, 3, 0.1, passes) == pytest.approx(expected)
    assert textbook_speedup(1.1, 0.5, 1, 0.0, passes) == pytest.approx(1.1 / (0.5 * 1.2 + 0.5))


def test_the_command_writes_three_files(tmp_path):
    words = ("toy", "--draft", "lookup:1", "--gamma", "2", "--tokens", "40", "--out", str(tmp_path))
    shown = CliRunner(env={"COLUMNS": "80"}).invoke(app, ["measure", *words])
    assert shown.exit_code == 0, shown.output
    assert {path.name for path in tmp_path.iterdir()} == {"measure.json", "measure.png", "measure.html"}


@pytest.mark.parametrize(
    "wrong, said",
    [
        ({"gammas": ()}, "nothing to measure"),
        ({"gammas": ("many",)}, "names no draft length"),
        ({"gammas": ("9",), "tokens": 10}, "gamma 9 needs at least 20 tokens"),
        ({"gammas": ("schedule:9",), "tokens": 10}, "gamma schedule:9 needs at least 11 tokens"),
        ({"rules": ("traversal",)}, "use specsim study"),
        ({"prompts": 1}, "at least 2 prompts"),
        ({"top_ps": (0.0,)}, "top_p must lie in"),
        ({"temperatures": (-1.0,)}, "temperature must be"),
        ({"batch": 0}, "batch must be at least 1"),
        ({"seed": -1}, "seed at least 0"),
    ],
)
def test_options_that_cannot_work_are_refused(wrong, said):
    with pytest.raises(ValueError, match=said):
        Options(**wrong)


@pytest.mark.parametrize(
    "words, said",
    [
        ((), "Is a directory"),
        (("--text-file", os.devnull), "needs at least 96 tokens"),
        (("--threads", "0"), "--threads must be at least 1"),
    ],
)
def test_files_and_threads_that_cannot_be_are_one_line(words, said, tmp_path):
    words = words or ("--prompt-file", str(tmp_path))
    shown = CliRunner().invoke(app, ["measure", "builtin", "--out", str(tmp_path), *words])
    assert (shown.exit_code, type(shown.exception)) == (2, SystemExit)
    assert said in shown.stderr


def test_no_file_is_written_over_by_a_folder_after_a_long_run(tmp_path):
    (tmp_path / "taken").write_text("")
    shown = CliRunner().invoke(app, ["measure", "toy", "--out", str(tmp_path / "taken")])
    assert (shown.exit_code, type(shown.exception)) == (2, SystemExit)


def test_laws_without_a_tokenizer_read_no_prompts():
    with pytest.raises(ValueError, match="without a tokenizer"):
        measure(iid([0.5, 0.5]), {"lookup": prompt_lookup()}, Options(prompt_file="mine.txt"), progress=False)


def test_a_draft_that_never_drafts_leaves_a_record_that_every_reader_of_json_reads(tmp_path):
    """alpha is a mean over no prefixes then: null, since JSON has no NaN."""
    chosen = Options(gammas=("2",), tokens=6, prompts=2, batch=1)
    found = measure(iid([1e-4] * 10_000), {"lookup": prompt_lookup()}, chosen, progress=False)
    console = Console(width=80, file=io.StringIO())
    console.print(write_measurement(found, tmp_path))
    assert not re.search("nan|Chance that a position", console.file.getvalue())
    strict = json.loads((tmp_path / "measure.json").read_text(), parse_constant=pytest.fail)
    assert strict["alpha"][0]["kept"]["mean"] is None


def test_a_policy_whose_first_round_may_write_nearly_all_is_measured(word_pair):
    """The target as its own draft: everything is kept."""
    pair, file = word_pair
    chosen = Options(gammas=("schedule:12",), prompt_file=str(file), peers=False, **SMALL)
    found = measure(pair.target, {"itself": pair.target}, chosen, progress=False)
    assert found.found[0].tokens.measured.mean == pytest.approx(7)


def test_no_draft_is_refused():
    with pytest.raises(ValueError, match="without a draft"):
        measure(iid([0.5, 0.5]), {}, progress=False)


def test_the_verdict_tells_how_far_predictions_were_off(found):
    from specsim.report.measure import verdict

    one = found.found[0]
    tokens = dataclasses.replace(one.tokens, predicted=one.tokens.measured)
    speed = dataclasses.replace(one.speed, predicted=1.5 * one.speed.measured.median)
    far = dataclasses.replace(found, found=[dataclasses.replace(one, tokens=tokens, speed=speed)])
    assert verdict(far) == ("#E69F00", "Tokens per round were predicted within 0%, speed-ups within 50%.")
