"""Each policy drafts as many tokens as it says, in one text or in several side by side."""

from dataclasses import replace
from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specsim.core import chain, rules
from specsim.decode import generate, lengths, prompt_lookup
from specsim.decode.generation import Round
from specsim.decode.lengths.clock import Clock
from specsim.decode.lengths.optimal import best_round, worth_more
from specsim.decode.lengths.schedule import SchedulePace
from specsim.models import Pair, iid
from specsim.shapes import fits
from specsim.theory import optimal_gamma, schedule_law, walltime_improvement
from specsim.theory.tokens import tokens_pmf

from .conftest import pair_named

PROMPTS = [[1, 0, 1], [1], [0, 1, 1, 0, 1, 0, 0], [1, 0]]
COSTS = {"costs": lambda gamma: 1 + 0.1 * gamma}
POLICIES = {
    "schedule": lengths.schedule(2, 6),
    "confidence": lengths.confidence(0.3, 6),
    "optimal": lengths.optimal(6, **COSTS),
}
each = pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)


def lengths_and_kept(made):
    return [(one.drafted, one.kept) for one in made.rounds]


def played(drafted, kept):
    return Round(drafted, kept, kept + 1, 0.0, 0.0, 0.0)


@each
@pytest.mark.parametrize("name", ["regimes", "fractions", "llama, llama", "llama, bigram"])
def test_every_text_of_a_batch_has_the_lengths_that_it_has_alone(name, policy):
    pair, chosen = pair_named(name), {"gamma": policy, "eos": (), "max_new_tokens": 20}
    together = generate(pair.target, pair.draft, PROMPTS, rng=4, **chosen)
    for i, (prompt, made) in enumerate(zip(PROMPTS, together)):
        own = generate(pair.target, pair.draft, prompt, rng=np.random.default_rng([4, i]), **chosen)
        assert made.tokens == own.tokens
        assert lengths_and_kept(made) == lengths_and_kept(own)


@pytest.mark.parametrize("gamma", [1, 4])
def test_a_number_is_a_constant(networks, gamma):
    one, other = (
        generate(networks.target, networks.draft, [1, 0], gamma=how, max_new_tokens=20, rng=1)
        for how in (gamma, lengths.constant(gamma))
    )
    assert (one.tokens, lengths_and_kept(one)) == (other.tokens, lengths_and_kept(other))


@pytest.mark.parametrize("rule", [name for name in rules.names() if fits(rules.get(name), chain(4))])
def test_any_rule_for_chains_verifies_drafts_of_any_length(rule):
    pair = pair_named("regimes")
    chosen = {"gamma": lengths.confidence(0.45, 4), "max_new_tokens": 40, "eos": (), "logprobs": True}
    sampling = {"temperature": 0} if rule == "greedy" else {}
    made = generate(pair.target, pair.draft, [0], rule=rule, rng=3, **chosen, **sampling)
    assert len(made.tokens) == len(made.logprobs) == sum(one.kept + 1 for one in made.rounds) == 40
    assert len({one.drafted for one in made.rounds}) > 2 or rule == "greedy"


def test_a_schedule_adds_two_or_takes_one_off(networks):
    made = generate(
        networks.target,
        networks.draft,
        [1, 0],
        gamma=lengths.schedule(3, 5),
        max_new_tokens=60,
        rng=1,
        eos=(),
    )
    expected = 3
    for one in made.rounds[:-4]:
        assert one.drafted == expected
        expected = min(expected + 2, 5) if one.kept == one.drafted else max(1, expected - 1)
    assert {one.drafted for one in made.rounds} >= {1, 2, 3}


@pytest.mark.theorem("schedule")
@pytest.mark.parametrize("alpha", [F(1, 3), F(4, 5)])
def test_in_the_long_run_a_schedule_has_the_lengths_that_theory_says(alpha):
    most = 9
    law, after = schedule_law(alpha, most), [F(0)] * most
    for gamma, share in enumerate(law, 1):
        for kept, chance in enumerate(tokens_pmf(alpha, gamma)):
            pace = SchedulePace(gamma, most)
            pace.learn(played(gamma, kept), (), gamma)
            after[pace.longest() - 1] += share * chance
    assert tuple(after) == law


def test_confidence_ends_each_draft_with_its_first_doubt():
    sure = iid([0.6, 0.25, 0.15])
    made = generate(sure, sure, [0], gamma=lengths.confidence(0.2, 4), max_new_tokens=300, rng=2, eos=())
    place = 1
    for one in made.rounds[:-4]:
        drafted = [*made.prompt, *made.tokens][place : place + one.drafted]
        assert one.kept == one.drafted
        assert 2 not in drafted[:-1]
        assert len(drafted) == 4 or drafted[-1] == 2
        place += one.emitted


@pytest.mark.theorem("stop-drafting")
@settings(deadline=None)
@given(st.floats(0.05, 0.95), st.floats(0.02, 0.9))
def test_with_alpha_and_costs_known_optimal_stopping_drafts_the_best_gamma(alpha, c):
    times = [1 + c * g for g in range(41)]
    best = optimal_gamma(alpha, c, max_gamma=40) if alpha > c else 0
    rate = walltime_improvement(alpha, best, c) if best else 1
    tokens, time = best_round(alpha, times)
    assert tokens / time == pytest.approx(rate)
    drafted = 0
    while worth_more(alpha**drafted, alpha, times[drafted:], rate * (1 - 1e-12)):
        drafted += 1
    assert abs(alpha**drafted - c * rate) < 1e-9 or drafted == best


def test_a_jump_in_price_is_worth_crossing_where_enough_lies_behind_it():
    times = [1, 1, 1, 2, 2, 2, 2]
    assert worth_more(0.9**2, 0.9, times[2:], 2.0)
    assert not worth_more(0.9**2, 0.9, times[2:4], 2.0)


@pytest.mark.parametrize("c", [0.05, 0.2])
def test_optimal_stopping_comes_close_to_the_best_gamma_in_a_text_without_surprises(c):
    """Every draft has chance 1/2, and is kept with chance 1 or 0.6: confidence says nothing, alpha is 0.8."""
    pair = Pair(iid([0.7, 0.3]), iid([0.5, 0.5]))
    policy = lengths.optimal(16, lambda gamma: 1 + c * gamma)
    made = generate(pair.target, pair.draft, [0], gamma=policy, max_new_tokens=2000, rng=1, eos=())
    reached = len(made.tokens) / sum(1 + c * one.drafted for one in made.rounds)
    assert reached > 0.95 * walltime_improvement(0.8, optimal_gamma(0.8, c), c)


def test_optimal_stopping_gives_up_a_draft_that_does_not_pay():
    pair = Pair(iid([0.9, 0.1]), iid([0.1, 0.9]))
    policy = lengths.optimal(8, lambda gamma: 1 + 0.5 * gamma)
    made = generate(pair.target, pair.draft, [0], gamma=policy, max_new_tokens=400, rng=1, eos=())
    assert sum(one.drafted == 0 for one in made.rounds) > 0.8 * len(made.rounds)


def test_measured_times_are_medians_and_reach_beyond_what_was_met():
    clock = Clock()
    assert clock.times(3) is None
    for drafted, passed in [(2, 9.0), (2, 1.0), (4, 9.0), (4, 3.0), (4, 0.5)]:
        clock.learn(Round(drafted, 0, 1, 0.1 * drafted, passed, 0.0), drafted)
    assert clock.times(6) == pytest.approx([1.0, 1.1, 1.2, 2.3, 3.4, 3.5, 3.6])


def pass_time(gamma):
    """A pass over five tokens is a bargain, as where another kernel takes over."""
    return 1.0 if gamma == 0 else 1.1 if gamma < 3 else 1.2 if gamma == 4 else 2.0


@pytest.mark.parametrize("alpha", [0.3, 0.7])
def test_times_that_are_measured_lead_to_the_best_length(alpha):
    """Rounds of a made-up machine, whose draft step takes 0.1: what is learned from them is enough."""
    pace, rng, spent, gained = lengths.optimal(8).pace(), np.random.default_rng(1), 0.0, 0
    for _ in range(1500):
        drafted = 0
        while drafted < pace.longest() and (drafted == 0 or pace.another([0.5] * drafted)):
            drafted += 1
        kept = next((i for i, u in enumerate(rng.random(drafted)) if u > alpha), drafted)
        spent, gained = spent + 0.1 * drafted + pass_time(drafted), gained + kept + 1
        pace.learn(
            Round(drafted, kept, kept + 1, 0.1 * drafted, pass_time(drafted), 0), [0.5] * drafted, drafted
        )
    best = max([1.0, *(walltime_improvement(alpha, g, 0.1, verify_cost=pass_time(g)) for g in range(1, 9))])
    assert gained / spent > 0.93 * best


def test_measured_costs_are_enough(networks):
    made = generate(
        networks.target, networks.draft, [1, 0], gamma=lengths.optimal(6), max_new_tokens=40, rng=1, eos=()
    )
    assert len(made.tokens) == 40
    assert made.rounds[1].drafted == 0
    assert 0 < max(one.drafted for one in made.rounds) <= 6


@pytest.mark.parametrize(
    "policy", [lengths.confidence(0.9, 4), POLICIES["optimal"]], ids=["confidence", "optimal"]
)
def test_drafts_that_are_copied_may_have_any_policy(policy):
    model, text = iid([0.05, 0.9, 0.05]), [0, 1, 1, 1, 0, 1, 1]
    made = generate(model, prompt_lookup(), [text, text[:3]], gamma=policy, max_new_tokens=60, rng=1, eos=())
    assert max(one.drafted for one in made[0].rounds) >= 4
    assert (
        made[1].tokens
        == generate(
            model,
            prompt_lookup(),
            text[:3],
            gamma=policy,
            max_new_tokens=60,
            rng=np.random.default_rng([1, 1]),
            eos=(),
        ).tokens
    )


@pytest.mark.parametrize(
    "text, policy",
    [
        ("3", lengths.constant(3)),
        (" schedule:5", lengths.schedule(5)),
        ("schedule:5:9", lengths.schedule(5, 9)),
        ("confidence", lengths.confidence()),
        ("confidence:0.4:10", lengths.confidence(0.4, 10)),
        ("optimal", lengths.optimal()),
        ("optimal:8", lengths.optimal(8)),
    ],
)
def test_policies_have_names(text, policy):
    assert lengths.read_lengths(text) == policy


@pytest.mark.parametrize("text", ["", "constant", "schedule:x", "optimal:3:4", "confidence:", "2.5", "-1"])
def test_what_names_no_policy_is_refused(text):
    with pytest.raises(ValueError, match="names no draft length; write a number such as 3, or schedule:5"):
        lengths.read_lengths(text)


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: lengths.read_lengths("0"), "gamma must be a whole number of at least 1, got 0"),
        (lambda: lengths.constant(2.5), "gamma must be a whole number"),
        (lambda: lengths.schedule(0), "start must be a whole number"),
        (lambda: lengths.schedule(5, 4), r"starts at 1\.\.most, got start=5 and most=4"),
        (lambda: lengths.confidence(1.5), r"threshold must be a chance in \[0, 1\], got 1\.5"),
        (lambda: lengths.optimal(0), "most must be a whole number"),
        (lambda: lengths.optimal(3, lambda gamma: 0), "times above 0 of rounds that draft 0"),
        (
            lambda: generate(iid([1.0]), iid([1.0]), [0], gamma="3"),
            "gamma must be a whole number of at least 1, got '3'",
        ),
    ],
)
def test_numbers_that_make_no_sense_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_policies_are_for_chains(networks):
    with pytest.raises(ValueError, match="pass gamma, for a chain, or a shape, not both"):
        generate(networks.target, networks.draft, [1], gamma=lengths.schedule(), shape="tree:2,2")


def test_rounds_that_kept_their_plans_are_priced_by_what_they_made_expect(networks):
    made = generate(
        networks.target, networks.draft, [1, 0], gamma=3, max_new_tokens=200, rng=1, eos=(), keep_plans=True
    )
    times = [lengths.time_per_token(made.rounds, lambda gamma: 1 + gamma / 5)]
    times += [
        lengths.time_per_token([replace(one, stop=None) for one in made.rounds], lambda gamma: 1 + gamma / 5)
    ]
    assert times[0] != times[1]
    assert times[0] == pytest.approx(times[1], rel=0.1)
    assert lengths.with_hindsight(made.rounds, lambda gamma: 1 + gamma / 5) < min(times)
