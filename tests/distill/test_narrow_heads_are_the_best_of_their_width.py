"""The projection: the nearest logits of a given rank, in closed form."""

import pytest
import torch

from specsim.distill.drafts import from_scratch, truncated
from specsim.distill.projection import projection


@pytest.fixture(scope="module")
def states(course):
    return course.some_states(300)


def logit_error(teacher, states, logits):
    """Mean over states of the variance of the difference in logits under the target's mean law."""
    often = teacher.laws(states).mean(0).double()
    wrong = (logits - teacher.logits(states)).double()
    return ((wrong - (wrong @ often)[:, None]).square() @ often).mean().item()


def test_at_full_width_the_laws_are_the_targets_own(teacher, states):
    full = projection(teacher, states, states.shape[1])
    laws = torch.softmax(states @ full.into @ full.head.T, -1)
    torch.testing.assert_close(laws, teacher.laws(states), atol=1e-3, rtol=1e-2)


def test_columns_are_orthonormal_under_the_mean_law_and_scales_are_those_of_the_narrow_states(
    teacher, states
):
    narrow = projection(teacher, states, 16)
    often = teacher.laws(states).mean(0)
    gram = (narrow.head * often[:, None]).T @ narrow.head
    torch.testing.assert_close(gram, torch.eye(16), atol=1e-3, rtol=0)
    spread = (states @ narrow.into).square().mean(0).sqrt()
    torch.testing.assert_close(spread, narrow.scale, atol=1e-3, rtol=1e-2)


def test_the_error_left_is_what_the_dropped_directions_held(teacher, states):
    full, narrow = (projection(teacher, states, width) for width in (states.shape[1], 16))
    dropped = full.scale[16:].square().sum().item()
    found = logit_error(teacher, states, states @ narrow.into @ narrow.head.T)
    assert found == pytest.approx(dropped, rel=1e-2)


def test_no_plain_truncation_of_the_embedding_comes_nearer(teacher, states):
    narrow = projection(teacher, states, 16)
    embedding = teacher.head.weight.detach()
    left, values, right = torch.linalg.svd(embedding - embedding.mean(0), full_matrices=False)
    plain = (states @ right[:16].T) @ (left[:, :16] * values[:16]).T
    best = logit_error(teacher, states, states @ narrow.into @ narrow.head.T)
    assert best < logit_error(teacher, states, plain)


def test_a_draft_has_the_head_of_its_projection_and_the_targets_special_tokens(lm, teacher, states):
    narrow = projection(teacher, states, 32)
    draft = from_scratch(lm.model, narrow, layers=1)
    assert torch.equal(draft.get_output_embeddings().weight, narrow.head)
    assert draft.get_input_embeddings().weight is draft.get_output_embeddings().weight
    assert (draft.config.bos_token_id, draft.config.eos_token_id) == (0, 1)


def test_a_truncated_draft_is_the_targets_own_beginning(lm):
    draft = truncated(lm.model, 2)
    target = lm.model.state_dict()
    assert draft.config.num_hidden_layers == 2
    assert all(torch.equal(value, target[name]) for name, value in draft.state_dict().items())


def test_sizes_that_do_not_fit_are_refused(lm, teacher, states):
    with pytest.raises(ValueError, match="48"):
        projection(teacher, states, 64)
    with pytest.raises(ValueError, match="multiple of 32"):
        from_scratch(lm.model, projection(teacher, states, 16), layers=1)
    with pytest.raises(ValueError, match="at least one layer"):
        from_scratch(lm.model, projection(teacher, states, 32), layers=0)
    for layers in (0, 3):
        with pytest.raises(ValueError, match="3 layers"):
            truncated(lm.model, layers)
