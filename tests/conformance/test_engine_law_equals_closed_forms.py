"""The exact law of foreign code against formulas: the same numbers to 1e-12."""

import math
import random

import numpy as np
import pytest

from specsim.conformance.engine import exact_law, numpy_rng

from .verifiers import VERIFIERS, closed_form, random_cases


def far(law, expected):
    """Largest difference of two laws."""
    return max(abs(law.get(outcome, 0.0) - expected.get(outcome, 0.0)) for outcome in {*law, *expected})


@pytest.mark.parametrize("verify", VERIFIERS, ids=lambda verify: verify.__name__)
def test_verifiers_have_the_law_of_the_formula(verify):
    for target, draft, tokens in random_cases(50, seed=VERIFIERS.index(verify)):
        law = exact_law(lambda case=(target, draft, tokens): verify(*case, numpy_rng()))
        assert far(law.chances, closed_form(target, draft, tokens)) <= 1e-12
        assert math.fsum(law.chances.values()) == pytest.approx(1, abs=1e-14)
        assert law.unexplored <= 1e-15


def test_the_ideal_lattice_gives_the_law_of_real_numbers():
    for target, draft, tokens in random_cases(20, seed=9):
        case = target, draft, tokens
        law = exact_law(lambda case=case: VERIFIERS[0](*case, numpy_rng()), lattice="ideal")
        assert far(law.chances, closed_form(target, draft, tokens)) <= 1e-12


def test_the_lattice_shows_in_the_last_digit_only():
    assert exact_law(lambda: random.random() <= 0).chances[True] == 2.0**-53
    assert exact_law(lambda: random.random() <= 0, lattice="ideal").chances == {False: 1.0}
    assert exact_law(lambda: numpy_rng().random(dtype=np.float32) <= 0).chances[True] == 2.0**-24
    assert exact_law(lambda: numpy_rng().random() < 0.25).chances[True] == 0.25


def test_a_loop_until_acceptance_is_geometric():
    def waiting():
        tries = 1
        while not random.random() < 0.5:
            tries += 1
        return tries

    law = exact_law(waiting)
    assert [law.chances[k] for k in range(1, 30)] == [0.5**k for k in range(1, 30)]
    assert 0 < law.unexplored <= 1e-19


def test_what_the_budget_does_not_reach_is_bounded():
    def coins():
        return sum(random.random() < 0.5 for _ in range(10))

    full = exact_law(coins)
    assert full.unexplored == 0
    assert far(full.chances, {k: math.comb(10, k) / 2**10 for k in range(11)}) == 0
    part = exact_law(coins, leaves=300)
    assert part.leaves == 300
    assert sum(part.chances.values()) + part.unexplored == 1
    assert all(0 <= full.chances[k] - part.chances.get(k, 0) <= part.unexplored for k in full.chances)


def test_a_thousand_tokens_cost_one_run_for_the_last_one():
    laws = np.random.default_rng(3).dirichlet(np.ones(1000), 3)
    draft, token = laws[2:], int(np.argmax(laws[2] / laws[0]))
    law = exact_law(lambda: VERIFIERS[0](laws[:2], draft, (token,), numpy_rng()))
    assert law.leaves == 2
    assert far(law.chances, closed_form(laws[:2], draft, (token,))) <= 1e-12


def test_a_crash_is_an_outcome_with_its_chance():
    def fragile():
        if random.random() < 0.25:
            raise IndexError("no such row")
        return 1

    law = exact_law(fragile)
    crash = next(outcome for outcome in law.chances if outcome != 1)
    assert (crash.kind, crash.message, law.chances[crash]) == ("IndexError", "no such row", 0.25)
