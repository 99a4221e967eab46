"""What reading n tokens costs with each kind of kernels, and how far they move the law.

    python benchmarks/bench_kernels.py                         the built-in target
    python benchmarks/bench_kernels.py --model smollm2         after: specsim pairs fetch smollm2

v(n) is a pass of the target over n new tokens behind a context, softmax included, which is what verifying
n - 1 drafted tokens costs. All kinds and all n take turns in one run, and costs are medians of ratios within
a turn. The peer is the library's own float32 ("plain") with one token.

Errors are those of the laws at every position of held-out text: the total variation distance from the plain
law, its mean and largest, and the largest difference of log-probabilities, each less their mean. A law also
moves, by rounding, with the number of tokens that are read at once; how far is the second kind of error.

Claims: packed weights cost less than plain ones, in the median over n, and 5 tokens at most 1.5 times as much
as one; they move no law by more than 1e-4, and 8 bits move them by less than 0.1 on average.
"""

import argparse
from statistics import median
from typing import Any

import torch
from common import Contender, Timing, against, race, ratio_of, save
from rich.console import Console
from rich.table import Table

from specsim.models import load, load_pair
from specsim.models.kernels import KERNELS, with_kernels
from specsim.models.texts import held_out

NEW = (*range(1, 17), 24, 32, 64)
"""Tokens read in one pass."""

PEER = "plain, 1"


def main() -> None:
    """Time all passes, compare all laws, print both."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="builtin")
    parser.add_argument("--context", type=int, default=128)
    parser.add_argument("--turns", type=int, default=9)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    plain = load_pair("builtin").target if asked.model == "builtin" else load(asked.model)
    models = {kernels: with_kernels(plain, kernels) for kernels in KERNELS}
    seconds = race(passes(models, asked.context), asked.turns)
    print_costs(f"{asked.model}, behind {asked.context} tokens, {asked.turns} turns", seconds)
    errors = {kernels: law_errors(plain, models[kernels]) for kernels in ("packed", "int8")}
    for kernels, (mean, largest, logs) in errors.items():
        print(f"{kernels}: TV {mean:.2g} on average, {largest:.2g} at most; logs {logs:.2g} at most")
    for kernels, model in models.items():
        mean, largest = at_once_errors(model)
        print(f"{kernels}, read by one and by four: TV {mean:.2g} on average, {largest:.2g} at most")
    save(f"kernels_{asked.model}", {"costs": against(seconds, PEER)}, claims(seconds, errors))


def passes(models: dict[str, Any], context: int) -> dict[str, Contender]:
    """A pass of each model over each number of tokens."""
    text = text_of(models["plain"], context + max(NEW))
    made: dict[str, Contender] = {}
    for kernels, model in models.items():
        reader = model.session()
        reader.extend(text[:, :context], keep=1)
        for new in NEW:
            made[f"{kernels}, {new}"] = one_pass(reader, text[:, context : context + new])
    return made


def one_pass(reader: Any, tokens: torch.Tensor) -> Contender:
    """Read these tokens, and forget them."""
    length = reader.length

    def contender() -> int:
        reader.extend(tokens)
        reader.rewind(length)
        return 1

    return contender


def text_of(model: Any, length: int, piece: int = 0) -> torch.Tensor:
    """Held-out text of this many tokens, (1, length)."""
    return torch.from_numpy(held_out(model.tokenizer, 1, length)[piece].tokens)[None]


def law_errors(plain: Any, other: Any, length: int = 256) -> tuple[float, float, float]:
    """Mean and largest distance of laws, and the largest of their logarithms, over two texts."""
    far, apart = [], []
    for piece in range(2):
        laws = [model.session().extend(text_of(plain, length, piece)) for model in (plain, other)]
        far.append((laws[0] - laws[1]).abs().sum(-1)[0] / 2)
        centred = [law.log() - law.log().mean(-1, keepdim=True) for law in laws]
        apart.append(float((centred[0] - centred[1]).abs().max()))
    return float(torch.cat(far).mean()), float(torch.cat(far).max()), max(apart)


def at_once_errors(model: Any, length: int = 64) -> tuple[float, float]:
    """Mean and largest distance of laws after tokens read one by one from those read by four."""
    text, reader, found = text_of(model, 2 * length), model.session(), []
    reader.extend(text[:, :length], keep=1)
    for size in (1, 4):
        pieces = [reader.extend(text[:, i : i + size]) for i in range(length, 2 * length, size)]
        found.append(torch.cat(pieces, dim=1))
        reader.rewind(length)
    far = (found[0] - found[1]).abs().sum(-1) / 2
    return float(far.mean()), float(far.max())


def print_costs(title: str, seconds: dict[str, list[float]]) -> None:
    """Milliseconds, steps of plain kernels, and steps of the same kernels, by the number of tokens."""
    table = Table("tokens", title=title, title_justify="left")
    for kernels in KERNELS:
        table.add_column(kernels, justify="right")
    for new in NEW:
        table.add_row(str(new), *(cell(seconds, kernels, new) for kernels in KERNELS))
    Console(width=100).print("ms (in plain steps, in steps of the same kernels)", table)


def cell(seconds: dict[str, list[float]], kernels: str, new: int) -> str:
    """What is printed of one kind of pass."""
    name = f"{kernels}, {new}"
    ratios = cost(seconds, name, PEER), cost(seconds, name, f"{kernels}, 1")
    return f"{1e3 * median(seconds[name]):.1f} ({ratios[0]:.2f}, {ratios[1]:.2f})"


def cost(seconds: dict[str, list[float]], name: str, peer: str) -> float:
    """What one kind of pass costs in passes of another."""
    timings: list[Timing] = against({key: seconds[key] for key in {name, peer}}, peer)
    return 1 / ratio_of(timings, name)


def claims(seconds: dict[str, list[float]], errors: dict[str, tuple[float, ...]]) -> dict[str, bool]:
    """What the module says."""
    middle = median(cost(seconds, f"packed, {new}", f"plain, {new}") for new in NEW)
    five = cost(seconds, "packed, 5", "packed, 1")
    return {
        f"packed weights cost less than plain ones, in the median over n ({middle:.2f})": middle < 1,
        f"5 tokens with packed weights cost at most 1.5 times as much as one ({five:.2f})": five <= 1.5,
        f"packed weights move no law by more than 1e-4 ({errors['packed'][1]:.1g})": errors["packed"][1]
        < 1e-4,
        f"8 bits move a law by less than 0.1 on average ({errors['int8'][0]:.2g})": errors["int8"][0] < 0.1,
    }


if __name__ == "__main__":
    main()
