"""A session that was extended and rewound knows exactly what a fresh one knows after the same tokens."""

from fractions import Fraction as F

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from specsim.models import iid, markov, ngram, session, table

RNG = np.random.default_rng(11)
TRANSITIONS = RNG.dirichlet(np.ones(3), 3)
PLAIN = {
    "iid": iid([0.5, 0.3, 0.2]),
    "markov": markov([1, 0, 0], TRANSITIONS),
    "by position": markov([1, 0, 0], RNG.dirichlet(np.ones(3), (20, 3))),
    "table": table({(): [1, 0, 0], (0, 1): [0, 1, 0]}, default=[0.2, 0.3, 0.5]),
    "ngram": ngram.train([RNG.integers(0, 3, 60)], 3, 4),
    "bare function": lambda tokens: TRANSITIONS[tokens[:, -1]],
}
STEPS = st.lists(
    st.tuples(st.lists(st.integers(0, 2), min_size=1, max_size=4), st.integers(0, 4)), max_size=5
)


@pytest.mark.parametrize("model", PLAIN.values(), ids=PLAIN.keys())
@settings(deadline=None, max_examples=25)
@given(steps=STEPS)
def test_a_plain_session_returns_the_models_own_laws(model, steps):
    reader, read = session(model), []
    for tokens, forget in steps:
        laws = reader.extend(np.array([tokens]))
        expected = [model(np.array([read + tokens[: i + 1]]))[0] for i in range(len(tokens))]
        assert laws[0].tolist() == np.array(expected).tolist()
        read = (read + tokens)[: max(0, len(read + tokens) - forget)]
        reader.rewind(len(read))
        assert reader.length == len(read)


def test_a_model_of_finite_order_is_asked_once_for_a_long_prompt():
    asked = []

    class Counting:
        order, homogeneous = 1, True

        def __call__(self, tokens):
            asked.append(tokens.shape)
            return TRANSITIONS[tokens[:, -1]]

    assert session(Counting(), batch=2).extend(np.ones((2, 50), int)).shape == (2, 50, 3)
    assert asked == [(100, 1)]


def rewound(reader, tokens):
    """Read, read too much, go back, read too much again, go back further, read on; in blocks of 3."""
    wrong = (tokens + 1) % 17
    reader.extend(tokens[:, :3])
    reader.extend(wrong[:, 3:9])
    reader.rewind(7)
    reader.rewind(3)
    reader.extend(tokens[:, 3:6])
    reader.extend(wrong[:, 6:20])
    reader.extend(wrong[:, 6:8])
    reader.rewind(6)
    return reader


def block(reader, tokens, size=3):
    return torch.cat([reader.extend(part) for part in tokens.split(size, dim=1)], dim=1)


@pytest.fixture(scope="module")
def tokens():
    return torch.from_numpy(np.random.default_rng(4).integers(0, 17, (2, 24)))


def test_a_rolled_back_cache_equals_a_fresh_one(network, tokens):
    fresh = network.session(batch=2)
    block(fresh, tokens[:, :6])
    again = rewound(network.session(batch=2), tokens)
    assert torch.equal(block(again, tokens[:, 6:]), block(fresh, tokens[:, 6:]))


def test_a_cache_changes_nothing_about_the_laws(network, tokens):
    reader = rewound(network.session(batch=2), tokens)
    laws = block(reader, tokens[:, 6:])
    stateless = torch.stack([network(tokens[:, : end + 1]) for end in range(6, 24)], dim=1)
    assert torch.allclose(laws, stateless, atol=1e-5)
    assert reader.length == 24


def test_one_token_at_a_time_is_as_good_as_all_at_once(network, tokens):
    one, all_at_once = network.session(batch=2), network.session(batch=2)
    assert torch.allclose(block(one, tokens, size=1), all_at_once.extend(tokens), atol=1e-5)


def test_rewinding_to_the_present_and_to_nothing(network, tokens):
    reader = network.session(batch=2)
    first = reader.extend(tokens[:, :5])
    reader.rewind(5)
    assert reader.length == 5
    reader.rewind(0)
    assert torch.equal(reader.extend(tokens[:, :5]), first)


def test_rows_of_a_batch_do_not_mix(tiny, tokens):
    together = tiny.session(batch=2).extend(tokens)
    alone = torch.cat([tiny.session().extend(row[None]) for row in tokens])
    assert torch.allclose(together, alone, atol=1e-6)


@pytest.mark.parametrize("keep", [1, 2, 5])
def test_keep_returns_the_last_laws_only(tiny, tokens, keep):
    for model in (tiny, iid([1 / 17] * 17), ngram.train([tokens[0].tolist()], 17, 3)):
        everything = session(model, batch=2).extend(tokens[:, :5])
        last = session(model, batch=2).extend(tokens[:, :5], keep=keep)
        assert last.shape == (2, keep, 17)
        assert torch.allclose(last, everything[:, 5 - keep :], atol=1e-6)


def test_laws_come_in_the_kind_of_array_the_tokens_came_in(tiny):
    for model in (tiny, iid([1 / 17] * 17), iid([F(1, 17)] * 17)):
        for tokens, kind in [(np.array([[1, 2]]), np.ndarray), (torch.tensor([[1, 2]]), torch.Tensor)]:
            laws = session(model).extend(tokens)
            assert isinstance(laws, kind)
            assert laws.shape == (1, 2, 17)


def test_fractions_stay_exact_in_a_session():
    laws = session(markov([F(1), F(0)], [[F(1, 3), F(2, 3)], [F(1), F(0)]])).extend(np.array([[0, 1, 0]]))
    assert laws[0].tolist() == [[F(1, 3), F(2, 3)], [1, 0], [F(1, 3), F(2, 3)]]


def test_a_warp_turns_logits_into_laws(tiny):
    tokens = torch.tensor([[3, 1, 4]])
    cold = session(tiny, warp=lambda logits: torch.softmax(logits / 0.5, -1)).extend(tokens)
    squared = session(tiny).extend(tokens) ** 2
    assert torch.allclose(cold, squared / squared.sum(-1, keepdim=True), atol=1e-6)


def test_a_warp_sees_the_logarithms_of_a_plain_law():
    seen = session(iid([F(1, 4), F(3, 4), F(0)]), warp=lambda logits: logits).extend(np.array([[0]]))
    assert seen[0, 0] == pytest.approx([np.log(0.25), np.log(0.75), -np.inf])


@pytest.mark.parametrize("kind", [np.array, torch.tensor])
def test_what_cannot_be_read_is_refused_and_nothing_is_remembered(tiny, kind):
    for model in (tiny, iid([1 / 17] * 17)):
        reader = session(model)
        reader.extend(kind([[1, 2]]))
        for tokens, message in [
            ([[17]], "must lie in 0..16, got 17"),
            ([[-1]], "must lie in 0..16, got -1"),
            ([[0.5]], "must be integers"),
            ([[]], r"\(1, m\) with m >= 1, got \(1, 0\); is the prompt empty"),
            ([1, 2], r"got \(2,\)"),
            ([[1], [2]], r"got \(2, 1\)"),
        ]:
            with pytest.raises(ValueError, match=message):
                reader.extend(kind(tokens))
        with pytest.raises(ValueError, match=r"keep must be 1..1"):
            reader.extend(kind([[1]]), keep=2)
        for length in (-1, 3):
            with pytest.raises(ValueError, match=r"rewind to 0..2"):
                reader.rewind(length)
        assert reader.length == 2


def test_more_than_the_context_holds_is_refused(tiny):
    reader = tiny.session()
    reader.extend(np.ones((1, 60), int))
    with pytest.raises(ValueError, match="context holds 64 tokens, got 65"):
        reader.extend(np.ones((1, 5), int))
    assert reader.extend(np.ones((1, 4), int)).shape == (1, 4, 17)
    with pytest.raises(ValueError, match="context holds 64 tokens, got 70"):
        tiny(np.ones((1, 70), int))


def test_recurrent_networks_cannot_rewind_and_say_so():
    from transformers import MambaConfig, MambaForCausalLM

    from specsim.models.transformers_model import CausalLM

    config = MambaConfig(vocab_size=17, hidden_size=8, state_size=4, num_hidden_layers=1)
    with pytest.raises(ValueError, match="recurrent layers, which cannot"):
        CausalLM(MambaForCausalLM(config)).session()
