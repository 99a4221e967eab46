"""What lossy rules emit: the plan's law equals the published formula, at one position and over texts."""

from fractions import Fraction as F
from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from specsim.core import chain, rules
from specsim.core.rules.lossy.mentored import mentored_law
from specsim.models import Pair, iid, load_pair, markov
from specsim.simulate import chi_square_p_value, run
from specsim.testing import law_pairs
from specsim.theory import lenient_law, output_law, overlap, residual, string_law, text_bias, total_variation
from specsim.theory.biased import bias, decoding_opt, decoding_uno
from specsim.theory.lossy import divergence, rounds_bias, rounds_law, rule_bias, token_rule

TARGET, DRAFT = ([F(1, 2), F(3, 10), F(1, 5)], [F(1, 5), F(1, 2), F(3, 10)])
RISING, FALLING = [F(1, 10), F(1, 5), F(3, 10), F(2, 5)], [F(2, 5), F(3, 10), F(1, 5), F(1, 10)]
STICKY = Pair(
    target=markov([F(1, 2), F(1, 2)], [[F(1, 4), F(3, 4)], [F(2, 3), F(1, 3)]]),
    draft=markov([F(1, 4), F(3, 4)], [[F(2, 3), F(1, 3)], [F(1, 3), F(2, 3)]]),
)
laws = st.integers(2, 4).flatmap(law_pairs)
shares = st.fractions(F(1, 10), 1, max_denominator=10)


def emitted(name, target, draft):
    return rule_bias(f"lossy:{name}", target, draft).emitted


@pytest.mark.parametrize("name", sorted(rules.RULES.keys() - {"greedy"}))
@given(pair=laws)
def test_an_exact_rule_has_no_bias(name, pair):
    found = rule_bias(name, *pair)
    assert (found.emitted == pair[0]).all()
    assert found.total_variation == 0
    assert abs(found.divergence) < 1e-12


@pytest.mark.theorem("lenience")
@pytest.mark.parametrize("correction", ["unchanged", "scaled", "target"])
@given(pair=laws, share=shares)
def test_lenience_emits_its_law(correction, pair, share):
    assert (
        emitted(f"lenient({share},{correction})", *pair) == lenient_law(*pair, share, correction=correction)
    ).all()


@pytest.mark.theorem("pareto-line")
@given(pair=laws, epsilon=shares)
def test_opt_and_uno_are_those_of_the_theorems(pair, epsilon):
    for name, make in (("opt", decoding_opt), ("uno", decoding_uno)):
        found = rule_bias(f"lossy:{name}({epsilon})", *pair)
        assert found.total_variation == bias(*pair, make(*pair, epsilon))
    opt = rule_bias(f"lossy:opt({epsilon})", *pair)
    assert opt.rejected + opt.total_variation == total_variation(*pair)


def test_opt_and_uno_on_the_mirrored_example():
    found = [rule_bias(f"lossy:{name}(0.05)", RISING, FALLING) for name in ("opt", "uno")]
    assert [one.total_variation for one in found] == [F(1, 10), F(19, 100)]


@pytest.mark.theorem("threshold-law")
@given(pair=laws, least=shares)
def test_a_threshold_emits_the_draft_where_it_is_met(pair, least):
    target, draft = pair
    kept = target >= least
    law = np.where(kept, draft, 0) + draft[~kept].sum() * target
    assert (emitted(f"threshold({least})", *pair) == law).all()


@pytest.mark.theorem("threshold-law")
@given(pair=laws)
def test_typical_acceptance_emits_the_draft_on_typical_tokens(pair):
    target, draft = pair
    floats = target.astype(float)
    entropy = -sum(p * np.log(p) for p in floats if p)
    least = min(0.09, 0.3 * np.exp(-entropy))
    assume((abs(floats - least) > 1e-9).all())
    kept = floats > least
    assert (emitted("typical", *pair) == np.where(kept, draft, 0) + draft[~kept].sum() * target).all()


@given(pair=laws)
def test_the_target_on_rejection_costs_at_most_a_quarter(pair):
    target, draft = pair
    found, kept = rule_bias("lossy:target_on_rejection", *pair), overlap(*pair)
    assert (found.emitted == np.minimum(target, draft) + (1 - kept) * target).all()
    assert found.total_variation <= kept * (1 - kept) <= F(1, 4)


def test_the_target_on_rejection_on_examples():
    found = rule_bias("lossy:target_on_rejection", TARGET, DRAFT)
    assert found.emitted.tolist() == [F(35, 100), F(39, 100), F(26, 100)]
    assert found.total_variation == F(15, 100)
    worst = rule_bias("lossy:target_on_rejection", [F(1, 2), F(1, 2)], [F(0), F(1)])
    assert worst.total_variation == F(1, 4)


@pytest.mark.theorem("cascade-law")
@given(pair=laws, cost=shares)
def test_a_cascade_emits_the_target_or_the_draft(pair, cost):
    target, draft = pair
    defers = max(draft) < max(target) - cost * total_variation(*pair)
    assert (emitted(f"cascade({cost})", *pair) == (target if defers else draft)).all()


@given(pair=laws)
def test_the_printed_batch_algorithm_takes_the_residual_twice(pair):
    target, draft = pair
    twice = residual(residual(target, draft), draft)
    law = np.minimum(target, draft) + total_variation(*pair) * twice
    assert (emitted("literal_batch", *pair) == law).all()


def test_the_printed_batch_algorithm_on_the_mirrored_example():
    assert emitted("literal_batch", RISING, FALLING).tolist() == [F(1, 10), F(1, 5), F(8, 35), F(33, 70)]


@pytest.mark.theorem("mentored-law")
@settings(max_examples=50)
@given(pair=law_pairs(4, exact=False), budget=st.floats(0.001, 1))
def test_mentored_decoding_keeps_its_budget_and_its_form(pair, budget):
    target, draft = pair
    law = mentored_law(target, draft, budget)
    assert law.sum() == pytest.approx(1, abs=1e-9)
    assert divergence(target, law / law.sum()) <= budget + 1e-9
    assert overlap(law / law.sum(), draft) >= overlap(target, draft) - 1e-9
    lower, upper = law < draft - 1e-9, law > draft + 1e-9
    for side in (lower & (target > 1e-6), upper):  # the clipped tokens are in proportion to the target
        quotient = law[side] / target[side]
        assert quotient.size == 0 or np.ptp(quotient) <= 1e-6 * quotient.max()


@pytest.mark.theorem("mentored-law")
@pytest.mark.parametrize("seed", range(8))
def test_mentored_decoding_keeps_as_much_as_a_general_optimiser_finds(seed):
    rng = np.random.default_rng(seed)
    target, draft = rng.dirichlet(np.ones(4), size=2)
    budget = 0.3 * divergence(target, draft)
    law = mentored_law(target, draft, budget)
    assert divergence(target, law) == pytest.approx(budget, abs=1e-9)
    # variables: the law, then what is kept of it, at most the law and at most the draft
    limits = [
        {"type": "eq", "fun": lambda x: x[:4].sum() - 1},
        {"type": "ineq", "fun": lambda x: x[:4] - x[4:]},
        {"type": "ineq", "fun": lambda x: budget - target @ np.log(target / x[:4])},
    ]
    box = [(1e-9, 1)] * 4 + [(0, d) for d in draft]
    start = np.concatenate([target, np.minimum(target, draft)])
    best = minimize(
        lambda x: -x[4:].sum(), start, bounds=box, constraints=limits, method="SLSQP", options={"ftol": 1e-12}
    )
    assert overlap(law, draft) == pytest.approx(-best.fun, abs=1e-7)


@given(pair=law_pairs(3, exact=False), budget=st.floats(0.001, 1), unused=st.integers(1, 3))
def test_tokens_that_neither_model_allows_do_not_matter_to_mentored_decoding(pair, budget, unused):
    wide = (np.concatenate([law, np.zeros(unused)]) for law in pair)
    assert mentored_law(*wide, budget)[:3] == pytest.approx(mentored_law(*pair, budget), abs=1e-9)


def test_mentored_decoding_in_single_precision_is_the_same():
    """On peaked laws, whose tails underflow when multiplied in single precision."""
    rng = np.random.default_rng(0)
    target, draft = rng.dirichlet(np.ones(5000) / 100, size=(2, 4))
    single = (x.astype(np.float32) for x in (target, draft))
    assert abs(mentored_law(*single, 0.1) - mentored_law(target, draft, 0.1)).max() < 1e-5


def test_mentored_decoding_with_tokens_that_the_target_excludes():
    """All that the budget is needed for is to keep some of the excluded mass."""
    target, draft = np.array([0.5, 0.5, 0.0]), np.array([0.25, 0.25, 0.5])
    law = mentored_law(target, draft, 0.1)
    assert law == pytest.approx([np.exp(-0.1) / 2, np.exp(-0.1) / 2, 1 - np.exp(-0.1)], abs=1e-9)


@pytest.mark.theorem("cactus-law")
@given(pair=law_pairs(3, exact=False), budget=st.floats(0, 1))
def test_cactus_emits_a_mixture_of_exact_verifications(pair, budget):
    target, draft = pair
    assume((draft > 1e-6).all())
    law = np.zeros(3)
    for x, (t, d) in enumerate(zip(target, draft)):
        aim = min(1, t + np.sqrt(2 * float(str(budget)) * t * (1 - t)))
        lifted = np.where(np.arange(3) == x, aim, target * ((1 - aim) / (1 - t) if t < 1 else 0))
        keep = min(1, aim / d)
        over = np.maximum(lifted - draft, 0)
        law[x] += d * keep
        if keep < 1:
            law += d * (1 - keep) * over / over.sum()
    assert emitted(f"cactus({budget})", target, draft) == pytest.approx(law, abs=1e-9)


def test_divergence_is_infinite_where_a_token_of_the_target_is_never_emitted():
    assert divergence([F(1, 2), F(1, 2)], [F(1), F(0)]) == np.inf
    assert divergence([F(1), F(0)], [F(1, 2), F(1, 2)]) == pytest.approx(np.log(2))


def test_batches_and_tensors_are_answered_in_their_kind():
    target, draft = (np.array([row] * 2, dtype=float) for row in (TARGET, DRAFT))
    plain = rule_bias("lossy:uno(0.1)", target, draft)
    tensors = rule_bias("lossy:uno(0.1)", torch.from_numpy(target), torch.from_numpy(draft))
    for a, b in zip(plain, tensors):
        assert isinstance(b, torch.Tensor)
        assert abs(a - b.numpy()).max() < 1e-12


@pytest.mark.parametrize("rule", ["token", "block"])
@pytest.mark.parametrize("gamma", [1, 2])
def test_rounds_of_an_exact_rule_write_the_targets_law(rule, gamma):
    assert rounds_law(rule, STICKY, chain(gamma), 4) == string_law(STICKY.target, 4)
    assert rounds_bias(rule, STICKY, chain(gamma), 4) == 0


@pytest.mark.parametrize("name", ["opt(0.1)", "lenient(0.5)", "target_on_rejection", "threshold(0.3)"])
def test_while_all_tokens_are_drafted_rounds_have_the_bias_of_the_text(name):
    rule = rules.get(f"lossy:{name}")
    assert rounds_bias(rule, STICKY, chain(3), 3) == text_bias(STICKY, 3, partial(token_rule, rule))


@pytest.mark.parametrize("name", ["typical", "mentored(0.05)", "cactus(0.1)"])
def test_simulated_rounds_have_the_exact_law(name):
    """A right simulator fails with chance 1e-6."""
    pair, rule = load_pair("toy"), f"lossy:{name}"
    result = run(rule, pair, chain(2), rounds=20_000, rng=5)
    assert chi_square_p_value(result.emitted, output_law(rule, pair, chain(2))) > 1e-6


def test_the_bonus_token_of_a_short_draft_is_free_of_bias():
    """So with one drafted token the second is the target's own after an acceptance: the text is closer."""
    rule = rules.lossy.threshold("1/10")  # keeps everything here
    short, long = (rounds_bias(rule, STICKY, chain(gamma), 2) for gamma in (1, 2))
    assert short == total_variation([F(1, 2), F(1, 2)], [F(1, 4), F(3, 4)]) == F(1, 4)
    assert long > short


def test_a_rule_of_the_users_own_has_a_bias_too():
    pair = Pair(iid(TARGET), iid(DRAFT))
    found = rule_bias(lambda target, draft: rules.match.kernel(target, draft), TARGET, DRAFT)
    assert found.total_variation == rounds_bias(rules.match, pair, chain(1), 1) == 0


def test_what_is_too_large_to_list_is_refused():
    law = np.full(3000, 1 / 3000)
    with pytest.raises(ValueError, match="lists every case"):
        rule_bias("token", law, law)
