"""`specsim generate` prints the text that `generate` makes, and on standard error what the rounds did."""

import click
import pytest
import typer
from typer.testing import CliRunner

from specsim.decode import commands, early_exit, generate, lengths, prompt_lookup
from specsim.decode.marks import pieces
from specsim.decode.showing import COLOURS
from specsim.models import load_pair, ngram
from specsim.models.pairs import BUILTIN

app = typer.Typer()
app.command()(commands.generate)
PROMPT = "The function returns"


def run(*words: str):
    return CliRunner(env={"COLUMNS": "80"}).invoke(app, words)


def text(pair, draft=None, **settings):
    settings = {"gamma": 5, "max_new_tokens": 20, "rng": 1, **settings}
    return generate(pair.target, draft or pair.draft, PROMPT, **settings).text


@pytest.mark.parametrize(
    "words, settings",
    [
        ([], {}),
        (["--gamma", "2", "--rule", "block"], {"gamma": 2, "rule": "block"}),
        (["--gamma", "schedule:2"], {"gamma": lengths.schedule(2)}),
        (["--kernels", "plain", "--dtype", "float32", "--device", "cpu", "--no-colour"], {}),
        (["--shape", "tree:2,1"], {"gamma": None, "shape": "tree:2,1"}),
        (["--temperature", "0.5", "--top-k", "40", "--top-p", "0.9"],
         {"temperature": 0.5, "top_k": 40, "top_p": 0.9}),
        (["--stop", " a", "--stop", "."], {"stop": [" a", "."]}),
    ],
    ids=str,
)  # fmt: skip
def test_it_prints_the_text_and_then_a_line_about_the_rounds(words, settings):
    shown = run("builtin", "--prompt", PROMPT, "--tokens", "20", "--seed", "1", *words)
    assert shown.exit_code == 0, shown.output
    assert shown.stdout == text(load_pair("builtin"), **settings) + "\n"
    assert "tokens per round, acceptance" in shown.stderr


@pytest.mark.parametrize("name", ["lookup:2", "exit:2", str(BUILTIN / "bigram.npz")])
@pytest.mark.parametrize("target", ["builtin", str(BUILTIN / "target")], ids=["pair", "target"])
def test_drafts_have_names(target, name):
    pair = load_pair("builtin")
    drafts = {"lookup:2": prompt_lookup(2), "exit:2": early_exit(pair.target, 2)}
    draft = drafts.get(name) or ngram.load(name)
    shown = run(target, "--prompt", PROMPT, "--tokens", "20", "--seed", "1", "--draft", name)
    assert shown.stdout == text(pair, draft) + "\n"


def test_kernels_are_those_asked_for():
    shown = run("builtin", "--prompt", PROMPT, "--tokens", "20", "--temperature", "0", "--kernels", "packed")
    assert shown.stdout == text(load_pair("builtin", kernels="packed"), temperature=0) + "\n"


def test_several_prompts_are_decoded_side_by_side_and_shown_with_their_texts(tmp_path):
    (tmp_path / "prompts.txt").write_text("The list\n\n A file\n")
    shown = run(
        "builtin",
        "--prompt",
        PROMPT,
        "--prompts",
        str(tmp_path / "prompts.txt"),
        "--tokens",
        "9",
        "--seed",
        "1",
    )
    pair, prompts = load_pair("builtin"), [PROMPT, "The list", " A file"]
    made = generate(pair.target, pair.draft, prompts, gamma=5, max_new_tokens=9, rng=1)
    assert shown.stdout == "\n\n".join(prompt + one.text for prompt, one in zip(prompts, made)) + "\n"
    assert shown.stderr.startswith("3 texts, 27 tokens in ")


def test_in_colours_every_piece_has_that_of_its_kind():
    pair = load_pair("builtin")
    made = generate(pair.target, pair.draft, PROMPT, gamma=5, max_new_tokens=20, rng=1)
    shown = run("builtin", "--prompt", PROMPT, "--tokens", "20", "--seed", "1", "--colour")
    assert click.unstyle(shown.stdout) == made.text + "\n"
    for kind, words in pieces(made, pair.tokenizer):
        for word in words.split():
            assert word in shown.stdout
        assert typer.style("", **COLOURS[kind], reset=False) in shown.stdout
    assert "accepted: drafted and kept" in click.unstyle(shown.stderr)


def test_without_colours_there_is_no_escape_code():
    shown = run("builtin", "--prompt", PROMPT, "--tokens", "5")
    assert "\x1b" not in shown.stdout + shown.stderr


def test_ids_stand_for_text_where_there_is_no_tokenizer():
    shown = run("toy", "--prompt", "0 1", "--tokens", "5", "--seed", "1")
    pair = load_pair("toy")
    made = generate(pair.target, pair.draft, [0, 1], gamma=5, max_new_tokens=5, rng=1)
    assert shown.stdout.split() == [str(token) for token in made.tokens]


@pytest.mark.parametrize(
    "words, message",
    [
        (("toy", "--prompt", "to be"), "token ids such as '0 2 1', got 'to be'"),
        (("toy", "--prompt", "0", "--draft", "exit:1"), "only networks have layers"),
        (("toy", "--prompt", "0", "--draft", "exit"), "write exit:N"),
        (("toy", "--prompt", "0", "--draft", "lookup:x"), "write lookup:N"),
        (("toy", "--prompt", "0", "--draft", "lookup", "--shape", "tree:2"), "drafts a chain"),
        (
            ("toy", "--prompt", "0", "--gamma", "2", "--shape", "tree:2"),
            "pass gamma, for a chain, or a shape",
        ),
        (("toy", "--prompt", "0", "--stop", "x"), "need a target with a tokenizer"),
        (("toy", "--prompt", "0", "--gamma", "many"), "names no draft length"),
        (("builtin", "--prompt", "hello", "--chat"), "messages need a tokenizer with a chat template"),
        (("builtin", "--prompt", "hello", "--kernels", "fast"), "kernels are one of"),
        (("toy",), "say what to continue"),
        (("toy", "--prompts", "./nowhere"), "No such file or directory"),
        (("nowhere", "--prompt", "0"), "unknown pair 'nowhere'"),
        (("./nowhere", "--prompt", "0", "--draft", "lookup"), "there is no model folder"),
    ],
    ids=lambda case: " ".join(case) if isinstance(case, tuple) else "",
)
def test_what_is_wrong_is_said_in_one_line(words, message):
    shown = run(*words)
    assert shown.exit_code == 2
    assert message in shown.stderr
    assert shown.stderr.count("\n") == 1
