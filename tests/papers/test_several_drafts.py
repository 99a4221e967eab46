"""Published verifiers of several drafts and trees, enumerated, are the rules token and match.

Miao et al. 2024 (SpecInfer, arXiv 2305.09781): multi-step speculative sampling and naive sampling.
Chen et al. 2024 (Sequoia, arXiv 2402.12374), Algorithm 2: sampling without replacement.
Jeon et al. 2024 (arXiv 2402.14160): recursive rejection sampling of a draft sequence without replacement.
"""

from fractions import Fraction as F

import pytest

from specsim.core import Shape, as_shape, rules, siblings, tree
from specsim.core.draft import children
from specsim.theory import output_law

from .enumeration import flip, outcomes, positive_part
from .examples import PAIRS, law_after

EVERY_PAIR = pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
DRAWN = [siblings(2), siblings(3), tree(2, 1), tree(1, 2), (0, 0, 1)]
SYMMETRIC = [siblings(2), siblings(3), tree(2, 1), tree(1, 2)]
DISTINCT = [Shape((0, 0), "distinct"), Shape((0, 0, 1, 2), "distinct"), Shape((0, 1, 1), "distinct")]


def normalised(law):
    return [value / sum(law) for value in law]


def drawn_tree(draft, parent):
    """Draw a token tree with replacement; the text that leads to each node."""
    texts = [()]
    for above in parent:
        texts.append((*texts[above], (yield draft(texts[above]))))
    return texts


def drawn_tree_without_replacement(draft, parent):
    """Every node's children in turn: tokens drawn before are struck out, then all untried are alike."""
    texts, left, tried = [()], {}, {}
    for above in parent:
        law = left.get(above, draft(texts[above]))
        token = yield law
        texts.append((*texts[above], token))
        tried[above] = {*tried.get(above, ()), token}
        left[above] = without(law, token, tried[above])
    return texts


def without(law, token, tried):
    struck = [F(0) if x == token else value for x, value in enumerate(law)]
    if sum(struck) == 0:
        struck = [F(x not in tried) for x in range(len(law))]
    return normalised(struck) if sum(struck) else struck


def multi_step_speculative_sampling(pair, parent, in_order):
    """SpecInfer, Algorithm 2, VerifyStochastic, for drafts of a single small model.

    The paper tries the children of a node in random order, the rule in the order of the draft.
    """

    def program():
        llm, ssm = law_after(pair.target), law_after(pair.draft)
        texts = yield from drawn_tree(ssm, parent)
        u = 0
        while True:
            owed, open_children = llm(texts[u]), list(children(parent)[u])
            while open_children:
                place = 0 if in_order else (yield [F(1, len(open_children))] * len(open_children))
                s = open_children[place]
                token = texts[s][-1]
                if (yield flip(min(F(1), owed[token] / ssm(texts[u])[token]))):
                    break
                owed = positive_part(owed, ssm(texts[u]))
                open_children.pop(place)
            else:
                return (*texts[u], (yield owed))
            u = s

    return program


def naive_sampling(pair, shape):
    """Sample the large model at a node; where a child holds that token go on there, otherwise emit it."""

    def program():
        grown = drawn_tree if shape.how == "independent" else drawn_tree_without_replacement
        texts = yield from grown(law_after(pair.draft), shape.parent)
        u = 0
        while True:
            token = yield law_after(pair.target)(texts[u])
            found = [child for child in children(shape.parent)[u] if texts[child][-1] == token]
            if not found:
                return (*texts[u], token)
            u = found[0]

    return program


def sequoia(pair, parent):
    """Sequoia, Algorithm 2: R is what the target is still owed, D the draft without the tokens tried."""

    def program():
        texts = yield from drawn_tree_without_replacement(law_after(pair.draft), parent)
        u = 0
        while True:
            owed, left, tried = law_after(pair.target)(texts[u]), law_after(pair.draft)(texts[u]), set()
            for child in children(parent)[u]:
                token = texts[child][-1]
                if (yield flip(min(F(1), owed[token] / left[token]))):
                    u = child
                    break
                owed = positive_part(owed, left)
                tried.add(token)
                left = without(left, token, tried)
            else:
                return (*texts[u], (yield owed))

    return program


def recursive_rejection_sampling(pair, k):
    """Jeon et al.: one position, k tokens x_1, ..., x_k drawn without replacement from p; q is the target."""

    def program():
        p, q = law_after(pair.draft)(()), law_after(pair.target)(())
        drawn, laws = [], []
        for _ in range(k):  # p^(j)(x) is proportional to p(x) among the tokens not drawn before
            laws.append(normalised([F(0) if x in drawn else value for x, value in enumerate(p)]))
            drawn.append((yield laws[-1]))
        for token, law in zip(drawn, laws):
            if (yield flip(min(F(1), q[token] / law[token]))):
                return (token, (yield law_after(pair.target)((token,))))
            q = positive_part(q, law)
        return ((yield q),)

    return program


@EVERY_PAIR
@pytest.mark.parametrize("shape", DRAWN, ids=str)
def test_multi_step_speculative_sampling_is_the_rule_token(pair, shape):
    found = outcomes(multi_step_speculative_sampling(pair, shape, in_order=True))
    assert found == output_law(rules.token, pair, shape)


@EVERY_PAIR
@pytest.mark.parametrize("shape", SYMMETRIC, ids=str)
def test_the_order_in_which_children_are_tried_does_not_matter_where_they_are_alike(pair, shape):
    found = outcomes(multi_step_speculative_sampling(pair, shape, in_order=False))
    assert found == output_law(rules.token, pair, shape)


@EVERY_PAIR
@pytest.mark.parametrize("shape", DRAWN + DISTINCT, ids=str)
def test_naive_sampling_is_the_rule_match(pair, shape):
    assert outcomes(naive_sampling(pair, as_shape(shape))) == output_law(rules.match, pair, shape)


@EVERY_PAIR
@pytest.mark.parametrize("shape", DISTINCT, ids=str)
def test_sequoia_is_the_rule_token_on_distinct_children(pair, shape):
    assert outcomes(sequoia(pair, shape.parent)) == output_law(rules.token, pair, shape)


@pytest.mark.parametrize("pair, k", [("usual", 1), ("usual", 2), ("usual", 3), ("markov", 2)])
def test_recursive_rejection_sampling_is_the_rule_token_on_distinct_siblings(pair, k):
    expected = output_law(rules.token, PAIRS[pair], siblings(k, how="distinct"))
    assert outcomes(recursive_rejection_sampling(PAIRS[pair], k)) == expected
