"""From a target to a draft: alpha rises, a stopped run goes on, the result is a pair with its target."""

import json

import numpy as np
import pytest
import torch
from typer import Typer
from typer.testing import CliRunner

from specsim.distill import Recipe, Stage, distill
from specsim.distill.drafts import truncated
from specsim.distill.fitting import fit_laws
from specsim.models import commands, load_pair

SMALL = {"lessons": 3, "heldout": 3, "rows": 8, "length": 40, "width": 32, "layers": 1}


def silent(steps, count, name):
    return steps


def small(**changes):
    stages = {"states": Stage(120, 8, 1e-2), "laws": Stage(40, 8, 3e-3)}
    return Recipe(**{**SMALL, **stages, **changes})


@pytest.fixture(scope="module")
def made(lm, text, tmp_path_factory):
    out = tmp_path_factory.mktemp("made")
    return out, distill(lm, out, [text], [], small(), silent)


def test_alpha_rises_with_each_stage_on_every_kind_of_text(made):
    alpha = made[1]["alpha"]
    for kind in ("asked", "read", "continued"):
        assert alpha["before"][kind][0] < alpha["states"][kind][0] - 0.05
        assert alpha["states"][kind][0] < alpha["after"][kind][0] + 0.02
        assert 0 < alpha["after"][kind][1] < 0.05


def test_a_draft_from_the_targets_first_layers_beats_the_bigram(lm, text, tmp_path):
    alpha = distill(lm, tmp_path, [text], [text], small(keep=2, loss="mixed"), silent)["alpha"]
    for kind, (mean, _) in alpha["after"].items():
        assert mean > alpha["before"][kind][0]
        assert mean > alpha["bigram"][kind][0] + 0.1


def test_the_report_is_what_the_file_says_and_the_draft_loads_beside_its_target(made, lm, tmp_path):
    out, report = made
    assert json.loads((out / "distil.json").read_text()) == report
    lm.model.save_pretrained(tmp_path)
    lm.tokenizer.save_pretrained(tmp_path)
    pair = load_pair(f"{tmp_path},{out}")
    assert pair.draft.vocab_size == lm.vocab_size
    assert np.allclose(pair.draft(np.array([[0, 5]])).sum(), 1)


@pytest.mark.parametrize("loss", ["mixed", "tv", "kl"])
def test_a_stopped_run_ends_where_an_unbroken_one_does(lm, teacher, course, loss, tmp_path, monkeypatch):
    monkeypatch.setattr("specsim.distill.loop.SAVE_SECONDS", -1)
    stage = Stage(6, 4, 3e-3)

    def run(folder, stop):
        draft = truncated(lm.model, 1)
        for step, _ in enumerate(fit_laws(draft, teacher, course, loss, stage, folder)):
            if step + 1 == stop:
                break
        return draft

    unbroken = run(tmp_path / "once", 6)
    run(tmp_path / "twice", 3)
    resumed = run(tmp_path / "twice", 6)
    for one, other in zip(unbroken.parameters(), resumed.parameters(), strict=True):
        assert torch.equal(one, other)


def test_the_work_of_another_recipe_is_not_mixed_in(made, lm, text):
    with pytest.raises(ValueError, match="another recipe"):
        distill(lm, made[0], [text], [], small(loss="kl"), silent)


def test_the_command_makes_a_draft_and_refuses_what_does_not_fit(lm, text, tmp_path, monkeypatch):
    target, out = tmp_path / "target", tmp_path / "draft"
    lm.model.save_pretrained(target)
    lm.tokenizer.save_pretrained(target)
    app = Typer()
    app.command()(commands.distill)
    monkeypatch.setattr("specsim.distill.Recipe", lambda *sizes, **rest: small(width=sizes[0], loss=sizes[3]))

    def run(*options):
        return CliRunner().invoke(app, [str(target), "--out", str(out), "--text", str(text), *options])

    assert run("--width", "33").exit_code == 2
    assert run("--loss", "hinge", "--width", "32").exit_code == 2
    done = run("--width", "32")
    assert done.exit_code == 0, done.output
    assert "bigram" in done.output
    assert (out / "model.safetensors").is_file()
