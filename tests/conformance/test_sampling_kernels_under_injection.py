"""Kernels that take their random numbers: measured by bisection, right ones cleared, wrong ones named."""

from typing import Any

import numpy as np
import pytest

from specsim.conformance import check_injected
from specsim.conformance.inject import distance
from specsim.conformance.playing import random_rows
from specsim.conformance.probing import Probe, measure


def pick(weights: np.ndarray, noise: Any, kind: str = "exponential") -> int:
    if kind == "uniform":
        upto = np.cumsum(weights)
        return int((upto <= noise * upto[-1]).sum())
    with np.errstate(divide="ignore"):
        if kind == "gumbel":
            return int(np.argmax(np.log(weights) + noise))
        return int(np.argmax(weights / noise))


def kernel(kind: str = "exponential", single: bool = False, **wrong: Any) -> Any:
    """The textbook kernel, parts of it replaced."""
    keep = wrong.get("keep", lambda p, q, u: u * q < p)
    owed = wrong.get("owed", lambda p, q: np.maximum(p - q, 0))
    bonus = wrong.get("bonus", lambda target, draft: target[-1])

    def run(target, draft, tokens, coins, noise):
        for i, x in enumerate(tokens):
            if not keep(target[i][x], draft[i][x], coins[i]):
                weights = owed(target[i], draft[i])
                return [
                    *tokens[:i],
                    pick(weights if weights.any() else target[i], noise if single else noise[i], kind),
                ]
        return [*tokens, pick(bonus(target, draft), noise if single else noise[-1], kind)]

    return run


@pytest.mark.parametrize("kind", ["exponential", "gumbel", "uniform"])
@pytest.mark.parametrize("single", [False, True])
def test_a_right_kernel_is_exact(kind, single):
    report = check_injected(kernel(kind, single), noise=kind, per_position=not single, vocab=(4,))
    assert (report.verdict, report.method) == ("exact", "injected")
    assert report.tv is not None
    assert report.tv < 1e-7


def test_large_coins_may_keep_as_well_as_small_ones():
    assert check_injected(kernel(keep=lambda p, q, u: (1 - u) * q < p), vocab=(3,)).verdict == "exact"


def test_a_float32_kernel_is_exact_up_to_arithmetic():
    right = kernel()
    report = check_injected(
        lambda p, q, x, u, e: right(p.astype("f4"), q.astype("f4"), x, u.astype("f4"), e.astype("f4")),
        vocab=(5,),
    )
    assert report.verdict == "exact"
    assert 1e-9 < report.tv < 1e-6


@pytest.mark.parametrize(
    "wrong, kind, words",
    [
        ({"owed": lambda p, q: p}, "correction", "comes from the target"),
        ({"owed": lambda p, q: abs(p - q)}, "correction", "absolute difference"),
        (
            {"owed": lambda p, q: np.sqrt(np.maximum(p - q, 0))},
            "correction",
            "does not come from the residual",
        ),
        ({"keep": lambda p, q, u: u * p < q}, "acceptance", "draft / target"),
        ({"keep": lambda p, q, u: p >= q}, "acceptance", "without a uniform"),
        ({"keep": lambda p, q, u: u * q < p**2}, "acceptance", "not kept with chance"),
        ({"bonus": lambda target, draft: draft[-1]}, "bonus", "comes from the draft"),
        ({"bonus": lambda target, draft: target[-2]}, "bonus", "row of the last drafted token"),
        (
            {"bonus": lambda target, draft: target[-1] ** 2},
            "bonus",
            "does not come from the target's last row",
        ),
    ],
)
def test_a_wrong_kernel_is_lossy_and_named(wrong, kind, words):
    report = check_injected(kernel(**wrong), vocab=(4,))
    assert report.verdict == "lossy"
    assert report.diagnosis.kind == kind
    assert words in report.diagnosis.words
    assert report.counterexample.tv == report.tv > 1e-3


def test_the_measured_distance_is_the_enumerated_one():
    rows = random_rows(3, 2, np.random.default_rng(5))
    probe = Probe(kernel(owed=lambda p, q: p), rows, "exponential", True)
    law = np.zeros((3, 3, 3))
    target, draft = rows.target, rows.draft
    for x in range(3):
        kept = min(draft[0, x], target[0, x])
        law[x] += kept * np.minimum(draft[1], target[1])[:, None] * target[2]
        law[x] += kept * (1 - np.minimum(draft[1], target[1]).sum()) * target[1][:, None] * target[2]
        law[x] += (1 - np.minimum(draft[0], target[0]).sum()) * target[0, x] * np.outer(target[1], target[2])
    due = target[0][:, None, None] * np.outer(target[1], target[2])
    assert distance(rows, measure(probe)) == pytest.approx(abs(law - due).sum() / 2, abs=1e-7)


def test_a_kernel_with_one_coin_for_all_is_not_judged():
    def shared(target, draft, tokens, coins, noise):
        return kernel()(target, draft, tokens, np.full(len(tokens), coins[0]), noise)

    report = check_injected(shared, gammas=(2,), vocab=(4,))
    assert report.verdict == "unknown"
    assert "one coin each" in report.notes[0]


def test_kernels_without_a_bonus_are_refused():
    right = kernel()
    with pytest.raises(ValueError, match="after a fully kept draft"):
        check_injected(lambda p, q, x, u, e: right(p, q, x, u, e)[: len(x)])


def test_unknown_noise_is_refused():
    with pytest.raises(ValueError, match="noise must be one of"):
        check_injected(kernel(), noise="normal")
