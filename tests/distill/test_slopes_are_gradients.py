"""The slopes written down in closed form are the gradients of the losses."""

import copy

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from specsim.distill import losses
from specsim.distill.imitation import imitate

PAIRS = [
    (losses.total_variation, losses.total_variation_slope),
    (losses.divergence, losses.divergence_slope),
]


def laws(seed, rows, vocabulary):
    generator = torch.Generator().manual_seed(seed)
    logits = 3 * torch.randn(2, rows, vocabulary, generator=generator, dtype=torch.float64)
    return torch.softmax(logits[0], -1), logits[1].requires_grad_()


@pytest.mark.parametrize("loss, slope", PAIRS, ids=["tv", "kl"])
@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**20), st.integers(1, 4), st.integers(2, 12))
def test_a_slope_is_the_gradient_by_automatic_differentiation(loss, slope, seed, rows, vocabulary):
    target, logits = laws(seed, rows, vocabulary)
    draft = torch.softmax(logits, -1)
    loss(target, draft).sum().backward()
    torch.testing.assert_close(slope(target, draft.detach()), logits.grad)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**20))
def test_total_variation_is_one_minus_the_overlap_and_a_law_is_at_distance_zero_from_itself(seed):
    target, logits = laws(seed, 3, 7)
    draft = torch.softmax(logits, -1).detach()
    overlap = torch.minimum(target, draft).sum(-1)
    torch.testing.assert_close(losses.total_variation(target, draft), 1 - overlap)
    for loss, slope in PAIRS:
        assert loss(target, target).abs().max() < 1e-12
        assert slope(target, target).abs().max() < 1e-12


@pytest.mark.parametrize("loss, slope", PAIRS, ids=["tv", "kl"])
def test_gradients_by_parts_equal_those_of_the_whole_graph(loss, slope, lm, teacher, monkeypatch):
    monkeypatch.setattr("specsim.distill.imitation.CHUNK", 5)
    tokens = torch.randint(lm.vocab_size, (2, 9), generator=torch.Generator().manual_seed(0))
    wanted = teacher.states(tokens).flatten(0, 1)
    draft, twin = (copy.deepcopy(lm.model) for _ in range(2))
    for network in (draft, twin):
        torch.manual_seed(1)
        for parameter in network.parameters():
            parameter.data += 0.1 * torch.randn_like(parameter)
    states = draft.base_model(tokens).last_hidden_state.flatten(0, 1)
    kept = imitate(states, draft.get_output_embeddings().weight, teacher, wanted, slope)
    target, law = teacher.laws(wanted), torch.softmax(twin(tokens).logits, -1).flatten(0, 1)
    loss(target, law).mean().backward()
    assert kept == pytest.approx(torch.minimum(target, law).sum(-1).mean().item(), abs=1e-5)
    for (name, mine), other in zip(draft.named_parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(mine.grad, other.grad, atol=2e-6, rtol=1e-3, msg=name)


def test_unknown_losses_are_refused():
    with pytest.raises(ValueError, match="tv, mixed, kl"):
        losses.slope_at("hinge", 0.5)
