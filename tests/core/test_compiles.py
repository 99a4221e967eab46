"""`torch.compile(fullgraph=True)` takes rule, law and draw as one graph, with equal results."""

import numpy as np
import pytest
import torch

from specsim.core import Draft, draw, law, rules
from specsim.core.draft import chain, is_chain

pytestmark = pytest.mark.filterwarnings("ignore:Dynamo detected a call to:UserWarning")

CASES = [
    (rule, parent)
    for rule in rules.RULES.values()
    for parent in (chain(2), (0, 0))
    if is_chain(parent) or not rule.chains_only
]


def example(batch: int, parent: tuple[int, ...], vocabulary: int = 7):
    rng = np.random.default_rng(1)
    n = len(parent)
    target, laws = (rng.dirichlet(np.ones(vocabulary), size=(batch, m)) for m in (n + 1, n))
    tokens, uniforms = rng.integers(0, vocabulary, (batch, n)), rng.random((batch, 2))
    return tuple(map(torch.from_numpy, (target, tokens, laws, uniforms)))


@pytest.mark.parametrize("rule, parent", CASES, ids=str)
def test_a_compiled_verification_equals_the_plain_one(rule, parent):
    def verified(target, tokens, laws, uniforms):
        plan = rule(target, Draft(tokens, laws, parent))
        return law(plan), *draw(plan, uniforms)

    torch._dynamo.reset()
    compiled = torch.compile(verified, fullgraph=True, backend="eager")
    inputs = example(5, parent)
    for found, expected in zip(compiled(*inputs), verified(*inputs)):
        assert torch.equal(found, expected)
