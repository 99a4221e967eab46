"""What is said of one position at any vocabulary equals what the plans say, token by token."""

import numpy as np
import pytest

from specsim import theory
from specsim.compare.one_position import Laws, emitted_law, next_token_bias
from specsim.compare.remembering import Remembering
from specsim.core import rules
from specsim.models import load_pair

RNG = np.random.default_rng(5)
LAWS = Laws(RNG.dirichlet(np.full(6, 0.5), 4), RNG.dirichlet(np.full(6, 0.5), 4))
lossy = pytest.mark.parametrize("name", rules.lossy.names())


@lossy
def test_the_emitted_law_is_read_off_the_plans(name):
    plans = theory.rule_bias(name, LAWS.target, LAWS.draft)
    assert emitted_law(rules.get(name), LAWS) == pytest.approx(plans.emitted, abs=1e-12)
    assert next_token_bias(rules.get(name), LAWS)[0] == pytest.approx(plans.total_variation, abs=1e-12)


@lossy
def test_acceptance_of_one_token_is_that_of_the_plans(name):
    rule = rules.get(name)
    if rule.one_token is not None:
        accept = rule.one_token(LAWS.target, LAWS.draft)[0]
        assert accept == pytest.approx(theory.token_rule(name, LAWS.target, LAWS.draft).accept, abs=1e-12)


def test_exact_rules_have_no_bias():
    assert (next_token_bias(rules.token, LAWS)[0] == 0).all()


def test_a_remembering_model_answers_like_the_model():
    pair = load_pair("regimes")
    model = Remembering(pair.target, rows=3)
    for _ in range(20):
        tokens = RNG.integers(0, 2, (3, RNG.integers(1, 5)))
        assert (model(tokens) == pair.target(tokens)).all()
