"""Siblings need not come from one model: a rule reads the law that each was drawn from."""

from itertools import product

import numpy as np
import pytest
from hypothesis import example, given

from specsim.core import Draft, law, rules, siblings
from specsim.testing import laws

RULES = ("token", "traversal", "match", "naive_tree", "batch")
"""k_seq and hub want siblings from one law."""


def first_token(rule, target, drafts):
    """The law of the first token that comes out, over all that the models may draft."""
    emitted = 0 * target
    for tokens in product(*(np.flatnonzero(one).tolist() for one in drafts)):
        chance = np.prod([one[token] for one, token in zip(drafts, tokens)])
        draft = Draft(np.array([tokens]), np.stack(drafts)[None], siblings(len(drafts)))
        joint = law(rule(np.stack([target] * (len(drafts) + 1))[None], draft))[0]
        emitted = emitted + chance * joint[0]
        for node, token in enumerate(tokens, start=1):
            emitted[token] += chance * joint[node].sum()
    return emitted


@pytest.mark.parametrize("name", RULES)
@given(laws(), laws(), laws())
@example(*np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1]], dtype=object))  # nothing in common
def test_what_comes_out_is_the_targets_law(name, target, first, second):
    assert (first_token(rules.get(name), target, [first, second]) == target).all()
