"""What every command of the shell shares: printing, threads, and turning errors of use into one line."""

from importlib.util import find_spec
from typing import Any

import typer


def display(*parts: Any) -> None:
    """Print texts and tables."""
    from rich.console import Console

    for part in parts:
        Console(highlight=False).print(part)


def use_threads(count: int) -> None:
    """Set the threads of torch, where it is installed: toy pairs do without."""
    if count < 1:
        raise typer.BadParameter(f"--threads must be at least 1, got {count}")
    if find_spec("torch"):
        import torch

        torch.set_num_threads(count)


class clear_errors:
    """Turn what a user got wrong into one line on standard error and exit status 2."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if isinstance(error, ValueError | OSError | ImportError):
            typer.echo(f"specsim: {error}", err=True)
            raise typer.Exit(2) from error
