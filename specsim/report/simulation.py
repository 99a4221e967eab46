"""Simulated rounds beside their exact law."""

from rich import box
from rich.console import Group
from rich.table import Table

from .. import theory
from ..core import height, rules
from ..core.draft import AnyShape
from ..models import Pair
from ..shapes import check_fit, shape_name
from ..simulate import chi_square_p_value, run
from ..simulate.estimates import share
from ..theory.output import Law
from .tables import plus_minus


def simulation_report(pair: Pair, rule: str, shape: AnyShape, rounds: int, seed: int) -> Group:
    """Simulate rounds of a pair whose law can be listed, and set each count beside its exact chance.

    Raises ValueError where the rule does not verify drafts of this shape, and where the vocabulary is too
    large to list every draft: use `specsim study` there.
    """
    if pair.tokenizer is not None:
        raise ValueError(
            f"simulate lists every output of a small pair, and {pair.name} is a network over "
            f"{pair.vocab_size:,} tokens; use specsim study {pair.name}"
        )
    check_fit(rules.find(rule), shape)
    law = theory.output_law(rule, pair, shape)
    chances = theory.tokens_law(rule, pair, shape)
    expected = float(theory.tokens_per_round(rule, pair, shape))
    found = run(rule, pair, shape, rounds=rounds, rng=seed)
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("tokens", "exact", "simulated", "z"):
        table.add_column(name, justify="right", no_wrap=True)
    for tokens in range(1, height(shape) + 2):
        chance, drawn = float(chances.get(tokens, 0)), share(int(found.counts[tokens]), found.rounds)
        table.add_row(str(tokens), f"{chance:.5f}", plus_minus(drawn, 5), f"{drawn.z(chance):+.2f}")
    table.add_section()
    mean = found.tokens_per_round
    table.add_row("mean", f"{expected:.5f}", plus_minus(mean, 5), f"{mean.z(expected):+.2f}")
    title = f"{rounds:,} rounds of {pair.name}, rule {rule}, drafts {shape_name(shape)}, seed {seed}"
    return Group(title, table, _whole_law(found.emitted, law))


def _whole_law(emitted: dict[tuple[int, ...], int] | None, law: Law) -> str:
    if emitted is None:
        return "Too many different outputs to compare one by one."
    p = chi_square_p_value(emitted, law)
    verdict = "agree" if p >= 1e-6 else "DIFFER"
    return f"All {len(law)} possible outputs, simulated and exact, {verdict} (chi-square p = {p:.3f})."
