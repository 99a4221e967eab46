"""Published verifiers of several drafts of one token, enumerated, are the rules k_seq, naive_tree and hub.

Sun et al. 2023 (SpecTr, arXiv 2310.15141): K-SEQ. Hu et al. 2025 (arXiv 2502.18779): greedy multi-draft.
Sun et al. 2024 (SpecHub, arXiv 2411.05289). The naive tree is the one of arXiv 2602.16994.
"""

from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import given

from specsim.core import rules, siblings
from specsim.core.rules.k_seq import best_scale, with_scale
from specsim.models import Pair, iid
from specsim.testing import law_pairs
from specsim.theory import output_law

from .enumeration import flip, outcomes, positive_part
from .examples import PAIRS, law_after

EVERY_PAIR = pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)


def first_laws(pair):
    return law_after(pair.target)(()), law_after(pair.draft)(())


def kept(pair, token):
    """A token that was kept, and the bonus token after it."""
    return token, (yield law_after(pair.target)((token,)))


def k_sequential_selection(pair, k, rho):
    """K-SEQ: k drafts x_1, ..., x_k of p; the output is to have the law q."""

    def program():
        q, p = first_laws(pair)
        drafts = []
        for _ in range(k):
            drafts.append((yield p))
        beta = sum(min(b, a / rho) for a, b in zip(q, p))
        for x in drafts:
            if (yield flip(min(F(1), q[x] / (rho * p[x])))):
                return (yield from kept(pair, x))
        p_acc = 1 - (1 - beta) ** k
        owed = [a - min(b, a / rho) * (p_acc / beta if beta else 0) for a, b in zip(q, p)]
        return ((yield [a / sum(owed) for a in owed]),)

    return program


def looked_up(pair, tested, others):
    """Speculative decoding of one drafted token; its correction may be one of the other drafts."""
    q, (token, law) = first_laws(pair)[0], tested
    if (yield flip(min(F(1), q[token] / law[token]))):
        return (yield from kept(pair, token))
    correction = yield positive_part(q, law)
    if correction in others:
        return (yield from kept(pair, correction))
    return (correction,)


def naive_tree_of_one_level(pair, k):
    def program():
        _, p = first_laws(pair)
        drafts = []
        for _ in range(k):
            drafts.append((yield p))
        return (yield from looked_up(pair, (drafts[0], p), drafts[1:]))

    return program


def greedy_multi_draft(pair, k):
    """The k - 1 most likely tokens of the draft, and one drawn from the rest."""

    def program():
        _, p = first_laws(pair)
        top = sorted(range(len(p)), key=lambda x: -p[x])[: k - 1]
        rest = [F(0) if x in top else value for x, value in enumerate(p)]
        if sum(rest) == 0:
            rest = [F(x not in top) for x in range(len(p))]
        rest = [value / sum(rest) for value in rest]
        return (yield from looked_up(pair, ((yield rest), rest), top))

    return program


@EVERY_PAIR
@pytest.mark.parametrize("k", [1, 2, 3])
def test_k_sequential_selection_is_the_rule_k_seq(pair, k):
    target, draft = (np.array([law]) for law in first_laws(pair))
    rho = best_scale(target, draft, k)[0]
    assert outcomes(k_sequential_selection(pair, k, rho)) == output_law(rules.k_seq, pair, siblings(k))


@EVERY_PAIR
@pytest.mark.parametrize("k", [1, 2, 3])
def test_a_naive_tree_is_the_rule_naive_tree(pair, k):
    assert outcomes(naive_tree_of_one_level(pair, k)) == output_law(rules.naive_tree, pair, siblings(k))


@EVERY_PAIR
@pytest.mark.parametrize("k", [1, 2])
def test_greedy_multi_draft_is_the_rule_hub(pair, k):
    assert outcomes(greedy_multi_draft(pair, k)) == output_law(rules.hub, pair, siblings(k, how="hub"))


@pytest.mark.theorem("k-seq")
@EVERY_PAIR
@pytest.mark.parametrize("k, rho", [(1, F(3, 2)), (2, F(2)), (2, F(5)), (3, F(3))])
def test_k_sequential_selection_for_any_valid_division_factor_is_the_rule_with_that_scale(pair, k, rho):
    found = outcomes(k_sequential_selection(pair, k, rho))
    assert found == output_law(with_scale(rho), pair, siblings(k))


def spechub(pair):
    """Two drafts: the hub a, which the draft likes best, and another token, in either order.

    The pair (i, a) has the chance p(i), the pair (a, i) the chance p(a) p(i) / (1 - p(a)). As much as
    possible goes to i, from (i, a) first and from (a, i) then; what is left of each pair may go to a.
    """

    def program():
        q, p = first_laws(pair)
        a = max(range(len(p)), key=lambda x: p[x])
        others = [x for x in range(len(p)) if x != a]
        i_a = {x: p[x] for x in others}
        a_i = {x: p[a] * p[x] / (1 - p[a]) for x in others}
        pairs = [(x, a) for x in others] + [(a, x) for x in others]
        first, second = pairs[(yield [*i_a.values(), *a_i.values()])]
        other = second if first == a else first
        to_first = {x: min(q[x], i_a[x]) for x in others}
        to_second = {x: min(q[x] - to_first[x], a_i[x]) for x in others}
        drafted, given = (i_a, to_first) if second == a else (a_i, to_second)
        if (yield flip(given[other] / drafted[other])):
            return (yield from kept(pair, other))
        left = {
            "a, i": sum(a_i[x] - to_second[x] for x in others),
            "i, a": sum(i_a[x] - to_first[x] for x in others),
        }
        hub = {"a, i": min(q[a], left["a, i"])}
        hub["i, a"] = min(q[a] - hub["a, i"], left["i, a"])
        order = "i, a" if second == a else "a, i"
        if (yield flip(hub[order] / left[order])):
            return (yield from kept(pair, a))
        owed = [
            q[x] - to_first[x] - to_second[x] if x != a else q[a] - sum(hub.values()) for x in range(len(q))
        ]
        return ((yield [value / sum(owed) for value in owed]),)

    return program


@pytest.mark.theorem("hub-is-optimal")
@given(laws=law_pairs(tokens=3).filter(lambda laws: max(laws[1]) < 1))
def test_spechub_is_the_rule_hub(laws):
    """The order of the two drafts, which the published coupling looks at, does not matter."""
    pair = Pair(*map(iid, laws))
    assert outcomes(spechub(pair)) == output_law(rules.hub, pair, siblings(2, how="hub"))
