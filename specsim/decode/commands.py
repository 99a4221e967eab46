"""The command `specsim generate`: text while it is written, and at its end what the rounds did."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from ..console import clear_errors, use_threads
from .early_exit import early_exit
from .generation import Generation
from .lookup import prompt_lookup
from .stopping import Stops


def generate(
    pair: Annotated[
        str, typer.Argument(help="A pair, as for `specsim study`; with --draft, a target alone will do.")
    ],
    prompt: Annotated[str, typer.Option(help="The text to continue; token ids where there is no tokenizer.")],
    draft: Annotated[
        str | None,
        typer.Option(
            help="Instead of the pair's draft: lookup or lookup:N (copy what followed the last N tokens "
            "before), exit:K (the target's first K layers), a model, or an .npz file of n-grams.",
            show_default=False,
        ),
    ] = None,
    gamma: Annotated[int, typer.Option(help="Drafted tokens per round, in a chain.")] = 5,
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
    threads: Annotated[int, typer.Option(help="Threads of torch; more pay on idle cores only.")] = 1,
) -> None:
    """Continue a text with the target's own law, at the pace of a draft. The text goes to standard output.

    Example: specsim generate builtin --prompt "The function returns" --gamma 3

    Example: specsim generate smollm2 --draft lookup --prompt "To be, or not to be, that is" --stop "."
    """
    from .speculative import generate as decode

    use_threads(threads)
    with clear_errors():
        target, drafting = _models(pair, draft)
        tokenizer = getattr(target, "tokenizer", None)
        shown = Shown(Stops(_decoder(tokenizer), tuple(stop)))
        made = decode(
            target, drafting, prompt if tokenizer else _ids(prompt),
            gamma=None if shape else gamma, shape=shape, rule=rule, max_new_tokens=tokens,
            temperature=temperature, top_k=top_k, top_p=top_p, stop=stop, rng=seed, on_tokens=shown.add,
        )  # fmt: skip
    shown.end(made)
    typer.echo(summary(made), err=True)


class Shown:
    """A text in the terminal: everything that is certain to stay is printed at once."""

    def __init__(self, stops: Stops) -> None:
        self._stops, self._ids, self._printed = stops, list[int](), 0

    def add(self, row: int, ids: Sequence[int]) -> None:
        """Print what these ids make certain."""
        self._ids += ids
        self._print(self._stops.certain(self._stops.decode(self._ids)))

    def end(self, made: Generation) -> None:
        """Print the rest."""
        self._print(self._stops.decode(made.tokens) if made.text is None else made.text)
        typer.echo()

    def _print(self, text: str) -> None:
        typer.echo(text[self._printed :], nl=False)
        self._printed = max(self._printed, len(text))


def summary(made: Generation) -> str:
    """One line about the rounds of a text.

    >>> from specsim.decode.generation import Round
    >>> summary(Generation((0,), (1, 2, 1), (Round(2, 2, 3, 0.1, 0.1, 0.0),), "length", 0.2))
    '3 tokens in 1 round: 3.00 tokens per round, acceptance 1.00, 15.0 tokens per second; ended by length'
    """
    rounds = "1 round" if len(made.rounds) == 1 else f"{len(made.rounds)} rounds"
    return (
        f"{len(made.tokens)} tokens in {rounds}: {made.tokens_per_round:.2f} tokens per round, acceptance "
        f"{made.acceptance:.2f}, {made.tokens_per_second:.1f} tokens per second; ended by {made.stopped}"
    )


def find_draft(name: str, target: Any) -> Any:
    """The draft that "lookup", "lookup:3" or "exit:4" means for this target, else the model of that name.

    Raises ValueError for numbers that are none, and whatever loading a model does.

    >>> find_draft("lookup", None), find_draft("lookup:5", None)
    (PromptLookup(n=3), PromptLookup(n=5))
    """
    kind, _, count = name.partition(":")
    if kind not in ("lookup", "exit"):
        return _model(name)
    if not count.isdigit() and (count or kind == "exit"):
        raise ValueError(f"write {kind}:N with a whole number N, got {name!r}")
    if kind == "exit":
        return early_exit(target, int(count))
    return prompt_lookup(int(count)) if count else prompt_lookup()


def _models(pair: str, draft: str | None) -> tuple[Any, Any]:
    """The target, and what drafts for it."""
    from ..models import load_pair, pair_names

    if draft is not None and pair not in pair_names() and not (Path(pair) / "target").is_dir():
        target = _model(pair)
        return target, find_draft(draft, target)
    found = load_pair(pair)
    return found.target, found.draft if draft is None else find_draft(draft, found.target)


def _model(name: str) -> Any:
    from ..models import load, ngram

    return ngram.load(name) if name.endswith(".npz") else load(name)


def _decoder(tokenizer: Any) -> Callable[[Sequence[int]], str]:
    """From ids to the text that is shown: ids themselves where there is no tokenizer."""
    if tokenizer is None:
        return lambda ids: " ".join(map(str, ids))
    return lambda ids: tokenizer.decode(ids, skip_special_tokens=True)


def _ids(prompt: str) -> list[int]:
    try:
        return [int(word) for word in prompt.split()]
    except ValueError:
        raise ValueError(
            f"the target has no tokenizer, so a prompt is token ids such as '0 2 1', got {prompt!r}"
        ) from None
