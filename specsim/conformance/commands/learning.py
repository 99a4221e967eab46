"""`specsim conform exercise` and `gallery`: learning from what is right and what is wrong."""

from pathlib import Path
from typing import Annotated

import typer

from ...console import display
from .status import STATUS, Seconds, conform, own_status


@conform.command()
def exercise(
    name: Annotated[str | None, typer.Argument(help="Exercise to write; none lists them.")] = None,
    to: Annotated[Path | None, typer.Option(help="File to write, NAME.py by default.")] = None,
    grade: Annotated[Path | None, typer.Option(help="Grade this filled-in file instead.")] = None,
    seconds: Seconds = 60.0,
) -> None:
    """Learn speculative decoding by filling in its holes; graded by exact law.

    Example: specsim conform exercise correction, edit correction.py, then
    specsim conform exercise --grade correction.py
    """
    from .. import exercises

    with own_status(seconds):
        if grade is not None:
            result = exercises.grade(grade, seconds)
            typer.echo(str(result))
            raise typer.Exit(0 if result.passed else STATUS[result.report.verdict] or 1)
        if name is not None:
            path = exercises.write(name, to or Path(f"{name}.py"))
            typer.echo(f"wrote {path}; fill in the dots, then: specsim conform exercise --grade {path}")
            return
    for known, title in exercises.EXERCISES.items():
        typer.echo(f"{known:<12}{title}")


@conform.command()
def gallery(
    id: Annotated[str | None, typer.Argument(help="Exhibit to show, e.g. M01; none lists them.")] = None,
) -> None:
    """Decoders that are wrong in known ways, and some that are right: what they do, and their code.

    Example: specsim conform gallery M01
    """
    from rich.table import Table

    from ..gallery import GALLERY

    if id is not None:
        with own_status():
            if id not in GALLERY:
                raise ValueError(f"there is no exhibit {id!r}; choose one of {', '.join(GALLERY)}")
            one = GALLERY[id]
            typer.echo(f"{one.id}  {one.title}\n\n{one.story}\n\nsource    {one.source}")
            typer.echo(f"contract  {one.contract}\nfault     {one.kind or 'none: it is exact'}\n\n{one.code}")
        return
    table = Table("id", "what it does", "contract", "fault")
    for one in GALLERY.values():
        table.add_row(one.id, one.title, one.contract, one.kind or "-")
    display(table)
