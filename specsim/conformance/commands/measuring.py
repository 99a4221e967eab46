"""`specsim conform transformers` and `selftest`: the kit let loose on a library, and on itself."""

import json
from dataclasses import asdict
from typing import Annotated, Any

import typer

from ...console import display
from .status import STATUS, AsJson, conform, own_status

SHOWN_ONLY = ("time", "power")
"""Parts of the selftest that do not count for the exit status."""


@conform.command()
def transformers(
    settings: Annotated[
        list[str] | None, typer.Argument(help="Settings to walk; all unless given.", show_default=False)
    ] = None,
    rule: Annotated[bool, typer.Option(help="The acceptance rule alone too, in three precisions.")] = True,
    seconds: Annotated[float, typer.Option(help="For each of them.")] = 60.0,
    as_json: AsJson = False,
) -> None:
    """Is assisted generation of the installed transformers release exact? End to end, on tiny random models.

    It takes some minutes. The exit status is about `generate` where it is meant to be exact: the acceptance
    rule alone, in three precisions, and what is lossy by design are shown and do not count.

    Example: specsim conform transformers draft lookup --no-rule
    """
    with own_status():
        import transformers as library
        from tqdm import tqdm

        from ..assisted import PRECISIONS, SETTINGS, check_rule, check_setting

        jobs: list[tuple[Any, str]] = [(check_setting, name) for name in settings or SETTINGS]
        jobs += [(check_rule, name) for name in PRECISIONS if rule and not settings]
        reports = [check(name, seconds=seconds) for check, name in tqdm(jobs, leave=False)]
    if as_json:
        typer.echo(json.dumps([asdict(report) for report in reports], indent=1))
    else:
        display(_assisted_table(library.__version__, reports))
    counted = {one.verdict for one in reports if one.subject in SETTINGS and SETTINGS[one.subject].exact}
    raise typer.Exit(next((STATUS[verdict] for verdict in ("lossy", "unknown") if verdict in counted), 0))


def _assisted_table(version: str, reports: list[Any]) -> Any:
    from rich.table import Table

    table = Table(
        "setting", "verdict", "TV", "what was seen", title=f"assisted generation of transformers {version}"
    )
    for one in reports:
        said = [one.diagnosis.words] if one.diagnosis else []
        tv = "-" if one.tv is None else f"{one.tv:.2g}"
        remarks = [] if one.subject.startswith("_") else ["; ".join(one.notes)]
        table.add_row(one.subject, one.verdict, tv, " ".join([*said, *remarks]))
    return table


@conform.command()
def selftest(
    mutants: Annotated[
        bool, typer.Option("--mutants", help="Every wrong exhibit is found and named.")
    ] = False,
    lossless: Annotated[bool, typer.Option("--lossless", help="Every exact exhibit passes.")] = False,
    engine: Annotated[bool, typer.Option("--engine", help="Exact laws against formulas.")] = False,
    draws: Annotated[bool, typer.Option("--mc", help="Exact laws against a million real draws.")] = False,
    calibration: Annotated[bool, typer.Option("--calibration", help="False alarms of sampling.")] = False,
    power: Annotated[bool, typer.Option("--power", help="How soon sampling finds mistakes.")] = False,
    workers: Annotated[
        int | None, typer.Option(help="Processes; one per core unless given.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Does the kit keep its own promises? Numbers beside their goals; all parts unless some are named.

    It takes some minutes on two cores. The exit status is 1 where a verdict or a law misses its goal; times,
    and how soon sampling finds a mistake, depend on the machine and on the laws: shown, they do not count.

    Example: specsim conform selftest --engine --power
    """
    from tqdm import tqdm

    from ..selftest import PARTS
    from ..selftest import selftest as lines_of

    asked = (mutants, lossless, engine, draws, calibration, power)
    parts = [part for part, wanted in zip(PARTS, asked) if wanted] or PARTS
    with own_status(), tqdm(total=1, leave=False) as bar:

        def show(done: int, of: int) -> None:
            bar.total, bar.n = of, done
            bar.refresh()

        lines = lines_of(parts, workers=workers, progress=show)
    if as_json:
        typer.echo(json.dumps([asdict(line) for line in lines], indent=1))
    else:
        display(_scorecard(lines))
    raise typer.Exit(0 if all(line.passed for line in lines if line.part not in SHOWN_ONLY) else 1)


def _scorecard(lines: list[Any]) -> Any:
    from rich.table import Table

    table = Table("part", "what", "came", "goal", "", title="selftest of the conformance kit")
    for line in lines:
        table.add_row(line.part, line.words, line.came, line.goal, "passed" if line.passed else "missed")
        for one in line.details:
            table.add_row("", f"  {one}", "", "", "")
    return table
