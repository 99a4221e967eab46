"""The exact law against real generators: chi-square at a false-alarm rate of 1e-6, with fixed seeds.

20,000 draws for each verifier; a million under the Hypothesis profile `explore` (make deep).
"""

# ruff: noqa: NPY002 (generators in odd places are what is tested)

import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import settings
from scipy.stats import chi2

from specsim.conformance.engine import exact_law, numpy_rng

from .verifiers import VERIFIERS, random_cases

DEEP = settings.get_current_profile_name() == "explore"
DRAWS = 1_000_000 if DEEP else 20_000
FALSE_ALARM = 1e-6


def fits(law, counts):
    """Pearson's test of counts against a law, outcomes expected fewer than five times pooled."""
    draws = sum(counts.values())
    assert all(law[outcome] > 0 for outcome in counts)
    common = [outcome for outcome in law if law[outcome] * draws >= 5]
    seen = [counts[outcome] for outcome in common]
    meant = [law[outcome] * draws for outcome in common]
    if draws - sum(meant) >= 1:
        seen, meant = [*seen, draws - sum(seen)], [*meant, draws - sum(meant)]
    statistic = sum((a - b) ** 2 / b for a, b in zip(seen, meant))
    return len(meant) == 1 or chi2.sf(statistic, len(meant) - 1) > FALSE_ALARM


@pytest.mark.parametrize("verify", VERIFIERS, ids=lambda verify: verify.__name__)
def test_real_draws_of_a_verifier_follow_the_exact_law(verify):
    target, draft, tokens = list(random_cases(30, seed=5))[-1]
    law = exact_law(lambda: verify(target, draft, tokens, numpy_rng())).chances
    rng = np.random.default_rng(12)
    assert fits(law, Counter(tuple(verify(target, draft, tokens, rng)) for _ in range(DRAWS)))


def test_a_wrong_law_would_be_noticed():
    law = exact_law(lambda: int(np.random.choice(3, p=[0.2, 0.3, 0.5]))).chances
    wrong = np.random.default_rng(0).choice(3, p=[0.25, 0.3, 0.45], size=DRAWS)
    assert not fits(law, Counter(wrong.tolist()))


WAYS = {
    "without replacement": lambda rng: tuple(
        rng.choice(4, 2, replace=False, p=[0.1, 0.2, 0.3, 0.4]).tolist()
    ),
    "permutation": lambda rng: tuple(rng.permutation(3).tolist()),
    "multinomial": lambda rng: tuple(rng.multinomial(3, [0.2, 0.3, 0.5]).tolist()),
    "binomial": lambda rng: int(rng.binomial(4, 0.3)),
    "integers": lambda rng: tuple(rng.integers(1, 4, size=2).tolist()),
    "order of a race": lambda rng: tuple(np.argsort(rng.exponential(size=3) / [0.2, 0.3, 0.5]).tolist()),
    "floats": lambda rng: int(rng.random(dtype=np.float32) * 5),
    "scaled exponential": lambda rng: bool(rng.exponential(2.0) < 1.5),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_real_draws_of_numpy_follow_the_exact_law(way):
    law = exact_law(lambda: way(numpy_rng())).chances
    rng = np.random.default_rng(3)
    assert fits(law, Counter(way(rng) for _ in range(DRAWS)))


def test_real_draws_of_random_follow_the_exact_law():
    def draw():
        mixed = random.sample(range(3), 2)
        return tuple(mixed), random.choices("ab", cum_weights=[1, 4])[0], random.expovariate(2) < 0.3

    law = exact_law(draw).chances
    random.seed(8)
    assert fits(law, Counter(draw() for _ in range(DRAWS)))
