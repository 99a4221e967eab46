"""Where rounds begin in the long run: recursion against listing, balance equations, special cases."""

from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from specsim.core import chain, rules, siblings
from specsim.models import Pair, iid, load_pair, markov, ngram, table
from specsim.models.pairs import regimes
from specsim.theory import (
    expected_rejections,
    expected_tokens,
    long_run_tokens_per_round,
    mean_overlap,
    output_law,
    round_start_law,
    tokens_per_round,
)

gammas = st.integers(1, 3)
every_exact_rule = pytest.mark.parametrize("rule", ["token", "block", "match"])


def positive_laws(tokens):
    weights = st.lists(st.integers(1, 5), min_size=tokens, max_size=tokens)
    return weights.map(lambda row: [F(weight, sum(row)) for weight in row])


def chains_of(tokens):
    """Markov chains of full support."""
    rows = st.lists(positive_laws(tokens), min_size=tokens, max_size=tokens)
    return rows.map(lambda matrix: markov(matrix[0], matrix))


def markov_pairs(tokens=2):
    return st.builds(Pair, chains_of(tokens), chains_of(tokens))


def listed_token(target, draft):
    """The token rule under another name, so that rounds are listed."""
    return rules.token(target, draft)


def two_regimes(stay, easy=(F(9, 10), F(1, 10)), hard=(F(4, 5), F(1, 5))):
    """As `regimes`, in fractions: easy and hard tokens, drafted with overlap 9/10 and 2/5."""

    def model(within_easy, within_hard):
        after_easy = [stay * p for p in within_easy] + [(1 - stay) * p for p in within_hard]
        after_hard = [(1 - stay) * p for p in within_easy] + [stay * p for p in within_hard]
        first = [(p + q) / 2 for p, q in zip(after_easy, after_hard)]
        return markov(first, [after_easy] * 2 + [after_hard] * 2)

    halves = (F(1, 2), F(1, 2))
    return Pair(model(halves, hard), model((F(3, 5), F(2, 5)), hard[::-1]))


@pytest.mark.theorem("markov-round")
@given(st.integers(2, 3).flatmap(markov_pairs), gammas.filter(lambda gamma: gamma < 3))
def test_the_recursion_equals_listing_every_round(pair, gamma):
    for function in (round_start_law, long_run_tokens_per_round):
        assert function("token", pair, chain(gamma)) == function(listed_token, pair, chain(gamma))


def test_so_it_does_on_a_trigram_pair():
    text = np.random.default_rng(5).integers(0, 3, 60).tolist()
    pair = Pair(ngram.train([text], 3, order=3), ngram.train([text], 3, order=2))
    quick, listed = (round_start_law(rule, pair, chain(3)) for rule in ("token", listed_token))
    assert len(quick) == 9
    assert list(quick) == list(listed)
    assert list(quick.values()) == pytest.approx(list(listed.values()), abs=1e-14)


@pytest.mark.theorem("markov-round")
@every_exact_rule
@given(markov_pairs(), gammas)
def test_a_round_from_the_law_of_round_starts_ends_in_it(rule, pair, gamma):
    start = round_start_law(rule, pair, chain(gamma))
    ends = dict.fromkeys(start, 0)
    for state, p in start.items():
        for emitted, q in output_law(rule, pair, chain(gamma), state).items():
            ends[emitted[-1:]] += p * q
    assert ends == start
    assert sum(start.values()) == 1


@every_exact_rule
@given(markov_pairs(), gammas)
def test_rounds_write_each_token_as_often_as_the_target_does(rule, pair, gamma):
    """Renewal: tokens x per round = tokens per round times the target's long-run share of x."""
    share = target_share(pair.target.transitions)
    written = [F(0), F(0)]
    for state, p in round_start_law(rule, pair, chain(gamma)).items():
        for emitted, q in output_law(rule, pair, chain(gamma), state).items():
            for token in emitted:
                written[token] += p * q
    rate = long_run_tokens_per_round(rule, pair, chain(gamma))
    assert written == [rate * p for p in share]


def target_share(matrix):
    """The stationary law of two states, in closed form."""
    there, back = matrix[0, 1], matrix[1, 0]
    return [back / (there + back), there / (there + back)]


@pytest.mark.theorem("alpha-is-a-mean")
@given(markov_pairs())
def test_the_mean_overlap_is_taken_where_the_target_spends_its_time(pair):
    overlaps = np.minimum(pair.target.transitions, pair.draft.transitions).sum(axis=1)
    assert mean_overlap(pair) == target_share(pair.target.transitions) @ overlaps


@pytest.mark.theorem("alpha-is-a-mean")
@given(chains_of(2), chains_of(2), st.integers(1, 6))
def test_begun_in_the_long_run_rejections_per_token_are_one_minus_the_mean_overlap(target, draft, horizon):
    settled = markov(target_share(target.transitions), target.transitions)
    pair = Pair(settled, markov(target_share(target.transitions), draft.transitions))
    assert expected_rejections(pair, horizon) == (1 - mean_overlap(pair)) * (horizon - 1)


@given(positive_laws(3), positive_laws(3), gammas)
def test_independent_tokens_have_nothing_to_remember(target, draft, gamma):
    pair = Pair(iid(target), iid(draft))
    assert round_start_law("block", pair, chain(gamma)) == {(): 1}
    for rule in ("token", "block"):
        expected = tokens_per_round(rule, pair, chain(gamma))
        assert long_run_tokens_per_round(rule, pair, chain(gamma)) == expected


@pytest.mark.theorem("round-start-tilt")
@pytest.mark.parametrize("gamma", [1, 2, 5, 8])
def test_regimes_without_memory_obey_the_formula_exactly(gamma):
    pair = two_regimes(F(1, 2))
    assert mean_overlap(pair) == F(13, 20)
    assert long_run_tokens_per_round("token", pair, chain(gamma)) == expected_tokens(F(13, 20), gamma)


@pytest.mark.theorem("round-start-tilt")
@pytest.mark.parametrize("gamma", [1, 2, 5, 8])
def test_of_regimes_that_last_the_formula_promises_too_much(gamma):
    """Rounds begin where drafts fail, so they begin in the hard regime more often than its share of 1/2."""
    pair = two_regimes(F(99, 100))
    assert mean_overlap(pair) == F(13, 20)
    assert long_run_tokens_per_round("token", pair, chain(gamma)) < expected_tokens(F(13, 20), gamma)
    start = round_start_law("token", pair, chain(gamma))
    assert start[2,] + start[3,] > F(1, 2)


def test_by_how_much():
    exact = [round(long_run_tokens_per_round("token", regimes(), chain(gamma)), 3) for gamma in (1, 2, 5, 8)]
    assert exact == [1.599, 1.953, 2.399, 2.56]
    assert [round(expected_tokens(0.64, gamma), 3) for gamma in (1, 2, 5, 8)] == [1.64, 2.05, 2.587, 2.728]


@pytest.mark.theorem("long-drafts")
def test_long_drafts_end_at_rejections_only():
    rate = long_run_tokens_per_round("token", regimes(), chain(2000))
    assert rate == pytest.approx(1 / (1 - mean_overlap(regimes())), rel=1e-12)


def test_trees_have_a_long_run_too():
    pair = two_regimes(F(9, 10))
    assert long_run_tokens_per_round("token", pair, siblings(2)) > long_run_tokens_per_round(
        "token", pair, siblings(1)
    )


def test_states_that_are_left_for_good_have_no_part():
    absorbed = markov([F(1), F(0)], [[F(1, 2), F(1, 2)], [F(0), F(1)]])
    assert round_start_law("token", Pair(absorbed, absorbed), chain(2)) == {(1,): 1}


def test_a_period_is_no_obstacle():
    turning = markov([F(1), F(0)], [[F(0), F(1)], [F(1), F(0)]])
    standing = markov([F(1), F(0)], [[F(1), F(0)], [F(0), F(1)]])
    assert round_start_law("token", Pair(turning, standing), chain(1)) == {(0,): F(1, 2), (1,): F(1, 2)}


@pytest.mark.parametrize(
    "model, message",
    [
        (table({(): [0.5, 0.5]}, [0.5, 0.5]), "law depends on the last few tokens .* got Table and Table"),
        (markov([1.0, 0.0], np.full((3, 2, 2), 0.5)), "not on the position"),
        (lambda tokens: np.full((len(tokens), 2), 0.5), "got function and function"),
        (markov([1.0, 0.0], np.eye(2)), "separate sets of states that are never left"),
        (markov([1.0, 0.0], np.eye(2)[::-1]), "separate sets of states that are never left"),
        (ngram.train([[0]], vocab_size=50, order=3), r"at most 2236 states, got 50\^2"),
    ],
)
def test_a_pair_without_a_long_run_is_refused(model, message):
    class Same:
        target = draft = model

    with pytest.raises(ValueError, match=message):
        round_start_law("token", Same, chain(1))


def test_so_is_what_has_no_models():
    with pytest.raises(ValueError, match="got NoneType and NoneType"):
        mean_overlap(load_pair)
