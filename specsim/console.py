"""What every command of the shell shares: printing, and turning errors of use into one line."""

from typing import Any

import typer


def display(*parts: Any) -> None:
    """Print texts and tables."""
    from rich.console import Console

    for part in parts:
        Console(highlight=False).print(part)


class clear_errors:
    """Turn what a user got wrong into one line on standard error and exit status 2."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if isinstance(error, ValueError | FileNotFoundError | ImportError):
            typer.echo(f"specsim: {error}", err=True)
            raise typer.Exit(2) from error
