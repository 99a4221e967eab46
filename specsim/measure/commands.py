"""The command `specsim measure`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ..console import clear_errors, display, use_threads
from .options import Options

DEFAULTS = Options()


def measure(
    pair: Annotated[
        str, typer.Argument(help="A pair, as for `specsim study`; with --draft, a target alone will do.")
    ] = "builtin",
    draft: Annotated[
        list[str],
        typer.Option(
            help="A draft, as for `specsim generate`; several by repeating the option.",
            show_default="the pair's own, and lookup",
        ),
    ] = [],  # noqa: B006
    gamma: Annotated[
        str, typer.Option(help="Drafted tokens per round: numbers, or policies such as schedule:5.")
    ] = ",".join(DEFAULTS.gammas),
    rules: Annotated[str, typer.Option(help="Verification rules: token, block, match.")] = "token",
    prompts: Annotated[int, typer.Option(help="Number of prompts.")] = DEFAULTS.prompts,
    tokens: Annotated[int, typer.Option(help="Tokens to generate for each prompt.")] = DEFAULTS.tokens,
    temperature: Annotated[float, typer.Option(help="Sampling temperature; 0 is greedy.")] = 1.0,
    top_k: Annotated[int, typer.Option(help="Keep the k most likely tokens; 0 keeps all.")] = 0,
    top_p: Annotated[float, typer.Option(help="Keep the most likely tokens of this probability.")] = 1.0,
    temperatures: Annotated[
        str, typer.Option(help="Temperatures at which alpha is read besides.")
    ] = ",".join(map(str, DEFAULTS.temperatures)),
    top_ps: Annotated[str, typer.Option(help="The same of top-p.")] = ",".join(map(str, DEFAULTS.top_ps)),
    batch: Annotated[int, typer.Option(help="Texts side by side; 1: no batches.")] = DEFAULTS.batch,
    longest: Annotated[int, typer.Option(help="Tokens of the longest pass.")] = DEFAULTS.longest,
    seconds: Annotated[float, typer.Option(help="Time for passes.")] = DEFAULTS.seconds,
    peers: Annotated[bool, typer.Option(help="Race transformers as well.")] = True,
    prompt_file: Annotated[
        Path | None, typer.Option(help="Your own prompts, separated by blank lines.")
    ] = None,
    text_file: Annotated[Path | None, typer.Option(help="Your own held-out text.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of all random numbers.")] = 0,
    device: Annotated[str, typer.Option(help="Where networks live, such as cuda.")] = "cpu",
    dtype: Annotated[str, typer.Option(help="Precision of weights, such as bfloat16.")] = "float32",
    kernels: Annotated[str, typer.Option(help="On a CPU also packed or int8.")] = "plain",
    threads: Annotated[int, typer.Option(help="Threads of torch; more pay on idle cores only.")] = 1,
    out: Annotated[Path, typer.Option(help="Folder for measure.json, measure.png, measure.html.")] = Path(
        "out"
    ),
) -> None:
    """Measure drafts for a target: alpha, costs, tokens per round and speed.

    alpha on the target's own texts and on held-out ones, by temperature and top-p.

    v(n) and c of passes, and where the time of a round goes.

    Speed against plain decoding, predicted before it is measured.

    The same by transformers, and several texts side by side.

    Example: specsim measure builtin

    Example: specsim measure smollm2 --draft lookup --draft exit:10 --gamma 3,schedule:5 --kernels packed
    """
    from ..report.measure import write_measurement
    from .measuring import measure as run

    use_threads(threads)
    with clear_errors():
        options = Options(
            _words(gamma), _words(rules), prompts, tokens, temperature, top_k, top_p,
            _numbers(temperatures), _numbers(top_ps), batch, longest, seconds, peers,
            _name(prompt_file), _name(text_file), seed,
        )  # fmt: skip
        target, drafts = _models(pair, draft, device=device, dtype=dtype, kernels=kernels)
        out.mkdir(parents=True, exist_ok=True)
        name = pair if kernels == "plain" else f"{pair}, {kernels} kernels"
        found = run(target, drafts, options, name=name)
    display(write_measurement(found, out))


def _models(pair: str, names: list[str], **loading: Any) -> tuple[Any, dict[str, Any]]:
    """The target, and its drafts by name."""
    from ..decode.naming import find_draft
    from ..models import load_pair
    from ..models.pairs import load_target

    if names:
        target = load_target(pair, **loading)
        return target, {name: find_draft(name, target, **loading) for name in names}
    found = load_pair(pair, **loading)
    return found.target, {"draft": found.draft, "lookup": find_draft("lookup", found.target)}


def _name(file: Path | None) -> str | None:
    return None if file is None else str(file)


def _words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))


def _numbers(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(word) for word in _words(text))
    except ValueError:
        raise ValueError(f"expected numbers such as 0.5,0.8, got {text!r}") from None
