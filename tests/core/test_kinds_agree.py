"""Fractions, NumPy and torch compute one law, and the same uniforms select the same tokens from it."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from specsim.core import Draft, along, draw, grow, law
from specsim.testing import drafts, laws, shapes
from tests.conftest import KINDS

from .families import RULES, shapes_of

IN_FLOATS = KINDS[1:]
SEEDS = st.integers(0, 2**32 - 1)


def of_kind(kind, drafted):
    target, draft = drafted
    return kind.array(target), Draft(kind.array(draft.tokens), kind.array(draft.laws), draft.parent)


def far_from_jumps(weights, uniforms) -> bool:
    """Whether rounding cannot decide what these uniforms select."""
    running = np.cumsum(np.concatenate([0 * weights[..., :1], weights], axis=-1), axis=-1).astype(float)
    return bool((abs(uniforms[..., None] * running[..., -1:] - running) > 1e-9).all())


def no_near_tie(laws) -> bool:
    """Whether rounding cannot decide which token is the most likely: exact ties are fine, near ones not."""
    gap = laws.max(axis=-1, keepdims=True) - laws
    return bool(((gap == 0) | (gap > 1e-9)).all())


def chance_of(draft: Draft) -> np.ndarray:
    """The chance of drawing this draft, (B, 1, 1)."""
    drawn = np.take_along_axis(draft.laws, draft.tokens[..., None], axis=-1)
    return drawn.prod(axis=(-2, -1))[:, None, None].astype(float)


@RULES
@given(data=st.data())
def test_the_law_is_the_same_in_every_kind(rule, data):
    """The joint law of draft and output is; given a draft of chance 1e-16, rounding may decide."""
    drafted = data.draw(drafts(shape=shapes_of(rule), lead=(2,)))
    assume(no_near_tie(drafted[0]))
    exact = law(rule(*drafted)).astype(float)
    for kind in IN_FLOATS:
        found = np.asarray(law(rule(*of_kind(kind, drafted))))
        assert (chance_of(drafted[1]) * abs(found - exact)).max() <= 1e-12


@RULES
@given(data=st.data(), seed=SEEDS)
def test_the_same_uniforms_draw_the_same_in_every_kind(rule, data, seed):
    drafted = data.draw(drafts(shape=shapes_of(rule), lead=(2,)))
    assume(no_near_tie(drafted[0]) and (chance_of(drafted[1]) > 1e-3).all())
    plan, uniforms = rule(*drafted), np.random.default_rng(seed).random((2, 2))
    node, token = draw(plan, uniforms)
    assume(far_from_jumps(plan.stop, uniforms[:, 0]) and far_from_jumps(plan.weights(node), uniforms[:, 1]))
    for kind in IN_FLOATS:
        found = draw(rule(*of_kind(kind, drafted)), kind.array(uniforms))
        assert found[0].tolist() == node.tolist()
        assert found[1].tolist() == token.tolist()


@given(row=laws(3), shape=shapes(max_nodes=4), seed=SEEDS)
def test_the_same_uniforms_grow_the_same_draft_in_every_kind(row, shape, seed):
    uniforms, context = np.random.default_rng(seed).random((4, 4)), np.zeros((4, 1), dtype=int)

    def grown(array):
        model = lambda tokens: array(np.tile(row, (4, 1)))  # noqa: E731
        return grow(model, array(context), shape, along(array(uniforms)))

    _, exact = grown(lambda x: x)
    for kind in IN_FLOATS:
        _, draft = grown(kind.array)
        assert draft.tokens.tolist() == exact.tokens.tolist()
        assert abs(np.asarray(draft.laws).astype(float) - exact.laws.astype(float)).max() <= 1e-12


@pytest.mark.gpu
@RULES
def test_a_gpu_computes_the_same_law_and_draws_the_same(rule):
    import torch

    rng = np.random.default_rng(5)
    target, rows = (rng.dirichlet(np.ones(50), size=(64, n)) for n in (4, 3))
    tokens, uniforms = rng.integers(0, 50, (64, 3)), torch.from_numpy(rng.random((64, 2)))
    inputs = [torch.from_numpy(x) for x in (target, tokens, rows)]

    def verified(device):
        here, tokens, rows = (x.to(device) for x in inputs)
        plan = rule(here, Draft(tokens, rows, (0, 1, 2)))
        return law(plan).cpu(), *(x.cpu() for x in draw(plan, uniforms.to(device)))

    (a, *drawn), (b, *expected) = verified("cuda"), verified("cpu")
    assert abs(a - b).max() <= 1e-12
    assert all(torch.equal(x, y) for x, y in zip(drawn, expected))
