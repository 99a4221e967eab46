"""The command `specsim generate`: text while it is written, and at its end what the rounds did."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from ..console import clear_errors, use_threads
from .lengths import read_lengths
from .naming import find_draft
from .showing import Streamed, legend, show_all, summary, summary_of_all


def generate(
    pair: Annotated[
        str, typer.Argument(help="A pair, as for `specsim study`; with --draft, a target alone will do.")
    ],
    prompt: Annotated[
        list[str],
        typer.Option(help="The text to continue; token ids where there is no tokenizer. May be repeated."),
    ] = [],  # noqa: B006
    prompts: Annotated[
        Path | None, typer.Option(help="A file of prompts, one a line.", show_default=False)
    ] = None,
    chat: Annotated[bool, typer.Option("--chat", help="Prompts are questions to a chat model.")] = False,
    draft: Annotated[
        str | None,
        typer.Option(
            help="Instead of the pair's draft: lookup or lookup:N (copy what followed the last N tokens "
            "before), exit:K (the target's first K layers), a model, match:MODEL (matched by text), an .npz "
            "file of n-grams; A,B lets B draft for A.",
            show_default=False,
        ),
    ] = None,
    gamma: Annotated[
        str | None,
        typer.Option(
            help="Drafted tokens per round, in a chain; or schedule:5, confidence:0.4, optimal.",
            show_default="5",
        ),
    ] = None,
    shape: Annotated[
        str | None, typer.Option(help="Draft shape instead of a chain, such as tree:2,2.", show_default=False)
    ] = None,
    rule: Annotated[str, typer.Option(help="Verification rule; specsim rules lists them.")] = "token",
    tokens: Annotated[int, typer.Option(help="The most tokens to add.")] = 128,
    temperature: Annotated[float, typer.Option(help="Sampling temperature; 0 is greedy.")] = 1.0,
    top_k: Annotated[int, typer.Option(help="Keep the k most likely tokens; 0 keeps all.")] = 0,
    top_p: Annotated[float, typer.Option(help="Keep the most likely tokens of this probability.")] = 1.0,
    stop: Annotated[
        list[str], typer.Option(help="End before this text; several by repeating the option.")
    ] = [],  # noqa: B006
    seed: Annotated[int | None, typer.Option(help="Seed; the same seed gives the same text.")] = None,
    colour: Annotated[
        bool | None,
        typer.Option(help="Colour the text by who wrote what.", show_default="on a terminal"),
    ] = None,
    device: Annotated[str, typer.Option(help="Where the networks live: cpu or cuda.")] = "cpu",
    dtype: Annotated[str, typer.Option(help="Precision of their weights.")] = "float32",
    kernels: Annotated[str, typer.Option(help="On a CPU also packed or int8.")] = "plain",
    threads: Annotated[int, typer.Option(help="Threads of torch; more pay on idle cores only.")] = 1,
) -> None:
    """Continue texts with the target's own law, at the pace of a draft. They go to standard output.

    Example: specsim generate builtin --prompt "The function returns" --gamma 3

    Example: specsim generate smollm2 --draft lookup --prompt "To be, or not to be, that is" --stop "."

    Example: specsim generate smollm2 --chat --prompt "What is a compiler?" --kernels packed
    """
    from .speculative import generate as decode

    use_threads(threads)
    coloured = _colours() if colour is None else colour
    with clear_errors():
        asked = _prompts(prompt, prompts)
        target, drafting = _models(pair, draft, device=device, dtype=dtype, kernels=kernels)
        tokenizer = getattr(target, "tokenizer", None)
        shown = Streamed(tokenizer, stop, coloured)
        given = [_given(one, chat, tokenizer) for one in asked]
        one_alone = len(asked) == 1
        made: Any = decode(
            target, drafting, given[0] if one_alone else given,
            gamma=None if gamma is None else read_lengths(gamma), shape=shape, rule=rule,
            max_new_tokens=tokens, temperature=temperature, top_k=top_k, top_p=top_p, stop=stop, rng=seed,
            **({"on_tokens": shown.add} if one_alone else {}),
        )  # fmt: skip
    if one_alone:
        shown.end(made)
    else:
        gap = "\n" if chat or hasattr(target, "given") else "" if tokenizer else " "
        show_all(made, [one + gap for one in asked], tokenizer, coloured)
    if coloured:
        typer.echo(legend(), err=True, color=True)
    typer.echo(summary(made) if one_alone else summary_of_all(made), err=True)


def _prompts(prompt: Sequence[str], file: Path | None) -> list[str]:
    lines = [] if file is None else file.read_text(encoding="utf-8").splitlines()
    found = [*prompt, *(line for line in lines if line.strip())]
    if not found:
        raise ValueError("say what to continue: --prompt TEXT, or --prompts FILE with one a line")
    return found


def _models(pair: str, draft: str | None, **loading: Any) -> tuple[Any, Any]:
    """The target, and what drafts for it."""
    from ..models import load_pair
    from ..models.pairs import load_target

    if draft is None:
        found = load_pair(pair, **loading)
        return found.target, found.draft
    target = load_target(pair, **loading)
    return target, find_draft(draft, target, **loading)


def _given(prompt: str, chat: bool, tokenizer: Any) -> Any:
    """A prompt as `generate` takes it."""
    if chat:
        return [{"role": "user", "content": prompt}]
    if tokenizer is not None:
        return prompt
    try:
        return [int(word) for word in prompt.split()]
    except ValueError:
        raise ValueError(
            f"the target has no tokenizer, so a prompt is token ids such as '0 2 1', got {prompt!r}"
        ) from None


def _colours() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
