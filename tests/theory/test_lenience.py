"""What lenience gains and what it costs: the three corrections, and plain rejection sampling beside them."""

from fractions import Fraction as F

import numpy as np
import pytest
import sympy
import torch
from hypothesis import assume, example, given
from hypothesis import strategies as st

from specsim.core import Plan, chain
from specsim.models import Pair, iid
from specsim.testing import law_pairs
from specsim.theory import (
    lenient_greedy_accepts,
    lenient_law,
    lenient_overlap,
    one_shot_acceptance,
    output_law,
    overlap,
    residual,
)

TWINS = ([F(1, 10), F(9, 10)], [F(9, 10), F(1, 10)])
leniences = st.fractions(F(1, 8), 1, max_denominator=8)
laws = st.integers(2, 4).flatmap(law_pairs)
keeping = pytest.mark.parametrize("correction", ["unchanged", "scaled"])
every = pytest.mark.parametrize("correction", ["unchanged", "scaled", "target"])


def plan_of(correction, lenience):
    """The lenient test on one drafted token, as a rule."""

    def rule(target, draft):
        row, token = np.arange(len(target)), draft.tokens[:, 0]
        law = draft.laws[:, 0]
        keep = np.minimum(target[row, 0, token] / (lenience * law[row, token]), 1)
        owed = {
            "unchanged": residual(target[:, 0], law),
            "scaled": scaled(target[:, 0], lenience * law),
            "target": target[:, 0],
        }[correction]
        return Plan(np.stack([1 - keep, keep], axis=1), np.stack([owed, target[:, 1]], axis=1))

    return rule


def scaled(target, less):
    excess = np.maximum(target - less, F(0))
    sums = excess.sum(axis=1, keepdims=True)
    return np.where(sums == 0, target, excess / np.where(sums == 0, 1, sums))


@every
@given(laws, leniences)
def test_the_law_is_that_of_running_the_test(correction, twins, lenience):
    pair = Pair(*map(iid, twins))
    emitted = output_law(plan_of(correction, lenience), pair, chain(1))
    first = [sum(p for string, p in emitted.items() if string[0] == token) for token in range(len(twins[0]))]
    assert first == lenient_law(*twins, lenience, correction=correction).tolist()
    assert lenient_overlap(*twins, lenience) == sum(p for string, p in emitted.items() if len(string) == 2)


@pytest.mark.theorem("lenience")
@keeping
@given(laws, leniences)
@example(TWINS, F(1, 2))
def test_no_token_is_emitted_with_more_than_its_share_over_lenience(correction, twins, lenience):
    law = lenient_law(*twins, lenience, correction=correction)
    assert (law <= np.array(twins[0]) / lenience).all()


@pytest.mark.theorem("lenience")
def test_unless_the_correction_comes_from_the_target_itself():
    law = lenient_law(*TWINS, F(1, 2), correction="target")
    assert law.tolist() == [F(27, 100), F(73, 100)]
    assert law[0] > TWINS[0][0] / F(1, 2)


@every
@given(laws)
def test_without_lenience_only_the_residual_is_exact(correction, twins):
    law = lenient_law(*twins, 1, correction=correction)
    assert (correction == "target" and overlap(*twins) < 1) or (law == twins[0]).all()
    assert lenient_overlap(*twins, 1) == overlap(*twins)


@given(laws, leniences, leniences)
def test_more_lenience_keeps_more(twins, one, other):
    less, more = sorted([one, other], reverse=True)
    assert overlap(*twins) <= lenient_overlap(*twins, less) <= lenient_overlap(*twins, more) <= 1


@given(laws)
def test_towards_lenience_0_the_draft_is_emitted(twins):
    target, draft = twins
    assume((target > 0).all())
    law = lenient_law(target, draft, min(target), correction="scaled")
    assert (law == draft).all()


@pytest.mark.theorem("plain-rejection-sampling")
@given(laws)
def test_one_shot_rejection_sampling_is_exact_and_keeps_no_more_than_the_overlap(twins):
    target, draft = twins
    kept = one_shot_acceptance(target, draft)
    assert kept <= overlap(target, draft)
    assert (kept * target <= draft).all()
    assert (kept == draft[target > 0] / target[target > 0]).any()


@given(laws)
def test_greedy_lenience_1_means_the_argmax(twins):
    target, draft = twins
    token = list(draft).index(max(draft))
    assert lenient_greedy_accepts(target, draft, 1) == (target[token] == max(target))
    assert lenient_greedy_accepts(target, draft, F(1, 100)) == (100 * target[token] >= max(target))


def test_every_kind_of_number_is_taken():
    target, draft = np.array([[0.5, 0.5], [0.1, 0.9]]), np.array([[1.0, 0.0], [0.9, 0.1]])
    tensors = torch.from_numpy(target), torch.from_numpy(draft)
    assert lenient_overlap(target, draft, 0.5).tolist() == pytest.approx([1.0, 0.3])
    assert lenient_overlap(*tensors, 0.5).tolist() == pytest.approx([1.0, 0.3])
    assert lenient_law(*tensors, 0.5, correction="scaled")[1].tolist() == pytest.approx([0.2, 0.8])
    assert one_shot_acceptance(*tensors).tolist() == pytest.approx([0.0, 1 / 9])
    assert lenient_greedy_accepts(target, draft, 0.5).tolist() == [True, False]
    lenience = sympy.Symbol("l", positive=True)
    assert lenient_overlap(*TWINS, lenience).subs(lenience, F(1, 2)) == F(3, 10)
    a, b = sympy.symbols("a b", positive=True)
    assert one_shot_acceptance([a / (a + b), b / (a + b)], [1, 0]) == 0
    assert one_shot_acceptance([sympy.Integer(1), 0], [a / (a + b), b / (a + b)]) == sympy.Min(1, a / (a + b))


@pytest.mark.parametrize("lenience", [0, -1, 1.5, float("nan"), F(9, 8)])
def test_lenience_outside_its_range_is_refused(lenience):
    with pytest.raises(ValueError, match=r"lenience must lie in \(0, 1\]"):
        lenient_overlap(*TWINS, lenience)


def test_other_arguments_are_checked_too():
    with pytest.raises(ValueError, match="correction must be one of unchanged, scaled, target, got 'stock'"):
        lenient_law(*TWINS, 1, correction="stock")
    for function in (lenient_overlap, lenient_greedy_accepts):
        with pytest.raises(ValueError, match="target law sums to"):
            function([0.5, 0.4], [0.5, 0.5], 0.5)
    with pytest.raises(ValueError, match="draft law has an entry"):
        one_shot_acceptance([0.5, 0.5], [-0.5, 1.5])
