"""Lossy rules: named as such, plans like all others, one law in every kind of numbers."""

from fractions import Fraction as F
from importlib import import_module

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from specsim.core import Draft, chain, check_laws, draw, law, rules
from specsim.core.rules import lossy
from specsim.testing import drafts

IN_FRACTIONS = [rules.get(name) for name in lossy.names() if name.split(":")[1] not in ("mentored", "cactus")]
IN_FLOATS = [rules.get(name) for name in lossy.names()]
EXACT = [
    "lenient(1)",
    "lenient(1,scaled)",
    "opt(0)",
    "mentored(0)",
    "cactus(0)",
    "cascade(0)",
    "threshold(1)",
]
exactly = pytest.mark.parametrize("rule", IN_FRACTIONS, ids=repr)
every = pytest.mark.parametrize("rule", IN_FLOATS, ids=repr)
chains = st.integers(1, 3).map(chain)


def in_floats(drafted, array=lambda x: x):
    target, draft = drafted
    laws = (array(x.astype(float)) for x in (target, draft.laws))
    return next(laws), Draft(array(draft.tokens), next(laws), draft.parent)


def test_each_is_listed_with_the_prefix_and_says_that_it_is_not_exact():
    listed = [name for name in rules.names() if name.startswith("lossy:")]
    assert listed == lossy.names() == sorted(f"lossy:{name}" for name in lossy.LOSSY)
    for name in listed:
        rule = rules.get(name)
        assert rule.name.startswith(name)
        assert not rule.exact
        assert rules.get(rule.name).name == rule.name
        assert rule.source


def test_no_exact_rule_has_the_prefix():
    assert not any("lossy" in name for name in rules.RULES)
    assert all(rule.exact for rule in rules.RULES.values())


@pytest.mark.parametrize("name", ["typical", "lenient(0.5)", "opt"])
def test_without_the_prefix_it_is_refused_with_the_reason(name):
    with pytest.raises(ValueError, match=r"changes the output law, so it must be asked for as 'lossy:"):
        rules.get(name)


@pytest.mark.parametrize(
    "name, message",
    [
        ("lossy:typcal", "no lossy rule 'lossy:typcal'; choose one of lossy:cactus"),
        ("lossy:token", "no lossy rule 'lossy:token'"),
        ("lossy:opt(0.1,0.2)", r"lossy:opt takes \(epsilon\), got"),
        ("lossy:opt(much)", r"epsilon must be a number in \[0, 1\], got 'much'"),
        ("lossy:opt(-0.1)", r"epsilon must be a number in \[0, 1\]"),
        ("lossy:lenient(0)", "lenience must be above 0"),
        ("lossy:lenient(0.5,stock)", "correction must be one of unchanged, scaled, target, got 'stock'"),
        ("lossy:mentored(nan)", "budget must be a number"),
        ("lossy:threshold(1/0)", "least must be a number"),
    ],
)
def test_what_is_no_lossy_rule_is_refused(name, message):
    with pytest.raises(ValueError, match=message):
        rules.get(name)


@pytest.mark.parametrize("name", ["lossy:mentored", "lossy:cactus"])
def test_rules_with_logarithms_or_roots_ask_for_floats(name):
    target = np.array([[F(1, 2), F(1, 2)]] * 2)
    with pytest.raises(ValueError, match="laws must be floats, got fractions"):
        law(rules.get(name)(target, Draft(np.array([0]), target[:1], (0,))))


@exactly
@given(drafted=drafts(shape=chains))
def test_plans_on_fractions_are_laws_exactly(rule, drafted):
    plan = rule(*drafted)
    check_laws(plan.stop)
    check_laws(plan.residual)
    assert all(type(chance) is F for chance in law(plan).flat)


@every
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@given(drafted=drafts(exact=False, shape=chains))
def test_plans_on_floats_are_laws_in_their_precision(rule, dtype, drafted):
    target, draft = drafted
    laws = draft.laws[None].astype(dtype)
    floats = rule.kernel(target[None].astype(dtype), Draft(draft.tokens[None], laws, draft.parent))
    assert floats.stop.dtype == floats.residual.dtype == dtype
    check_laws(floats.stop)
    check_laws(floats.residual)


@every
@given(drafted=drafts(shape=chains, lead=(2,)))
def test_numpy_and_torch_compute_one_law(rule, drafted):
    plain, tensors = law(rule(*in_floats(drafted))), law(rule(*in_floats(drafted, torch.from_numpy)))
    assert abs(np.asarray(tensors) - plain).max() <= 1e-9


def second_residual(target, draft):
    return np.maximum(rules.token(target, draft).residual[0] - draft.laws[0], 0).sum()


@exactly
@given(drafted=drafts(shape=chains))
def test_fractions_and_floats_compute_one_law(rule, drafted):
    """Where no threshold is just met and no second residual is empty: there rounding may decide, as it may
    on a draft of chance 1e-16.
    """
    chance = np.prod([row[token] for row, token in zip(drafted[1].laws, drafted[1].tokens)])
    assume(not rule.name.endswith("_batch") or second_residual(*drafted) > 0)
    name = {"lossy:threshold(0.1)": "lossy:threshold(0.0917)", "lossy:cascade(0.5)": "lossy:cascade(0.4871)"}
    rule = rules.get(name.get(rule.name, rule.name))
    gap = abs(law(rule(*in_floats(drafted))) - law(rule(*drafted)).astype(float)).max()
    assert float(chance) * gap <= 1e-9


@pytest.mark.parametrize("name", ["lenient(1)", "lenient(1,scaled)", "opt(0)"])
@given(drafted=drafts(shape=chains))
def test_at_the_edge_of_its_parameter_it_is_the_token_rule(name, drafted):
    assert (law(rules.get(f"lossy:{name}")(*drafted)) == law(rules.token(*drafted))).all()


@pytest.mark.parametrize("name", ["mentored(0)", "cactus(0)"])
@given(drafted=drafts(shape=chains))
def test_without_a_budget_it_is_the_token_rule(name, drafted):
    floats = in_floats(drafted)
    found, token = rules.get(f"lossy:{name}")(*floats), rules.token(*floats)
    assert abs(found.stop - token.stop).max() <= 1e-7


@given(drafted=drafts(shape=chains))
def test_on_a_chain_the_two_wrong_batches_are_one(drafted):
    typed, mended = (rules.get(f"lossy:{name}_batch")(*drafted) for name in ("literal", "mended"))
    assert (law(typed) == law(mended)).all()


def test_only_the_mended_batch_takes_several_drafts():
    assert [rule.name for rule in IN_FLOATS if not rule.chains_only] == ["lossy:mended_batch"]


@every
def test_an_empty_draft_leaves_plain_sampling(rule):
    target = np.array([[0.5, 0.25, 0.25]])
    plan = rule(target, Draft(np.zeros((0,), dtype=int), np.zeros((0, 3)), ()))
    assert plan.stop.tolist() == [1]
    assert plan.residual.tolist() == target.tolist()


@pytest.mark.parametrize("rule", [rule for rule in IN_FLOATS if rule.chains_only], ids=repr)
def test_a_tree_is_refused(rule):
    with pytest.raises(ValueError, match="verifies a single chain"):
        rule(np.full((3, 2), 0.5), Draft(np.array([0, 1]), np.full((2, 2), 0.5), (0, 0)))


@every
@pytest.mark.filterwarnings("ignore:Dynamo detected a call to:UserWarning")
def test_a_compiled_verification_equals_the_plain_one(rule, monkeypatch):
    monkeypatch.setattr(import_module("specsim.core.rules.lossy.mentored"), "STEPS", 3)  # it is unrolled
    rng = np.random.default_rng(1)
    target, laws = (torch.from_numpy(rng.dirichlet(np.ones(7), size=(5, n))) for n in (3, 2))
    tokens, uniforms = torch.from_numpy(rng.integers(0, 7, (5, 2))), torch.from_numpy(rng.random((5, 2)))

    def verified(target, tokens, laws, uniforms):
        plan = rule(target, Draft(tokens, laws, (0, 1)))
        return law(plan), *draw(plan, uniforms)

    torch._dynamo.reset()
    inputs = (target, tokens, laws, uniforms)
    compiled = torch.compile(verified, fullgraph=True, backend="eager")(*inputs)
    for found, expected in zip(compiled, verified(*inputs)):
        assert torch.equal(found, expected)
