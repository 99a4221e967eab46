"""What must not matter does not: the names of tokens, the order of rows, the layout of leading axes."""

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from specsim.core import Draft, draw, law
from specsim.testing import drafts

from .families import RULES, shapes_of


def relabelled(drafted, order):
    """The same draft where token `order[i]` is now called i."""
    target, draft = drafted
    return target[..., order], Draft(np.argsort(order)[draft.tokens], draft.laws[..., order], draft.parent)


def argmax_is_unique(target) -> bool:
    return bool(((target == target.max(axis=-1, keepdims=True)).sum(axis=-1) == 1).all())


@RULES
@given(data=st.data(), order=st.permutations(range(3)))
def test_relabelling_tokens_commutes(rule, data, order):
    drafted = data.draw(drafts(shape=shapes_of(rule)))
    assume(rule.name != "greedy" or argmax_is_unique(drafted[0]))
    assert (law(rule(*relabelled(drafted, order))) == law(rule(*drafted))[..., order]).all()


@RULES
@given(data=st.data(), order=st.permutations(range(4)))
def test_permuting_rows_commutes(rule, data, order):
    target, draft = data.draw(drafts(exact=False, shape=shapes_of(rule), lead=(4,)))
    uniforms = np.random.default_rng(0).random((4, 2))
    permuted = Draft(draft.tokens[order], draft.laws[order], draft.parent)
    plan, other = rule(target, draft), rule(target[order], permuted)
    assert (law(other) == law(plan)[order]).all()
    for a, b in zip(draw(other, uniforms[order]), draw(plan, uniforms)):
        assert (a == b[order]).all()


@RULES
@settings(max_examples=10)
@given(data=st.data())
def test_leading_axes_are_only_a_layout(xp, rule, data):
    target, draft = data.draw(drafts(shape=shapes_of(rule), lead=(2, 2)))
    plan = rule(xp.array(target), Draft(xp.array(draft.tokens), xp.array(draft.laws), draft.parent))
    uniforms = np.random.default_rng(0).random((2, 2, 2))
    node, token = draw(plan, xp.array(uniforms))
    for row in np.ndindex(2, 2):
        alone = rule(
            xp.array(target[row]),
            Draft(xp.array(draft.tokens[row]), xp.array(draft.laws[row]), draft.parent),
        )
        assert xp.same(law(alone), law(plan)[row])
        assert draw(alone, xp.array(uniforms[row])) == (node[row], token[row])
