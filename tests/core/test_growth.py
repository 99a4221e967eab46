"""Drafts are listed with their chances, drawn along uniforms, and scored node by node."""

from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import given

from specsim.core import along, as_shape, every, grow, paths, score, tree
from specsim.testing import pairs, shapes, uniforms

from . import twin

EMPTY = np.zeros((1, 0), dtype=int)


@given(pair=pairs(tokens=3), shape=shapes(max_nodes=3))
def test_every_draft_is_listed_with_its_chance_and_its_laws(pair, shape):
    shape = as_shape(shape)
    chance, draft = grow(pair.draft, EMPTY, shape, every)
    listed = {tuple(row): (c, laws.tolist()) for c, row, laws in zip(chance, draft.tokens, draft.laws)}
    expected = {
        tuple(tokens): (c, laws)
        for c, tokens, laws in twin.drafts(twin.next_law(pair.draft), shape.parent, shape.how)
    }
    assert listed == expected
    assert sum(chance) == 1


@given(pair=pairs(tokens=3), shape=shapes(max_nodes=3))
def test_a_score_is_the_targets_law_after_each_path(pair, shape):
    shape = as_shape(shape)
    _, draft = grow(pair.draft, EMPTY, shape, every)
    found = score(pair.target, np.repeat(EMPTY, len(draft.tokens), axis=0), draft)
    law = twin.next_law(pair.target)
    for tokens, rows in zip(draft.tokens, found):
        for path, row in zip(paths(shape.parent), rows):
            assert row.tolist() == law(tuple(int(tokens[node - 1]) for node in path))


@given(pair=pairs(tokens=3), shape=shapes(max_nodes=3), uniform=uniforms(5, 3))
def test_a_drawn_draft_is_one_of_the_listed(pair, shape, uniform):
    shape = as_shape(shape)
    chance, drawn = grow(pair.draft, np.repeat(EMPTY, 5, axis=0), shape, along(uniform))
    _, listed = grow(pair.draft, EMPTY, shape, every)
    rows = listed.tokens.tolist()
    assert (chance == 1).all()
    for tokens, laws in zip(drawn.tokens.tolist(), drawn.laws):
        assert (laws == listed.laws[rows.index(tokens)]).all()


@given(pair=pairs(tokens=2, exact=False), uniform=uniforms(4, 6))
def test_a_drawn_draft_does_not_depend_on_its_batch_mates(pair, uniform):
    context = np.repeat(EMPTY, 4, axis=0)
    _, together = grow(pair.draft, context, tree(2, 2), along(uniform))
    for row in range(4):
        _, alone = grow(pair.draft, EMPTY, tree(2, 2), along(uniform[row : row + 1]))
        assert (alone.tokens[0] == together.tokens[row]).all()
        assert (alone.laws[0] == together.laws[row]).all()


def test_a_hub_is_the_most_likely_tokens_and_one_drawn_from_the_rest():
    model = lambda tokens: np.tile([F(1, 10), F(4, 10), F(2, 10), F(3, 10)], (len(tokens), 1))  # noqa: E731
    chance, draft = grow(model, EMPTY, tree(3, how="hub"), every)
    assert draft.tokens.tolist() == [[1, 3, 0], [1, 3, 2]]
    assert chance.tolist() == [F(1, 3), F(2, 3)]
    assert draft.laws[0].tolist() == [[0, 1, 0, 0], [0, 0, 0, 1], [F(1, 3), 0, F(2, 3), 0]]


def test_a_hub_of_one_child_is_a_plain_draw():
    model = lambda tokens: np.tile([F(1, 4), F(3, 4)], (len(tokens), 1))  # noqa: E731
    chance, _ = grow(model, EMPTY, tree(1, how="hub"), every)
    assert chance.tolist() == [F(1, 4), F(3, 4)]


@pytest.mark.parametrize("how", ["distinct", "top", "hub"])
def test_children_that_must_differ_do(how):
    rng = np.random.default_rng(1)
    model = lambda tokens: np.tile([0.5, 0.25, 0.25, 0.0], (len(tokens), 1))  # noqa: E731
    uniform = rng.random((50, 4))
    _, draft = grow(model, np.repeat(EMPTY, 50, axis=0), tree(4, how=how), along(uniform))
    assert (np.sort(draft.tokens, axis=-1) == np.arange(4)).all()


def test_more_different_children_than_tokens_are_refused():
    model = lambda tokens: np.tile([0.5, 0.5], (len(tokens), 1))  # noqa: E731
    with pytest.raises(ValueError, match="3 different children need a vocabulary of at least that size"):
        grow(model, EMPTY, tree(3, how="distinct"), every)
