"""specsim in a shell: every command prints a table that teaches, and `--help` explains its words."""

import json
import re
from fractions import Fraction
from pathlib import Path
from typing import Annotated

import typer

from .conformance.commands import conform
from .console import clear_errors, display, use_threads
from .decode.commands import generate
from .measure.commands import measure
from .models.commands import distill, pairs

app = typer.Typer(
    help="The laboratory for speculative decoding: exact theory, simulation and real models "
    "through one verification core.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(conform, name="conform")

Pair = Annotated[
    str,
    typer.Argument(
        help="A named pair (builtin, builtin-bigram, builtin-unigram, toy, bernoulli, regimes), a folder "
        "with target/ and draft/, or two model folders or hub names as TARGET,DRAFT."
    ),
]
_SHAPES = "such as chain:4, siblings:4:distinct, tree:2,2 or chains:2,3"
TopP = Annotated[float, typer.Option(help="Keep the most likely tokens of this total probability.")]
Threads = Annotated[int, typer.Option(help="Threads of torch; more pay on idle cores only.")]
Seed = Annotated[int, typer.Option(help="Seed of all random numbers; the same seed gives the same result.")]


@app.command()
def theory(
    alpha: Annotated[str, typer.Option(help="Mean acceptance per drafted token, 0.8 or 4/5.")] = "0.8",
    gamma: Annotated[str, typer.Option(help="Drafted tokens per round; several as 1,2,5.")] = "1,2,3,4,5,8",
    c: Annotated[float, typer.Option(help="Time of one draft step over one target step.")] = 0.05,
    c_hat: Annotated[float, typer.Option(help="Arithmetic per token, draft over target.")] = 0.05,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """What theory promises: tokens per round and speed-up at an acceptance alpha.

    Fractions such as 4/5 are computed exactly. Example: specsim theory --alpha 4/5 --gamma 5
    """
    from .report.theory import theory_caption, theory_rows, theory_table

    with clear_errors():
        chance = _number(alpha)
        rows = theory_rows(chance, _whole_numbers(gamma), c, c_hat)
        caption = theory_caption(chance, c)
    if as_json:
        typer.echo(json.dumps(rows, default=str, indent=1))
    else:
        display(theory_table(rows), caption)


@app.command()
def simulate(
    pair: Pair = "toy",
    rule: Annotated[str, typer.Option(help="Verification rule; specsim rules lists them.")] = "token",
    gamma: Annotated[int, typer.Option(help="Drafted tokens per round, in a chain.")] = 4,
    shape: Annotated[
        str | None, typer.Option(help=f"Draft shape instead of a chain, {_SHAPES}.", show_default=False)
    ] = None,
    rounds: Annotated[int, typer.Option(help="Rounds to simulate.")] = 100_000,
    seed: Seed = 0,
) -> None:
    """Simulate rounds of a small pair and hold them against the exact law.

    Example: specsim simulate toy --rule block --gamma 3 --rounds 1000000

    Example: specsim simulate toy --rule traversal --shape tree:2,2
    """
    from .core import chain
    from .models import load_pair
    from .report.simulation import simulation_report
    from .shapes import read_shape

    with clear_errors():
        drafts = read_shape(shape) if shape else chain(gamma)
        report = simulation_report(load_pair(pair), rule, drafts, rounds, seed)
    display(report)


@app.command(name="rules")
def list_rules() -> None:
    """Every verification rule: exact or lossy, what it verifies, and where it was published.

    A lossy rule changes the output law, and its name says so: specsim simulate toy --rule lossy:typical
    """
    from .report.rules import rules_table

    display(rules_table())


@app.command()
def compare(
    pair: Pair = "toy",
    drafted: Annotated[int, typer.Option(help="Drafted tokens per round, the same for all rules.")] = 4,
    rules: Annotated[str, typer.Option(help="Rules, separated by commas; all by default.")] = "",
    shapes: Annotated[
        list[str], typer.Option("--shape", help=f"Draft shape, {_SHAPES}; several by repeating it.")
    ] = [],  # noqa: B006
    strengths: Annotated[
        str, typer.Option(help="Strengths of lossy rules: values of their first parameter.")
    ] = "0.001,0.005,0.02,0.05,0.1,0.2,0.4,0.7,0.9",
    rounds: Annotated[
        int | None,
        typer.Option(help="Rounds to simulate for each entry.", show_default="100,000; of networks 256"),
    ] = None,
    seed: Seed = 0,
    threads: Threads = 1,
    out: Annotated[Path, typer.Option(help="Folder for compare.json and compare.png.")] = Path("out"),
) -> None:
    """Compare all rules at equal drafted tokens: what they keep, and what lossy ones bend.

    Tokens per round and bias, each by theory and simulated, beside the best that any verifier could do.

    The exit status is 1 where theory and simulation differ.

    Example: specsim compare toy

    Example: specsim compare builtin --drafted 6 --rules token,block,traversal
    """
    from .compare import Options
    from .compare import compare as run_comparison
    from .models import load_pair
    from .report.compare import write_comparison

    use_threads(threads)
    with clear_errors():
        options = Options(
            drafted, tuple(_words(rules)), tuple(shapes), tuple(_words(strengths)), rounds, seed
        )
        found = run_comparison(load_pair(pair), options, progress=None)
    display(write_comparison(found, out))
    raise typer.Exit(0 if found.agrees else 1)


@app.command()
def study(
    pair: Pair = "builtin",
    rules: Annotated[
        str, typer.Option(help="Verification rules, separated by commas.")
    ] = "token,block,match",
    gammas: Annotated[
        str, typer.Option(help='Drafted tokens per round, separated by commas; "" for shapes only.')
    ] = "1,2,3,5",
    shapes: Annotated[
        list[str],
        typer.Option("--shape", help=f"Draft shape beside these, {_SHAPES}; several by repeating it."),
    ] = [],  # noqa: B006
    prompts: Annotated[int, typer.Option(help="Number of prompts; they alternate between domains.")] = 12,
    tokens: Annotated[
        int | None, typer.Option(help="Tokens to generate for each prompt.", show_default="64; toy pairs 400")
    ] = None,
    temperature: Annotated[float, typer.Option(help="Sampling temperature; 0 is greedy.")] = 1.0,
    top_k: Annotated[int, typer.Option(help="Keep the k most likely tokens; 0 keeps all.")] = 0,
    top_p: TopP = 1.0,
    seed: Seed = 0,
    threads: Threads = 1,
    prompt_file: Annotated[
        Path | None, typer.Option(help="Text file of your own prompts, separated by blank lines.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for study.json, study.png and study.html.")] = Path("out"),
) -> None:
    """Set theory, simulation and measurement of a pair side by side.

    Tokens per round for each rule and draft: by formula, exactly, simulated, measured.

    Speed against plain decoding: predicted before the run, and measured in it.

    The exit status is 1 where simulation or measurement differ from theory.

    Example: specsim study regimes

    Example: specsim study ./big,./small --gammas 2,4 --shape tree:2,2 --rules token,traversal
    """
    from .measure import Settings, run_study
    from .models import load_pair
    from .report.study import write_study

    use_threads(threads)
    with clear_errors():
        loaded = load_pair(pair)
        chosen = Settings(
            tuple(_words(rules)),
            tuple(_whole_numbers(gammas)),
            prompts,
            tokens or (400 if loaded.tokenizer is None else 64),
            temperature,
            top_k,
            top_p,
            seed,
            None if prompt_file is None else str(prompt_file),
            tuple(shapes),
        )
        out.mkdir(parents=True, exist_ok=True)
        found = run_study(loaded, chosen)
    report = write_study(found, out)
    display(report)
    raise typer.Exit(0 if found.agrees else 1)


app.command()(measure)
app.command()(generate)
app.command()(distill)
app.add_typer(pairs, name="pairs")


def _words(text: str) -> list[str]:
    """Words between commas; commas in brackets, as in lossy:lenient(0.5,scaled), stay."""
    return [word.strip() for word in re.split(r",(?![^(]*\))", text) if word.strip()]


def _number(text: str) -> float | Fraction:
    try:
        return Fraction(text) if "/" in text else float(text)
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"expected a number such as 0.8 or 4/5, got {text!r}") from None


def _whole_numbers(text: str) -> list[int]:
    try:
        return [int(word) for word in _words(text)]
    except ValueError:
        raise ValueError(f"expected whole numbers such as 1,2,5, got {text!r}") from None
