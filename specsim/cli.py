"""specsim in a shell: every command prints a table that teaches, and `--help` explains its words."""

import json
import re
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    help="The laboratory for speculative decoding: exact theory, simulation and real models "
    "through one verification core.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Pair = Annotated[
    str,
    typer.Argument(
        help="A named pair (builtin, builtin-bigram, builtin-unigram, toy, bernoulli, regimes), a folder "
        "with target/ and draft/, or two model folders or hub names as TARGET,DRAFT."
    ),
]
Rules = Annotated[str, typer.Option(help="Verification rules, separated by commas.")]
TopP = Annotated[float, typer.Option(help="Keep the most likely tokens of this total probability.")]
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

    with _clear_errors():
        chance = _number(alpha)
        rows = theory_rows(chance, _whole_numbers(gamma), c, c_hat)
        caption = theory_caption(chance, c)
    if as_json:
        typer.echo(json.dumps(rows, default=str, indent=1))
    else:
        _print(theory_table(rows), caption)


@app.command()
def simulate(
    pair: Pair = "toy",
    rule: Annotated[str, typer.Option(help="Verification rule: token, block, match or greedy.")] = "token",
    gamma: Annotated[int, typer.Option(help="Drafted tokens per round.")] = 4,
    rounds: Annotated[int, typer.Option(help="Rounds to simulate.")] = 100_000,
    seed: Seed = 0,
) -> None:
    """Simulate rounds of a small pair and hold them against the exact law.

    Example: specsim simulate toy --rule block --gamma 3 --rounds 1000000
    """
    from .models import load_pair
    from .report.simulation import simulation_report

    with _clear_errors():
        report = simulation_report(load_pair(pair), rule, gamma, rounds, seed)
    _print(report)


@app.command(name="rules")
def list_rules() -> None:
    """Every verification rule: exact or lossy, what it verifies, and where it was published.

    A lossy rule changes the output law, and its name says so: specsim simulate toy --rule lossy:typical
    """
    from .report.rules import rules_table

    _print(rules_table())


@app.command()
def study(
    pair: Pair = "builtin",
    rules: Annotated[
        str, typer.Option(help="Verification rules, separated by commas.")
    ] = "token,block,match",
    gammas: Annotated[str, typer.Option(help="Drafted tokens per round, separated by commas.")] = "1,2,3,5",
    prompts: Annotated[int, typer.Option(help="Number of prompts; they alternate between domains.")] = 12,
    tokens: Annotated[
        int | None, typer.Option(help="Tokens to generate for each prompt.", show_default="64; toy pairs 400")
    ] = None,
    temperature: Annotated[float, typer.Option(help="Sampling temperature; 0 is greedy.")] = 1.0,
    top_k: Annotated[int, typer.Option(help="Keep the k most likely tokens; 0 keeps all.")] = 0,
    top_p: TopP = 1.0,
    seed: Seed = 0,
    threads: Annotated[int, typer.Option(help="Threads of torch; more pay on idle cores only.")] = 1,
    prompt_file: Annotated[
        Path | None, typer.Option(help="Text file of your own prompts, separated by blank lines.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for study.json, study.png and study.html.")] = Path("out"),
) -> None:
    """Set theory, simulation and measurement of a pair side by side.

    Tokens per round for each rule and gamma: by formula, exactly, simulated, measured.

    Speed against plain decoding: predicted before the run, and measured in it.

    The exit status is 1 where simulation or measurement differ from theory.

    Example: specsim study regimes

    Example: specsim study ./big,./small --gammas 2,4
    """
    from .measure import Settings, run_study
    from .models import load_pair
    from .report.study import write_study

    _use_threads(threads)
    with _clear_errors():
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
        )
        found = run_study(loaded, chosen)
    report = write_study(found, out)
    _print(report)
    raise typer.Exit(0 if found.agrees else 1)


def _use_threads(count: int) -> None:
    """Set the threads of torch, where it is installed: toy pairs do without."""
    if find_spec("torch"):
        import torch

        torch.set_num_threads(count)


def _print(*parts: Any) -> None:
    from rich.console import Console

    for part in parts:
        Console(highlight=False).print(part)


class _clear_errors:
    """Turn what a user got wrong into one line on standard error and exit status 2."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if isinstance(error, ValueError | FileNotFoundError | ImportError):
            typer.echo(f"specsim: {error}", err=True)
            raise typer.Exit(2) from error


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
