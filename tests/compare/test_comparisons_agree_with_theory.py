"""A comparison: its theory is that of `specsim.theory`, and simulation agrees with it."""

import pytest

from specsim import theory
from specsim.compare import Options, compare
from specsim.compare.candidates import candidates
from specsim.compare.sampled import sampled
from specsim.core import Shape, chain, rules, siblings
from specsim.models import Pair, load_pair, markov
from specsim.shapes import read_shape

TOY, REGIMES = load_pair("toy"), load_pair("regimes")


@pytest.fixture(scope="module")
def toy():
    return compare(TOY, Options(3, strengths=("0.05", "0.3"), rounds=20_000))


def test_theory_and_simulation_agree(toy):
    assert toy.agrees
    assert len(toy.entries) > 40


def test_tokens_are_the_expectation_of_a_round(toy):
    for entry in toy.entries:
        exact = theory.tokens_per_round(entry.rule, TOY, read_shape(entry.shape))
        assert entry.tokens.theory.mean == pytest.approx(exact)


def test_bias_is_that_of_the_tokens_of_a_round(toy):
    for entry in toy.entries:
        if not entry.exact and entry.shape == "chain:3":
            law = theory.completed(theory.output_law(entry.rule, TOY, chain(3)), TOY.target, 4)
            wanted = theory.string_law(TOY.target, 4)
            distance = sum(abs(wanted[text] - law.get(text, 0)) for text in wanted) / 2
            assert entry.bias.theory.mean == pytest.approx(distance)


def test_exact_rules_are_not_biased(toy):
    assert max(entry.bias.theory.mean for entry in toy.entries if entry.exact) < 1e-12


def test_rounds_begin_where_the_text_of_the_target_leads():
    pair = Pair(markov([1, 0], [[0.9, 0.1], [0.3, 0.7]]), markov([1, 0], [[0.6, 0.4], [0.6, 0.4]]))
    found = compare(pair, Options(1, ("token",), rounds=10))
    assert found.entries[0].tokens.theory.mean == pytest.approx(1 + theory.mean_overlap(pair))


@pytest.mark.parametrize("pair", [TOY, REGIMES], ids=["toy", "regimes"])
def test_sampled_contexts_give_what_listed_ones_do(pair):
    """As if the pair were too large to be listed: means over contexts, within five standard errors."""
    chosen = candidates((), [Shape(chain(2)), Shape(siblings(2))], ["0.2"])
    some = sampled(pair, chosen, Options(2, rounds=2000), progress=False)
    every = {
        (entry.rule, entry.shape): entry
        for entry in compare(
            pair, Options(2, shapes=("chain:2", "siblings:2"), strengths=("0.2",), rounds=2)
        ).entries
    }
    assert all(entry.agrees for entry in some.entries)
    for entry in some.entries:
        if entry.shape != "chain:1":
            exact = every[entry.rule, entry.shape].tokens.theory.mean
            error = (entry.tokens.theory.standard_error**2 + entry.tokens.simulated.standard_error**2) ** 0.5
            assert abs(entry.tokens.theory.mean - exact) <= 5 * error + 1e-9


def test_the_optimum_of_siblings_is_that_of_the_programme():
    chosen = candidates(("token",), [Shape(siblings(2)), Shape(siblings(2), "distinct")], [])
    found = sampled(TOY, chosen, Options(2), progress=False)
    for name, most in found.most.items():
        assert most == pytest.approx(theory.most_tokens(TOY, read_shape(name)))


def test_the_same_seed_gives_the_same_comparison():
    options = Options(2, ("token", "lossy:opt(0.1)"), rounds=100, seed=3)
    assert compare(TOY, options).entries == compare(TOY, options).entries


def test_a_wrong_simulation_would_be_noticed(toy):
    entry = toy.entries[0]
    wrong = entry.tokens.simulated.z(entry.tokens.theory.mean + 0.1)
    assert abs(wrong) > 5


def test_all_rules_take_part(toy):
    met = {entry.rule.split("(")[0] for entry in toy.entries}
    assert met == set(rules.names()) - {"greedy"}
