"""`specsim conform pair`: our own decoder on a real pair, by a sequential test of its texts."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ...console import display, use_threads
from .checking import folded
from .status import STATUS, AsJson, conform, own_status


@conform.command()
def pair(
    name: Annotated[str, typer.Argument(help="A pair, as for `specsim study`.")] = "builtin",
    draft: Annotated[
        str | None,
        typer.Option(help="Instead of the pair's draft, as for `specsim generate`.", show_default=False),
    ] = None,
    rule: Annotated[str, typer.Option(help="Verification rule; specsim rules lists them.")] = "token",
    gamma: Annotated[
        str, typer.Option(help="Drafted tokens per round, or a policy such as schedule:5.")
    ] = "3",
    shape: Annotated[
        str | None, typer.Option(help="Draft shape instead, such as tree:2,2.", show_default=False)
    ] = None,
    tokens: Annotated[int, typer.Option(help="How many tokens to look at.")] = 2000,
    length: Annotated[int, typer.Option(help="The most tokens of a text.")] = 64,
    temperature: Annotated[float, typer.Option(help="Sampling temperature.")] = 1.0,
    top_k: Annotated[int, typer.Option(help="Keep the k most likely tokens; 0 keeps all.")] = 0,
    top_p: Annotated[float, typer.Option(help="Keep the most likely tokens of this probability.")] = 1.0,
    alpha: Annotated[float, typer.Option(help="Chance of a false alarm.")] = 1e-6,
    tolerance: Annotated[
        float, typer.Option(help="Total variation per token that passes of other widths may differ by.")
    ] = 1e-5,
    prompts: Annotated[int, typer.Option(help="How many different prompts to take in turn.")] = 16,
    prompt_file: Annotated[
        Path | None,
        typer.Option(help="Your own prompts, one per paragraph.", show_default=False),
    ] = None,
    kernels: Annotated[str, typer.Option(help="plain, packed or int8.")] = "plain",
    seed: Annotated[int, typer.Option(help="Seed of the texts.")] = 0,
    threads: Annotated[int, typer.Option(help="Threads of torch; more pay on idle cores only.")] = 1,
    out: Annotated[Path | None, typer.Option(help="Write the report to this file, as JSON.")] = None,
    as_json: AsJson = False,
) -> None:
    """Does our own decoder keep the target's law on this pair? Its texts, held against the target's laws.

    Sampling never proves exactness: a pass has status 2, and says what would have been found, and when.

    Example: specsim conform pair smollm2 --rule block --gamma schedule:3 --tokens 3000
    """
    from tqdm import tqdm

    from ...measure.record import json_text
    from ..real_pairs import check_pair

    use_threads(threads)
    with own_status(), tqdm(total=tokens, unit="token", leave=False, delay=2) as bar:

        def show(test: Any) -> None:
            bar.set_postfix_str(f"evidence {test.evalue:.3g}")
            bar.update(test.tokens - bar.n)

        target, drafting, texts = _models(name, draft, kernels, prompts, prompt_file)
        found = check_pair(
            target, drafting, texts, max_tokens=tokens, length=length, alpha=alpha, tolerance=tolerance,
            temperature=temperature, top_k=top_k, top_p=top_p, rng=seed, progress=show,
            rule=rule, **_drafts(gamma, shape),
        )  # fmt: skip
        if out is not None:
            found.report.save(out)
    if as_json:
        typer.echo(json_text(found))
    else:
        typer.echo("\n".join(map(folded, str(found.report).splitlines())))
        display(_power(found))
    raise typer.Exit(STATUS[found.report.verdict])


def _models(name: str, draft: str | None, kernels: str, count: int, file: Path | None) -> tuple[Any, ...]:
    """Target, draft and prompts."""
    from ...decode.naming import find_draft
    from ...models import load_pair
    from ...models.texts import prompts_for

    pair = load_pair(name, kernels=kernels)
    found = prompts_for(pair.tokenizer, pair.vocab_size, count, file)
    drafting = pair.draft if draft is None else find_draft(draft, pair.target, kernels=kernels)
    return pair.target, drafting, [one.tokens.tolist() for one in found]


def _drafts(gamma: str, shape: str | None) -> dict[str, Any]:
    from ...decode.lengths import read_lengths

    return {"gamma": read_lengths(gamma)} if shape is None else {"shape": shape}


def _power(found: Any) -> Any:
    from rich.table import Table

    table = Table("a decoder with this mistake", "found after about", title="what the test would have found")
    for name, tokens in sorted(found.tokens.items(), key=lambda one: one[1]):
        table.add_row(name, f"{tokens:,.0f} tokens" if tokens < 1e9 else "never")
    return table
