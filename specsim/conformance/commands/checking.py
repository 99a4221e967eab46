"""`specsim conform run`: somebody's function through the check that fits it."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from shutil import get_terminal_size
from textwrap import fill
from typing import Annotated, Any

import typer

from .loading import load
from .status import OUT_OF_RESOURCES, STATUS, AsJson, Seconds, conform, own_status


@conform.command()
def run(
    subject: Annotated[
        str,
        typer.Argument(help="What to check: package.module:function or path/to/file.py:function."),
    ],
    contract: Annotated[
        str | None,
        typer.Option(
            help="chain, batch, tree, generator or drafter; found out for verifiers.", show_default=False
        ),
    ] = None,
    gamma: Annotated[
        str, typer.Option(help="Lengths of drafts to try; several as 1,2.", show_default=False)
    ] = "",
    vocab: Annotated[str, typer.Option(help="Sizes of vocabularies to try.", show_default=False)] = "",
    array: Annotated[
        str | None,
        typer.Option(help="What it takes: numpy, torch (float32), torch64 or list.", show_default=False),
    ] = None,
    argument: Annotated[
        list[str],
        typer.Option(help="Parameter of the function and its role, as q=draft; several by repeating."),
    ] = [],  # noqa: B006
    declared: Annotated[
        str | None,
        typer.Option(help="For a drafter: the function that declares its law.", show_default=False),
    ] = None,
    tolerance: Annotated[
        float | None,
        typer.Option(help="Total variation that counts as rounding; 1e-6 by default.", show_default=False),
    ] = None,
    seconds: Seconds = 60.0,
    out: Annotated[Path | None, typer.Option(help="Write the report to this file, as JSON.")] = None,
    as_json: AsJson = False,
) -> None:
    """Check your own function. This runs your code, with all that it does.

    A verifier is called as verify(target, draft, tokens, rng) and returns the emitted tokens: the kept ones
    and one more. Of a generator, generate(target, draft, prompt, max_new_tokens, rng), all options that it
    names are tried: eos, temperature, processor, seed, logprobs and others.

    Example: specsim conform run mypackage.sampling:verify --gamma 1,2,3
    """
    from ..front import check_any

    with own_status(seconds):
        options: dict[str, Any] = {
            "contract": contract,
            "array": array,
            "tolerance": tolerance,
            "arguments": dict(_pairs(argument)) or None,
            "gammas": _numbers(gamma),
            "vocab": _numbers(vocab),
            "seconds": seconds,
        }
        given = {name: value for name, value in options.items() if value is not None}
        law = load(declared) if declared else None
        report = check_any(load(subject), declared=law, **given)
        if out is not None:
            report.save(out)
    if as_json:
        typer.echo(json.dumps(asdict(report), indent=1))
    else:
        typer.echo("\n".join(map(folded, str(report).splitlines())))
    raise typer.Exit(_status(report))


def folded(line: str) -> str:
    """A sentence of a report in the width of the terminal; laws, which stand further in, stay as they are."""
    if line.startswith("    "):
        return line
    return fill(line, get_terminal_size().columns, subsequent_indent="    ", break_on_hyphens=False)


def _status(report: Any) -> int:
    """The exit status: nothing said for want of time is another thing than nothing to be seen."""
    if not report.cases and any("out of time" in note for note in report.notes):
        return OUT_OF_RESOURCES
    return STATUS[report.verdict]


def _pairs(texts: list[str]) -> Iterator[tuple[str, str]]:
    for text in texts:
        name, equals, role = text.partition("=")
        if not equals:
            raise ValueError(f"an argument is given as PARAMETER=ROLE, for example q=draft, got {text!r}")
        yield name.strip(), role.strip()


def _numbers(text: str) -> tuple[int, ...] | None:
    try:
        return tuple(int(part) for part in text.split(",")) if text else None
    except ValueError:
        raise ValueError(f"expected whole numbers separated by commas, got {text!r}") from None
