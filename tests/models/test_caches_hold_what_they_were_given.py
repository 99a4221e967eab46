"""A cache with room to spare holds what the library's own does, whatever is added, forgotten and selected."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import GPT2Config, GPT2LMHeadModel
from transformers.cache_utils import DynamicLayer

from specsim.models.growing_cache import LEAST, GrowingLayer, new_cache
from specsim.models.transformers_model import CausalLM

STEPS = st.one_of(
    st.tuples(st.just("add"), st.integers(1, 2 * LEAST)),
    st.tuples(st.just("crop"), st.floats(0, 0.99)),
    st.tuples(st.just("select"), st.lists(st.integers(0, 1), min_size=2, max_size=2)),
)


@settings(deadline=None)
@given(steps=st.lists(STEPS, max_size=8), seed=st.integers(0, 99))
def test_it_holds_what_the_librarys_own_holds(steps, seed):
    made = torch.Generator().manual_seed(seed)
    layers = (GrowingLayer(), DynamicLayer())
    for kind, how in steps:
        keys, values = (
            torch.rand(2, 2, how if kind == "add" else 1, size, generator=made) for size in (3, 5)
        )
        for layer in layers:
            if kind == "add":
                layer.update(keys, values)
            elif kind == "crop":
                layer.crop(-int(how * layer.get_seq_length()))
            else:
                layer.batch_select_indices(torch.tensor(how))
        own, other = layers
        assert own.get_seq_length() == other.get_seq_length()
        assert own.get_mask_sizes(3) == other.get_mask_sizes(3)
        if own.is_initialized:
            assert torch.equal(own.keys, other.keys)
            assert torch.equal(own.values, other.values)


def room(layer):
    return layer.keys.untyped_storage().nbytes() // (layer.keys[:, :, :1].numel() * 4)


def test_a_column_is_copied_about_once_and_room_is_at_most_doubled():
    layer, moved, new = GrowingLayer(), 0, torch.ones(1, 1, 1, 1)
    place = None
    for length in range(1, 1001):
        layer.update(new, new)
        if layer.keys.data_ptr() != place:
            place, moved = layer.keys.data_ptr(), moved + length
        assert room(layer) <= max(LEAST, 2 * length)
    assert moved <= 2 * 1000


def test_rounds_of_a_draft_do_not_make_it_grow():
    layer, new = GrowingLayer(), torch.ones(1, 1, 8, 1)
    layer.update(new, new)
    for _ in range(500):
        layer.update(new, new)
        layer.crop(-8)
    assert room(layer) == LEAST


def test_layers_with_windows_keep_everything(network):
    cache = new_cache(network.model.config)
    assert all(type(layer) is GrowingLayer for layer in cache.layers)


def test_a_longer_text_than_the_room_is_read_as_at_once():
    torch.manual_seed(3)
    config = GPT2Config(vocab_size=17, n_embd=8, n_layer=1, n_head=2, n_positions=256, initializer_range=0.5)
    lm = CausalLM(GPT2LMHeadModel(config))
    text, reader = torch.randint(0, 17, (1, 3 * LEAST)), lm.session()
    for i in range(0, text.shape[1], 48):
        laws = reader.extend(text[:, i : i + 48], keep=1)
    assert torch.allclose(laws[:, 0], lm(text), atol=1e-5)
