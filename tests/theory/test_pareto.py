"""Rejections against bias over whole texts: enumeration, linear programmes, and the front between them."""

import itertools
from fractions import Fraction as F
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import lil_array

from specsim.models import Pair, iid, load_pair, markov
from specsim.testing import pairs
from specsim.theory.biased import (
    TokenRule,
    decoding_opt,
    decoding_uno,
    decoding_uno_as_listed,
    emitted_law,
    rejected,
)
from specsim.theory.biased_text import text_bias, text_trade
from specsim.theory.pareto import text_pareto_front
from specsim.theory.rejections import expected_rejections
from specsim.theory.strings import string_law

EPSILONS = st.fractions(0, 1, max_denominator=20)
RULES = [decoding_opt, decoding_uno, decoding_uno_as_listed]


def markov_pair(tokens, seed, steps=None):
    rng = np.random.default_rng(seed)
    size = (tokens,) if steps is None else (steps, tokens)
    return Pair(
        *(markov(rng.dirichlet(np.ones(tokens)), rng.dirichlet(np.ones(tokens), size)) for _ in range(2))
    )


def emitted_strings(pair, horizon, rule):
    """The law of the emitted text, string by string; and the expected rejections on the way."""
    law, rejections = {(): F(1)}, F(0)
    for _ in range(horizon):
        longer = {}
        for text, chance in law.items():
            context = np.array([text], dtype=int).reshape(1, -1)
            target, draft = pair.target(context)[0], pair.draft(context)[0]
            made = rule(target, draft)
            rejections += chance * rejected(draft, made.accept)
            for token, p in enumerate(emitted_law(draft, made)):
                longer[*text, token] = chance * p
        law = longer
    return law, rejections


@pytest.mark.theorem("text-bias-below-drift")
@pytest.mark.parametrize("rule", RULES)
@given(pair=pairs(tokens=2), epsilon=EPSILONS, horizon=st.integers(1, 3))
def test_a_biased_text_is_what_enumeration_says(rule, pair, epsilon, horizon):
    biased = partial(rule, epsilon=epsilon)
    strings, rejections = emitted_strings(pair, horizon, biased)
    wanted = string_law(pair.target, horizon)
    trade = text_trade(pair, horizon, biased)
    assert trade.rejected.sum() == rejections
    assert text_bias(pair, horizon, biased) == sum(abs(p - wanted.get(x, 0)) for x, p in strings.items()) / 2
    assert text_bias(pair, horizon, biased) <= trade.drift.sum()


def cheapest_by_programme(pair, horizon, price):
    """min R(E) + price TV(E, target) over all laws E of strings, as one linear programme."""
    vocabulary = pair.vocab_size
    prefixes = [text for n in range(horizon) for text in itertools.product(range(vocabulary), repeat=n)]
    texts = [(*above, token) for above in prefixes for token in range(vocabulary)]
    number = {text: i for i, text in enumerate(texts)}
    size, first_leaf = len(texts), len(texts) - vocabulary**horizon
    target, draft = {(): 1.0}, {}
    for above in prefixes:
        context = np.array([above], dtype=int).reshape(1, -1)
        for token, (q, p) in enumerate(zip(pair.target(context)[0], pair.draft(context)[0])):
            target[*above, token], draft[*above, token] = target[above] * q, p
    # variables: masses E(x), rejections and (for whole texts) what is emitted too little
    width = 2 * size + size - first_leaf
    upper, limit = lil_array((size + size - first_leaf, width)), np.zeros(size + size - first_leaf)
    for text, i in number.items():
        upper[i, i], upper[i, size + i] = 1, -1
        if len(text) == 1:
            limit[i] = draft[text]
        else:
            upper[i, number[text[:-1]]] = -draft[text]
    for j, i in enumerate(range(first_leaf, size)):
        upper[size + j, i] = upper[size + j, 2 * size + j] = -1
        limit[size + j] = -target[texts[i]]
    equal, mass = lil_array((len(prefixes), width)), np.zeros(len(prefixes))
    mass[0] = 1
    for k, above in enumerate(prefixes):
        equal[k, [number[*above, token] for token in range(vocabulary)]] = 1
        if above:
            equal[k, number[above]] = -1
    cost = np.concatenate([np.zeros(size), np.ones(size), np.full(size - first_leaf, price)])
    return linprog(cost, upper.tocsr(), limit, equal.tocsr(), mass, method="highs").fun


@pytest.mark.theorem("text-pareto")
@pytest.mark.parametrize(
    "pair, horizon",
    [
        (load_pair("bernoulli"), 6),
        (load_pair("toy"), 4),
        (markov_pair(2, seed=1), 6),
        (markov_pair(3, seed=2, steps=3), 4),
    ],
    ids=["coin", "three tokens", "chain", "nonstationary chain"],
)
def test_the_front_of_a_text_is_that_of_the_linear_programme(pair, horizon):
    prices = [0.5, 1.5, 2.5, 4, horizon]
    front = text_pareto_front(pair, horizon, prices=prices)
    found = front.rejected + prices * front.bias
    exact = np.array([cheapest_by_programme(pair, horizon, price) for price in prices])
    assert (found >= exact - 1e-9).all()
    assert found == pytest.approx(exact, rel=0.01)


def test_finer_ratios_come_closer_to_the_front():
    pair, price = markov_pair(2, seed=1), 2.0
    errors = [text_pareto_front(pair, 5, prices=[price], ratios=ratios) for ratios in (8, 32, 128)]
    exact = cheapest_by_programme(pair, 5, price)
    gaps = [front.rejected[0] + price * front.bias[0] - exact for front in errors]
    assert gaps[0] > 4 * gaps[1] > 16 * gaps[2] > 0


@pytest.mark.theorem("text-pareto")
@pytest.mark.parametrize("seed", range(3))
def test_cheap_bias_is_the_draft_as_it_is_and_dear_bias_is_exactness(seed):
    pair, horizon = markov_pair(3, seed), 4
    front = text_pareto_front(pair, horizon, prices=[0.99, 2 * horizon], ratios=256)
    apart = text_bias(pair, horizon, lambda target, draft: TokenRule(np.ones_like(target), target))
    assert front.rejected == pytest.approx([0, expected_rejections(pair, horizon)], abs=1e-9)
    assert front.bias == pytest.approx([apart, 0], abs=1e-3)


@pytest.mark.theorem("text-pareto")
def test_a_unit_of_bias_may_save_nearly_2_t_minus_1_rejections():
    """Move mass from texts 00 to 11: one less at the first token, and at the second on both sides."""
    pair = Pair(
        target=markov([0.75, 0.25], [[1, 0], [1, 0]]),
        draft=markov([0.5, 0.5], [[0.01, 0.99], [0.99, 0.01]]),
    )
    saved = [
        expected_rejections(pair, 2) - cheapest_by_programme(pair, 2, price) for price in (2.97, 2.99, 3)
    ]
    assert saved[0] > 1e-6
    assert saved[1:] == pytest.approx([0, 0], abs=1e-9)


def test_for_one_token_the_front_is_the_line():
    pair = Pair(iid([0.5, 0.3, 0.2]), iid([0.2, 0.5, 0.3]))
    front = text_pareto_front(pair, 1)
    assert front.rejected + front.bias == pytest.approx(0.3, abs=1e-12)


@pytest.mark.parametrize("rule", [decoding_opt, decoding_uno])
def test_no_biased_rule_lies_below_the_front_of_texts(rule):
    pair, horizon = markov_pair(3, seed=2, steps=4), 5
    front = text_pareto_front(pair, horizon)
    for epsilon in (0.0, 0.05, 0.2):
        biased = partial(rule, epsilon=epsilon)
        wrong = text_bias(pair, horizon, biased)
        least = np.interp(wrong, front.bias[::-1], front.rejected[::-1])
        assert text_trade(pair, horizon, biased).rejected.sum() >= least - 0.01


def test_over_a_text_the_front_lies_far_below_the_line():
    """A text has bias at most 1 but may cost many rejections: exactness is dear at its end."""
    pair = load_pair("regimes")
    front, exact = text_pareto_front(pair, 12), expected_rejections(pair, 12)
    halfway = np.interp(front.bias[0] / 2, front.bias[::-1], front.rejected[::-1])
    assert halfway < exact / 3


def test_what_is_no_price_or_horizon_is_refused():
    with pytest.raises(ValueError, match="prices must be at least 0"):
        text_pareto_front(load_pair("toy"), 2, prices=[-1])
    with pytest.raises(ValueError, match="horizon must be an integer"):
        text_pareto_front(load_pair("toy"), 0)
    with pytest.raises(ValueError, match="ratios must be an integer"):
        text_pareto_front(load_pair("toy"), 2, ratios=0)
