"""The law of a kernel that cannot be looked into, but takes its random numbers as arguments.

Compiled kernels hide their decisions, not their outputs. So choose the random numbers and watch where the
output flips:

    a coin            bisect it: the flip is the chance of keeping the drafted token
    a race            give all tokens but two a hopeless exponential; the flip is the ratio of their weights
    an inversion      bisect between two uniforms that select different tokens

What was measured is then held against fresh random inputs: a kernel that does not decide position by
position, each with its own coin, does not behave as predicted, and nothing is claimed about it. A few
thousand calls give the law to 1e-8; no sampling is involved.

>>> def kernel(target, draft, tokens, coins, noise):
...     for i, x in enumerate(tokens):
...         if coins[i] * draft[i][x] >= target[i][x]:
...             left = np.maximum(target[i] - draft[i], 0)
...             return [*tokens[:i], np.argmax(left / noise[i])]
...     return [*tokens, np.argmax(target[-1] / noise[-1])]
>>> report = check_injected(kernel, vocab=(4,))
>>> report.verdict, report.method, report.tv < 1e-8
('exact', 'injected', True)
"""

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import numpy as np

from .budget import DOUBLE, Budget
from .fixes import FIXES
from .measures import Odds, Rows, right, seen_at
from .mistakes import MISTAKES
from .playing import RandomRows, random_rows
from .probing import Kernel, Measured, Probe, measure
from .report import Counterexample, Diagnosis, Report

NOISES = ("exponential", "gumbel", "uniform")
"""Ways in which the emitted token may be drawn."""


def check_injected(
    kernel: Kernel,
    *,
    noise: str = "exponential",
    per_position: bool = True,
    gammas: Sequence[int] = (1, 2),
    vocab: Sequence[int] = (3, 8),
    tolerance: float | None = None,
    seed: int = 0,
) -> Report:
    """The verdict on a verifier whose random numbers are arguments.

    kernel: (target (gamma + 1, V), draft (gamma, V), tokens (gamma,), coins (gamma,), noise) -> tokens.
    noise: how the emitted token is drawn: "exponential" or "gumbel" noise (gamma + 1, V), or "uniform"
        (gamma + 1,); with per_position=False (V,), or a single uniform.
    gammas, vocab: sizes to try. tolerance: total variation that counts as arithmetic. seed: of the laws
    tried. "unknown" where the kernel does not decide position by position. Raises ValueError for noise that
    there is not, and for kernels that emit nothing after a fully kept draft.
    """
    if noise not in NOISES:
        raise ValueError(f"noise must be one of {NOISES}, got {noise!r}")
    budget = DOUBLE if tolerance is None else Budget(min(DOUBLE.exactly, tolerance), tolerance)
    rng, subject = np.random.default_rng(seed), getattr(kernel, "__qualname__", type(kernel).__name__)
    found: list[tuple[float, Probe, Measured]] = []
    for rows in (rows for gamma, size in product(gammas, vocab) for rows in _cases(size, gamma, rng)):
        probe = Probe(kernel, rows, noise, per_position)
        seen = measure(probe)
        if not _as_predicted(probe, seen, rng):
            return Report(
                "unknown", "injected", cases=len(found), unexplored=1.0, notes=(NOT_ALONE,), subject=subject
            )
        found.append((distance(rows, seen), probe, seen))
    return _report(found, budget, subject)


NOT_ALONE = (
    "the kernel does not decide position by position with one coin each (as block verification, for example, "
    "does not); its law was not measured"
)


def _cases(size: int, gamma: int, rng: np.random.Generator) -> list[RandomRows]:
    """Random rows; some with zeros; equal rows."""
    plain, holes, equal = (random_rows(size, gamma, rng) for _ in range(3))
    return [plain, _with_zeros(holes), RandomRows(equal.target, equal.target[:-1])]


def _with_zeros(rows: RandomRows) -> RandomRows:
    """Each target row without its last likely tokens, each draft row without its first."""
    target, draft = rows.target.copy(), rows.draft.copy()
    np.put_along_axis(target, target.argsort(-1)[:, :1], 0, -1)
    np.put_along_axis(draft, draft.argsort(-1)[:, 1:2], 0, -1)
    return RandomRows(target / target.sum(-1, keepdims=True), draft / draft.sum(-1, keepdims=True))


def _as_predicted(probe: Probe, seen: Measured, rng: np.random.Generator, tries: int = 100) -> bool:
    """Whether the kernel does on random inputs what was measured, whichever row of noise it uses."""
    gamma, size = probe.rows.draft.shape
    fits = dict.fromkeys(("its own", "the first", "the last"), True)
    for _ in range(tries):
        tokens = [int(rng.choice(size, p=row)) for row in probe.rows.draft]
        coins = rng.random((gamma,))
        noise = np.array(
            rng.random(gamma + 1) if probe.noise == "uniform" else rng.exponential(size=(gamma + 1, size))
        )
        out = probe(tokens, coins.tolist(), noise)
        for used in fits:
            due = _predicted(seen, tokens, coins, noise if probe.per_position else noise[:1], used, probe)
            fits[used] &= due is None or due == out
    return any(fits.values())


def _predicted(
    seen: Measured, tokens: list[int], coins: Rows, noise: Rows, used: str, probe: Probe
) -> list[int] | None:
    """The emission that the measured law predicts; None too near a flip to say."""
    kept = 0
    for position, token in enumerate(tokens):
        chance, coin = seen.keep[position, token], 1 - coins[position] if seen.above else coins[position]
        if abs(coin - chance) < 1e-6:
            return None
        if coin > chance:
            break
        kept += 1
    weights = seen.bonus if kept == len(tokens) else seen.corrections[kept]
    assert weights is not None
    row = {"its own": kept, "the first": 0, "the last": len(tokens)}[used]
    last = _selected(weights, noise[min(row, len(noise) - 1)], probe.noise)
    return None if last is None else [*tokens[:kept], last]


def _selected(weights: Rows, noise: Rows, kind: str) -> int | None:
    """The token that the noise selects; None where two are too near."""
    if kind == "uniform":
        upto = np.cumsum(weights)
        return None if abs(upto - noise).min() < 1e-6 else int((upto <= noise).sum())
    times = np.divide(noise, weights, out=np.full_like(noise, np.inf), where=weights > 0)
    first, second = np.sort(times)[:2]
    return None if second < first * (1 + 1e-6) else int(times.argmin())


def odds_at(rows: RandomRows, seen: Measured, position: int) -> Odds:
    """The measures of `mistakes` at one position, from what was measured."""
    if position == rows.gamma:
        zeros = np.zeros_like(seen.bonus)
        return Odds(zeros[None], zeros[None], seen.bonus[None])
    kept = rows.draft[position] * seen.keep[position]
    correction = seen.corrections[position]
    weights = np.zeros_like(kept) if correction is None else correction
    return Odds(kept[None], max(1 - kept.sum(), 0.0) * weights[None], rows.target[-1:])


def distance(rows: RandomRows, seen: Measured) -> float:
    """Total variation between the completed law and the target's, over gamma + 1 tokens."""
    left = odds_at(rows, seen, rows.gamma).bonus[0] - rows.target[-1]
    for position in reversed(range(rows.gamma)):
        odds = odds_at(rows, seen, position)
        tail = _product(rows.target[position + 1 :])
        off = odds.kept[0] + odds.corrected[0] - rows.target[position]
        left = (off[:, None] * tail + odds.kept[0][:, None] * left.reshape(1, -1)).reshape(-1)
    return float(abs(left).sum() / 2)


def _product(rows: Rows) -> Rows:
    out = np.ones(1)
    for row in rows:
        out = (out[:, None] * row).reshape(-1)
    return out[None]


def _report(found: list[tuple[float, Probe, Measured]], budget: Budget, subject: str) -> Report:
    tv, probe, seen = max(found, key=lambda one: one[0])
    said, words = budget.verdict(tv, 0.0), budget.words(tv)
    calls = sum(probe.calls for _, probe, _ in found)
    return Report(
        said,
        "injected",
        tv=tv,
        counterexample=_example(tv, probe.rows, seen) if said == "lossy" else None,
        diagnosis=_named(found) if said == "lossy" else None,
        tolerance=budget.tolerance,
        cases=len(found),
        notes=tuple(filter(None, (words, f"{calls} calls of the kernel"))),
        subject=subject,
    )


def _example(tv: float, rows: RandomRows, seen: Measured) -> Counterexample:
    """The position that is furthest off, token by token."""
    laws = []
    for position in range(rows.gamma + 1):
        odds = odds_at(rows, seen, position)
        laws.append(odds.bonus[0] if position == rows.gamma else (odds.kept + odds.corrected)[0])
    worst = max(range(len(laws)), key=lambda i: abs(laws[i] - rows.target[i]).sum())
    came, due = laws[worst], rows.target[worst]
    order = np.argsort(-abs(came - due))[:20]
    inputs = {"target": rows.target.tolist(), "draft": rows.draft.tolist(), "position": worst}
    return Counterexample(inputs, tuple(((int(x),), float(came[x]), float(due[x])) for x in order), tv)


def _named(found: list[tuple[float, Probe, Measured]]) -> Diagnosis:
    """The known mistake with just these measures on all cases, else the part that is off in the worst."""
    places = [(probe.rows, seen, i) for _, probe, seen in found for i in range(probe.rows.gamma + 1)]
    for mistake in MISTAKES.values():
        if all(_same(*place, mistake.measures) for place in places):
            return mistake.diagnosis
    _, probe, seen = max(found, key=lambda one: one[0])
    rows = probe.rows
    for position in range(rows.gamma):
        due, came = right(seen_at(position, rows.target, rows.draft)), odds_at(rows, seen, position)
        if abs(due.kept - came.kept).max() > 1e-5:
            words = f"At position {position} tokens are not kept with chance min(1, target / draft)."
            return Diagnosis("acceptance", words, FIXES["acceptance"])
        if abs(due.corrected - came.corrected).max() > 1e-5:
            words = f"At position {position} the correction does not come from the residual."
            return Diagnosis("correction", words, FIXES["correction"])
    words = "The token after a fully kept draft does not come from the target's last row."
    return Diagnosis("bonus", words, FIXES["bonus"])


def _same(rows: RandomRows, seen: Measured, position: int, measures: Callable[[Any], Odds]) -> bool:
    due = measures(seen_at(position, rows.target, rows.draft))
    came = odds_at(rows, seen, position)
    parts = ("bonus",) if position == rows.gamma else ("kept", "corrected")
    return all(abs(getattr(due, part) - getattr(came, part)).max() < 1e-5 for part in parts)
