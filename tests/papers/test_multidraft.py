"""Published verifiers of several drafts of one token, enumerated, are the rules k_seq, naive_tree and hub.

Sun et al. 2023 (SpecTr, arXiv 2310.15141): K-SEQ. Hu et al. 2025 (arXiv 2502.18779): greedy multi-draft.
The naive tree is the one of arXiv 2602.16994.
"""

from fractions import Fraction as F

import numpy as np
import pytest

from specsim.core import rules, siblings
from specsim.core.rules.k_seq import best_scale
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
