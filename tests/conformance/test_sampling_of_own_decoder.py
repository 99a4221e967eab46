"""Our own decoder by a sequential test of its texts: right ones pass, wrong ones are found when foretold."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from specsim.cli import app
from specsim.conformance.real_pairs import along, check_pair
from specsim.core import Draft, rules
from specsim.core.plan import Plan
from specsim.decode import prompt_lookup
from specsim.decode.lengths import schedule
from specsim.models import load_pair

TOY = load_pair("toy")
WAYS = {
    "token": (TOY.draft, {"gamma": 3}),
    "block": (TOY.draft, {"gamma": 3, "rule": "block"}),
    "adaptive": (TOY.draft, {"gamma": schedule(2)}),
    "tree": (TOY.draft, {"shape": "tree:2,2", "rule": "traversal"}),
    "look-up": (prompt_lookup(), {"gamma": 3}),
    "shaped": (TOY.draft, {"gamma": 2, "temperature": 0.5, "top_k": 2}),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_right_decoder_is_not_rejected(way):
    """False alarms: one in a million."""
    draft, how = WAYS[way]
    found = check_pair(TOY.target, draft, [[0], [1, 2]], max_tokens=500, rng=5, **how)
    assert found.report.verdict == "unknown"
    assert found.report.samples >= 500


def corrected_from_the_target(target, draft):
    """Token verification; after a rejection the token comes from the target, not from the residual."""
    return Plan(rules.token(target, draft).stop, target)


@pytest.mark.parametrize(
    "rule, mistake",
    [(corrected_from_the_target, "correction from the target"), ("lossy:lenient(0.7)", "lenience")],
)
def test_a_wrong_decoder_is_found_about_when_foretold(rule, mistake):
    """Foretold from texts of the right decoder."""
    foretold = check_pair(TOY.target, TOY.draft, [[0]], max_tokens=400, rng=0, gamma=3).tokens[mistake]
    wrong = [
        check_pair(TOY.target, TOY.draft, [[0]], max_tokens=4000, rng=seed, gamma=3, rule=rule).report
        for seed in range(1, 4)
    ]
    assert {one.verdict for one in wrong} == {"lossy"}
    assert foretold / 2 < np.median([one.samples for one in wrong]) < 2 * foretold


def test_networks_pass_too_and_most_mistakes_would_have_shown():
    pair = load_pair("builtin")
    prompt = pair.tokenizer.encode("The function returns")
    found = check_pair(pair.target, pair.draft, [prompt], max_tokens=150, rng=3, gamma=3)
    assert found.report.verdict == "unknown"
    assert np.median(list(found.tokens.values())) < 150


def test_a_token_is_held_against_the_law_of_the_sibling_that_was_tried_first():
    laws = np.array([[[0.1, 0.9], [0.2, 0.8], [0.3, 0.7], [0.4, 0.6]]])
    draft = Draft(np.array([[0, 1, 0, 1]]), laws, (0, 0, 2, 2))
    placed = [(row.tolist(), place) for row, place in along(draft, [1, 1, 0])]
    assert placed == [([0.1, 0.9], (0, 1)), ([0.3, 0.7], (1, 2)), ([0.3, 0.7], (2, 2))]


def conform(*words):
    return CliRunner(env={"COLUMNS": "100"}).invoke(app, ["conform", "pair", *words])


def test_texts_need_a_prompt():
    with pytest.raises(ValueError, match="at least one"):
        check_pair(TOY.target, TOY.draft, [])


@pytest.mark.parametrize(
    "words, status", [(("toy",), 2), (("toy", "--rule", "lossy:typical"), 1), (("toy", "--gamma", "much"), 3)]
)
def test_the_exit_status_is_the_verdict(words, status):
    assert conform(*words, "--tokens", "600").exit_code == status


def test_the_command_says_what_it_would_have_found(tmp_path):
    shown = conform("toy", "--tokens", "200", "--out", str(tmp_path / "report.json"))
    assert "bonus from the draft" in shown.stdout
    assert json.loads((tmp_path / "report.json").read_text())["verdict"] == "unknown"
    found = json.loads(conform("toy", "--tokens", "200", "--json").stdout, parse_constant=pytest.fail)
    assert found["tokens"]["lenience"] < found["tokens"]["temperature 0.8"]
    assert found["tokens"]["stale target"] is None  # never: its laws are the same everywhere
