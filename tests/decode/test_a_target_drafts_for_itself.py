"""An early exit reads the target after its first layers: the same tensors, the law of its hidden states."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from specsim.core import as_shape, rules
from specsim.decode import early_exit, generate, warp

from .conftest import bigram, gpt2, llama
from .enumeration import close, completed, output_law, string_law

TARGETS = {
    "llama": (llama(1, layers=3), lambda net: net.model.norm),
    "gpt2": (gpt2(1, layers=3), lambda net: net.transformer.ln_f),
}
CONTEXT = np.array([[1, 0, 2, 1]])


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("target, norm", TARGETS.values(), ids=TARGETS)
def test_its_law_is_read_from_the_targets_hidden_state(target, norm, layers):
    network = target.model
    with torch.inference_mode():
        states = network(torch.from_numpy(CONTEXT), output_hidden_states=True).hidden_states
        expected = network.lm_head(norm(network)(states[layers][:, -1])).softmax(-1)
    np.testing.assert_allclose(early_exit(target, layers)(CONTEXT), expected, atol=1e-12)


@pytest.mark.parametrize("target, norm", TARGETS.values(), ids=TARGETS)
def test_it_shares_every_weight_and_leaves_the_target_as_it_was(target, norm):
    before, draft = target(CONTEXT), early_exit(target, 1)
    own = {one.data_ptr() for one in target.model.parameters()}
    assert {one.data_ptr() for one in draft.model.parameters()} < own
    assert (target(CONTEXT) == before).all()
    assert target.model.config.num_hidden_layers == 3


@pytest.mark.theorem("lossless")
@pytest.mark.parametrize("target, norm", TARGETS.values(), ids=TARGETS)
def test_the_output_is_the_targets_own_law(target, norm):
    pair, warped = SimpleNamespace(target=target, draft=early_exit(target, 2)), warp()
    emitted = output_law(pair, rules.token, as_shape((0, 1)), warped, {})
    assert close(completed(emitted, target, 3, warped), string_law(target, 3, warped))


def test_texts_side_by_side_are_those_alone_and_trees_are_drafted():
    target = TARGETS["llama"][0]
    settings = {"shape": "tree:2,1", "max_new_tokens": 10, "eos": ()}
    draft, prompts = early_exit(target, 2), [[1, 0, 1], [2]]
    for i, made in enumerate(generate(target, draft, prompts, rng=3, **settings)):
        own = generate(target, draft, prompts[i], rng=np.random.default_rng([3, i]), **settings)
        assert made.tokens == own.tokens


@pytest.mark.parametrize("layers", [0, 3, 1.5])
def test_no_layer_and_all_layers_are_refused(layers):
    with pytest.raises(ValueError, match=r"keeps 1\.\.2"):
        early_exit(TARGETS["llama"][0], layers)


def test_only_networks_have_layers():
    with pytest.raises(ValueError, match="only networks have layers to leave, got NGram"):
        early_exit(bigram(), 1)
