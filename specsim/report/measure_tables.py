"""A measurement as tables that fit a terminal of 80 columns."""

import re
from collections.abc import Sequence
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from ..measure.agreement import Alpha
from ..measure.costs import RoundCost
from ..measure.measurement import Batch, Found, Measurement
from ..measure.turns import Spread
from .tables import empty_table, plus_minus

SHOWN = 8
"""Positions of a round that have a column."""

COLUMNS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64)
"""Numbers of tokens that have one."""


def measure_summary(found: Measurement) -> Table:
    """What plain decoding does, and what a draft step costs."""
    table = Table.grid(padding=(0, 2))
    if found.passes is not None:
        table.add_row("plain decoding", f"{found.plain:.1f} tokens/s")
        table.add_row("target, one token", f"{1e3 * found.passes.seconds:.2f} ms")
        for name, c in found.passes.step.items():
            table.add_row(f"c of {short(name)}", f"{c:.3f} target steps")
    if found.plain_peer is not None:
        times = _times(found.plain_peer.faster)
        table.add_row("transformers, plain", f"{found.plain_peer.tokens_per_second:.1f} tokens/s")
        table.add_row("specsim over transformers", times)
    return table


def alpha_table(found: Measurement) -> Table:
    """alpha of every draft at every setting, on the target's own texts and on held-out ones."""
    columns = ("draft", "texts of", "T", "top-p", "rule", "on-policy", "held-out", "drafts at")
    table = empty_table("alpha: chance that one drafted token is kept", *columns)
    rows: dict[tuple[Any, ...], dict[str, Alpha]] = {}
    for one in found.alpha:
        key = (one.draft, one.domain or "all", one.temperature, one.top_p, one.rule)
        if not one.domain or (one.temperature, one.top_p) == _main(found):
            rows.setdefault(key, {})[one.texts] = one
    for (draft, domain, temperature, top_p, rule), some in rows.items():
        kept = [_kept(some.get(texts)) for texts in ("on-policy", "held-out")]
        share = next(iter(some.values())).drafts.mean
        table.add_row(short(draft), domain, f"{temperature:g}", f"{top_p:g}", rule, *kept, f"{share:.0%}")
    return table


def places_table(found: Measurement) -> Table:
    """Position by position in the round: kept, given that all before were."""
    most = min(SHOWN, max((len(one.places) for one in found.found), default=0))
    table = empty_table(
        "Chance that a position is kept, given those before it",
        "draft",
        "γ",
        "",
        *map(str, range(1, most + 1)),
    )
    for one in found.found:
        places = one.places[:most]
        table.add_row(
            named(found, one), _gamma(one), "predicted", *(f"{place.predicted:.2f}" for place in places)
        )
        measured = (f"{place.measured.mean:.2f}" for place in places)
        table.add_row("", "", "measured", *measured, end_section=True)
    return table


def tokens_per_round_table(found: Measurement) -> Table:
    """Tokens per round: three predictions and the measurement."""
    columns = ("draft", "γ", "textbook", "anywhere", "predicted", "measured", "missed")
    table = empty_table("Tokens per round", *columns)
    for one in found.found:
        tokens = one.tokens
        table.add_row(
            named(found, one),
            _gamma(one),
            *("–" if value is None else f"{value:.3f}" for value in (tokens.textbook, tokens.anywhere)),
            plus_minus(tokens.predicted),
            plus_minus(tokens.measured),
            f"{tokens.predicted.mean / tokens.measured.mean - 1:+.0%}",
        )
    return table


def speeds_table(found: Measurement) -> Table:
    """Speed-up over plain decoding: two predictions, and medians over prompts with quartiles."""
    columns = ("draft", "γ", "tokens/s", "textbook", "predicted", "measured", "missed")
    table = empty_table("Speed over plain decoding of the same target", *columns)
    for one in found.found:
        if one.speed is not None:
            speed = one.speed
            table.add_row(
                named(found, one),
                _gamma(one),
                f"{speed.tokens_per_second:.1f}",
                "–" if speed.textbook is None else f"{speed.textbook:.2f}x",
                f"{speed.predicted:.2f}x",
                _times(speed.measured),
                f"{speed.missed:+.0%}",
            )
    return table


def peers_table(found: Measurement) -> Table:
    """The same drafts and lengths by transformers."""
    columns = ("draft", "γ", "tokens/s", "tokens/round", "specsim is faster by")
    table = empty_table("transformers, made to do the same", *columns)
    for one in found.found:
        if one.speed is not None and one.speed.peer is not None:
            peer = one.speed.peer
            pace = f"{peer.tokens_per_second:.1f}"
            table.add_row(
                named(found, one), _gamma(one), pace, f"{peer.tokens_per_round:.2f}", _times(peer.faster)
            )
    return table


def passes_table(found: Measurement) -> Table:
    """v(n) by the number of texts."""
    assert found.passes is not None
    sizes = [n for n in found.passes.verify[1] if n in COLUMNS]
    table = empty_table("v(n): a pass over n tokens of each text, in target steps", "texts", *map(str, sizes))
    for texts, costs in found.passes.verify.items():
        table.add_row(str(texts), *(_short(costs[n]) if n in costs else "" for n in sizes))
    return table


def parts_table(found: Measurement) -> Table:
    """Where the time of a round goes."""
    columns = ("draft", "γ", "drafted", "drafting", "target", "rule, draw", "rest", "round")
    table = empty_table("Where the time of a round goes, in steps of plain decoding", *columns)
    for one in found.found:
        for cost in _telling(one):
            parts = (cost.draft, cost.target, cost.decide, cost.rest, cost.total)
            cells = (f"{part:.3f}" for part in parts)
            table.add_row(named(found, one), _gamma(one), str(cost.drafted), *cells)
    return table


def batches_table(found: Measurement) -> Table:
    """Tokens per round of several texts side by side."""
    columns = ("draft", "γ", "texts", "lock-step", "textbook", "ragged", "measured", "reached", "faster")
    table = empty_table("Texts side by side: tokens per round of all together", *columns)
    for one in found.batches:
        table.add_row(
            named(found, one),
            _gamma(one),
            str(one.texts),
            f"{one.lockstep:.2f}",
            f"{one.textbook:.2f}",
            f"{one.predicted:.2f}",
            plus_minus(one.measured, 2),
            f"{one.reached:.0%}",
            "–" if one.faster is None else f"{one.faster:.2f}x",
        )
    return table


def measure_tables(found: Measurement) -> list[Table]:
    """All tables that have something to say, in the order of a page."""
    timed = [passes_table, parts_table, speeds_table] if found.passes is not None else []
    peers = [peers_table] if any(one.speed and one.speed.peer for one in found.found) else []
    batches = [batches_table] if found.batches else []
    places = [places_table] if any(one.places for one in found.found) else []
    before = [alpha_table, tokens_per_round_table]
    return [make(found) for make in [*before, *places, *timed, *peers, *batches]]


def measure_report(found: Measurement) -> Group:
    """Everything about a measurement, for the terminal."""
    title = Text(f"Measurement of the pair {found.pair}", "bold")
    return Group(title, measure_summary(found), *measure_tables(found), *(Text(note) for note in found.notes))


def named(found: Measurement, one: Found | Batch) -> str:
    """The draft; below it a policy of lengths, and the rule where there are several."""
    policy = [] if one.gamma.isdigit() else [one.gamma]
    rule = [one.rule] if len(found.options["rules"]) > 1 else []
    return "\n".join([short(one.draft), *policy, *rule])


def short(draft: str) -> str:
    """The name of a draft, of each path its end.

    >>> short("match:/models/small/,org/smaller")
    'match:small,smaller'
    """
    return re.sub("[^,:]*/([^,:/]+)/?", r"\1", draft)


def _gamma(one: Found | Batch) -> str:
    return one.gamma if one.gamma.isdigit() else "–"


def _kept(alpha: Alpha | None) -> str:
    return "–" if alpha is None or not alpha.drafts.mean else plus_minus(alpha.kept)


def _main(found: Measurement) -> tuple[float, float]:
    return found.options["temperature"], found.options["top_p"]


def _telling(one: Found) -> Sequence[RoundCost]:
    """Rounds that drafted nothing and all; of lengths that change, the least and the most."""
    rounds = one.cost.rounds if one.cost else []
    if one.gamma.isdigit():
        return [cost for cost in rounds if cost.drafted in (0, int(one.gamma))]
    return rounds[:: max(1, len(rounds) - 1)]


def _times(spread: Spread) -> str:
    return f"{spread.median:.2f}x ({spread.low:.2f}–{spread.high:.2f})"


def _short(value: float) -> str:
    return f"{value:.2f}" if value < 9.95 else f"{value:.1f}"
