"""Bad laws, shapes, ids and uniforms: a ValueError that says what must hold, what came and what to do."""

import numpy as np
import pytest
import torch

from specsim.core import Draft, Shape, along, chain, check_laws, draw, height, rules, siblings, tree

from .families import RULES

LIBRARIES = pytest.mark.parametrize("array", [np.asarray, torch.as_tensor], ids=["numpy", "torch"])
TARGET = np.array([[0.5, 0.5, 0.0]] * 3)
LAWS = np.array([[0.25, 0.5, 0.25]] * 2)
TOKENS = np.array([0, 1])

NO_LAW = [
    (np.nan, "has an entry nan"),
    (-0.25, "has an entry -0.25"),
    (np.inf, "sums to inf, expected 1"),
    (0.9, r"sums to 1\.\d+, expected 1"),
    (0.2, r"sums to 0\.\d+, expected 1"),
]


class Untouched:
    """Stands where uniforms go and fails the test as soon as anything about them is asked for."""

    def __getattribute__(self, name):
        raise AssertionError("a random number was used")


def verify(rule, target=TARGET, tokens=TOKENS, laws=LAWS, parent=(0, 1), array=np.asarray):
    return draw(rule(array(target), Draft(array(tokens), array(laws), parent)), Untouched())


def with_entry(laws, value):
    wrong = laws.copy()
    wrong[1, 0] = value
    return wrong


@RULES
@LIBRARIES
@pytest.mark.parametrize("value, message", NO_LAW)
def test_what_is_not_a_law(rule, array, value, message):
    with pytest.raises(ValueError, match=f"target law at 1 {message}.*softmax them first"):
        verify(rule, target=with_entry(TARGET, value), array=array)
    with pytest.raises(ValueError, match=f"draft law at 1 {message}.*softmax them first"):
        verify(rule, laws=with_entry(LAWS, value), array=array)


@pytest.mark.parametrize(
    "laws",
    [
        [0.5, 0.5],
        None,
        np.array(1.0),
        np.zeros((2, 0)),
        np.array(["a"]),
        np.array([1 + 0j]),
        np.array([True]),
    ],
)
def test_what_is_no_array_of_numbers(laws):
    with pytest.raises(ValueError, match=r"law must be an array \(..., V\) of numbers, V >= 1, got"):
        check_laws(laws)


def test_the_place_of_a_bad_law_in_a_batch_is_named():
    laws = np.full((2, 3, 4), 0.25)
    laws[1, 2, 0] = 0
    with pytest.raises(ValueError, match=r"law at \(1, 2\) sums to 0.75"):
        check_laws(laws)


@pytest.mark.parametrize("laws", [LAWS, LAWS.astype(np.float32), torch.tensor(LAWS).bfloat16()])
def test_laws_in_any_precision_pass(laws):
    check_laws(laws)


@RULES
@pytest.mark.parametrize("target", [TARGET[:2], TARGET[:, :2], TARGET[None], TARGET.tolist(), None])
def test_target_laws_that_do_not_fit_the_draft(rule, target):
    with pytest.raises(ValueError, match=r"one row per node, shape \(3, 3\) for this draft, got .*share one"):
        rule(target, Draft(TOKENS, LAWS, (0, 1)))


@pytest.mark.parametrize(
    "tokens, laws",
    [(TOKENS[:1], LAWS), (TOKENS, LAWS[:1]), (TOKENS, LAWS[0]), (TOKENS.tolist(), LAWS), (TOKENS, None)],
)
def test_tokens_and_laws_that_do_not_fit_each_other(tokens, laws):
    with pytest.raises(ValueError, match=r"needs tokens of shape \(..., 2\), got|need the shape of tokens"):
        Draft(tokens, laws, (0, 1))


@RULES
@LIBRARIES
@pytest.mark.parametrize(
    "tokens, message",
    [
        ([0, 3], r"must lie in 0\.\.2, got 3; do both models share one vocabulary"),
        ([-1, 0], r"must lie in 0\.\.2, got -1"),
        ([0.0, 1.0], r"must be integers, got \(2,\) of .*float64"),
    ],
)
def test_tokens_that_are_no_ids(rule, array, tokens, message):
    with pytest.raises(ValueError, match=message):
        verify(rule, tokens=np.array(tokens), array=array)


@RULES
@LIBRARIES
def test_a_drafted_token_of_law_zero(rule, array):
    with pytest.raises(ValueError, match=r"token 2 was drafted at node 2 but its draft law is 0 there; were"):
        verify(rule, tokens=np.array([0, 2]), laws=np.array([[0.5, 0.5, 0.0]] * 2), array=array)


@RULES
def test_arrays_of_two_libraries(rule):
    with pytest.raises(ValueError, match="arrays of one library, got ndarray, Tensor, Tensor"):
        rule(TARGET, Draft(torch.tensor(TOKENS), torch.tensor(LAWS), (0, 1)))


@pytest.mark.parametrize("rule", [rule for rule in rules.RULES.values() if rule.chains_only], ids=repr)
def test_a_tree_for_a_rule_that_takes_chains(rule):
    with pytest.raises(ValueError, match=r"verifies a single chain such as chain\(3\), got parent=\(0, 0\)"):
        verify(rule, parent=(0, 0))


@pytest.mark.parametrize("parent", [(1,), (-1,), (0, 2), (0, -1), (0.0,), ("a",)], ids=str)
def test_parents_that_are_no_tree(parent):
    tokens, laws = TOKENS[: len(parent)], LAWS[: len(parent)]
    for make in (lambda: Draft(tokens, laws, parent), lambda: Shape(parent), lambda: height(parent)):
        with pytest.raises(ValueError, match=r"must hang below one of the nodes 0\.\."):
            make()


@pytest.mark.parametrize("parent", [[0, 1], 2, siblings(2, how="distinct")], ids=str)
def test_parents_that_are_no_tuple(parent):
    with pytest.raises(ValueError, match="parent must be a tuple such as chain"):
        Draft(TOKENS, LAWS, parent)


@pytest.mark.parametrize("count", [0, -1, 1.5, "3", None, float("inf"), float("nan")])
def test_counts_that_are_no_counts(count):
    for make in (chain, siblings, tree):
        with pytest.raises(ValueError, match="must be a whole number of at least 1, got"):
            make(count)


def test_unknown_names_are_answered_with_the_known_ones():
    with pytest.raises(ValueError, match=r"no rule 'tokens'; choose one of .*block.*token"):
        rules.get("tokens")
    with pytest.raises(ValueError, match=r'"independent", "distinct", "top" or "hub", got \'best\''):
        Shape((0,), "best")


@LIBRARIES
@pytest.mark.parametrize("wrong", [-0.1, 1.0, np.nan])
def test_uniforms_outside_the_unit_interval(array, wrong):
    plan = rules.token(array(TARGET), Draft(array(TOKENS), array(LAWS), (0, 1)))
    with pytest.raises(ValueError, match=r"uniforms must lie in \[0, 1\)"):
        draw(plan, array(np.array([0.5, wrong])))
    with pytest.raises(ValueError, match=r"uniforms must lie in \[0, 1\)"):
        along(array(np.array([[0.5, wrong]])))


@pytest.mark.parametrize("uniforms", [np.zeros(3), np.zeros((2, 1)), [0.5, 0.5], 0.5])
def test_uniforms_of_another_shape(uniforms):
    plan = rules.token(TARGET, Draft(TOKENS, LAWS, (0, 1)))
    with pytest.raises(ValueError, match=r"uniforms must be an array of shape \(..., 2\), got"):
        draw(plan, uniforms)
