"""`torch.compile(fullgraph=True)` takes rule, law and draw as one graph, with equal results."""

import numpy as np
import pytest
import torch

from specsim.core import Draft, draw, law, rules

pytestmark = pytest.mark.filterwarnings("ignore:Dynamo detected a call to:UserWarning")

CASES = [(rule, (0, 1) if rule.chains_only else (0, 0)) for rule in rules.RULES.values()]
CASES.append((rules.token, (0, 1)))


def example(batch: int, parent: tuple[int, ...], vocabulary: int = 7):
    rng = np.random.default_rng(1)
    n = len(parent)
    target, laws = (rng.dirichlet(np.ones(vocabulary), size=(batch, m)) for m in (n + 1, n))
    laws = laws[:, list(parent)]  # one law for the children of a node
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
