"""What must not matter does not: names of tokens, order of rows, leading axes, batch mates."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from specsim.core import Draft, draw, law, rules
from specsim.testing import chains, drafts, shapes

RULES = pytest.mark.parametrize("rule", rules.RULES.values(), ids=rules.RULES)


def shapes_of(rule):
    return chains(max_nodes=3) if rule.chains_only else shapes(max_nodes=3)


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
@given(data=st.data())
def test_leading_axes_are_only_a_layout(xp, rule, data):
    target, draft = data.draw(drafts(shape=shapes_of(rule), lead=(2, 3)))
    plan = rule(xp.array(target), Draft(xp.array(draft.tokens), xp.array(draft.laws), draft.parent))
    uniforms = np.random.default_rng(0).random((2, 3, 2))
    node, token = draw(plan, xp.array(uniforms))
    for row in np.ndindex(2, 3):
        alone = rule(
            xp.array(target[row]),
            Draft(xp.array(draft.tokens[row]), xp.array(draft.laws[row]), draft.parent),
        )
        assert xp.same(law(alone), law(plan)[row])
        assert draw(alone, xp.array(uniforms[row])) == (node[row], token[row])


@given(drafted=drafts(shape=chains(max_nodes=4)))
def test_the_names_of_the_nodes_do_not_matter_to_match(drafted):
    target, draft = drafted
    assert (law(rules.match(target, draft)) == law(rules.match(target, as_drawn_from_a_point(draft)))).all()


def as_drawn_from_a_point(draft: Draft) -> Draft:
    laws = np.zeros_like(draft.laws) * draft.laws
    np.put_along_axis(laws, draft.tokens[..., None], 1 + laws[..., :1], axis=-1)
    return Draft(draft.tokens, laws, draft.parent)
