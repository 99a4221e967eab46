"""The exit status of every command: 0 exact, 1 not exact, 2 unknown, 3 bad input, 4 out of time or memory."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

STATUS = {"exact": 0, "lossy": 1, "unknown": 2}
BAD_INPUT, OUT_OF_RESOURCES = 3, 4

_UsageError: Any = typer.BadParameter.__base__


class _OwnStatus(TyperGroup):
    """Wrong options are bad input here, and not "unknown"."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except _UsageError as error:
            error.exit_code = BAD_INPUT
            raise


conform = typer.Typer(
    cls=_OwnStatus,
    help="Is this decoder exact? The law of what it emits, without sampling error, against the target's. "
    "Exit status: 0 exact, 1 not exact, 2 unknown, 3 bad input, 4 out of time or memory.",
    no_args_is_help=True,
)

Seconds = Annotated[float, typer.Option(help="Time after which the verdict is what is known by then.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


class _TimeIsUp(BaseException):
    """Not an Exception: a crash of the code under test is an outcome, this is not."""


@contextmanager
def own_status(seconds: float | None = None) -> Iterator[None]:
    """Turn errors of use into status 3, and what does not come back, or needs too much memory, into 4."""
    try:
        with _alarm(seconds):
            yield
    except (ValueError, OSError, ImportError) as error:
        typer.echo(f"specsim: {error}", err=True)
        raise typer.Exit(BAD_INPUT) from error
    except (MemoryError, RecursionError) as error:
        typer.echo(f"specsim: out of memory or depth: {error!r}; try smaller --gamma or --vocab", err=True)
        raise typer.Exit(OUT_OF_RESOURCES) from error
    except _TimeIsUp as error:
        typer.echo("specsim: one call did not come back in time; does it wait, or loop for ever?", err=True)
        raise typer.Exit(OUT_OF_RESOURCES) from error


@contextmanager
def _alarm(seconds: float | None) -> Iterator[None]:
    """Raise _TimeIsUp well after `seconds`, where the check itself should have stopped long before."""
    if seconds is None or not hasattr(signal, "SIGALRM"):
        yield
        return

    def ring(*_: Any) -> None:
        raise _TimeIsUp

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, 2 * seconds + 30)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
