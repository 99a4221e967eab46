"""Packed weights change laws by rounding only; eight bits change them by little, and for each token alone."""

from copy import deepcopy

import numpy as np
import pytest
import torch
from torch.nn.functional import linear, scaled_dot_product_attention
from transformers import T5Config, T5ForConditionalGeneration

from specsim.decode import autoregressive, early_exit, generate
from specsim.models import load, session
from specsim.models.encoder_decoder import EncoderDecoderLM
from specsim.models.kernels import KERNELS, with_kernels
from specsim.models.kernels import int8 as eight
from specsim.models.kernels.attention import attend
from specsim.models.kernels.int8 import Int8Linear
from specsim.models.kernels.packed import PackedLinear
from specsim.models.kernels.replacing import Linear
from specsim.models.transformers_model import CausalLM

OTHERS = [name for name in KERNELS if name != "plain"]
TOKENS = np.random.default_rng(2).integers(0, 17, (2, 12))


def layer(rows=9, columns=21, bias=True, seed=1):
    made = torch.Generator().manual_seed(seed)
    weight = torch.randn(rows, columns, generator=made)
    return Linear(weight, torch.randn(rows, generator=made) if bias else None)


def activations(tokens, columns=21, seed=2):
    return torch.randn(1, tokens, columns, generator=torch.Generator().manual_seed(seed))


def test_packed_laws_are_the_plain_ones(network):
    packed = with_kernels(network, "packed")
    assert np.abs(packed(TOKENS) - network(TOKENS)).max() < 1e-5


@pytest.mark.parametrize("kernels", OTHERS)
@pytest.mark.parametrize("piece", [1, 2, 3, 5, 8])
def test_it_does_not_matter_how_many_tokens_are_read_at_once(tiny, kernels, piece):
    lm = with_kernels(tiny, kernels)
    at_once, reader = session(lm, batch=2).extend(TOKENS), session(lm, batch=2)
    pieces = [reader.extend(TOKENS[:, i : i + piece]) for i in range(0, TOKENS.shape[1], piece)]
    assert np.abs(np.concatenate(pieces, axis=1) - at_once).max() < 1e-4


def test_trees_and_ragged_rows_are_read_alike(network):
    readers = [session(one, batch=2) for one in (network, with_kernels(network, "packed"))]
    there = np.array([[True, True, True], [False, True, True]])
    for reader in readers:
        reader.extend(TOKENS[:, :3], present=there)
    trees = [reader.extend(TOKENS[:, 3:8], parent=(0, 0, 1, 2, 2)) for reader in readers]
    assert np.abs(trees[0] - trees[1]).max() < 1e-5


@pytest.mark.parametrize("kernels", OTHERS)
def test_eight_bits_cost_little_and_packing_nothing_of_the_law(tiny, kernels):
    apart = np.abs(with_kernels(tiny, kernels)(TOKENS) - tiny(TOKENS)).sum(axis=1).max() / 2
    assert apart < (0.05 if kernels == "int8" else 1e-5)


@pytest.mark.parametrize("make", [PackedLinear, Int8Linear])
@pytest.mark.parametrize("bias", [True, False])
def test_a_layer_is_its_linear_map(make, bias):
    plain, x = layer(bias=bias), activations(5)
    exact = linear(x, plain.weight, plain.bias)
    off = (make(plain)(x) - exact).abs()
    steps = plain.weight.abs().amax(1) / 127 / 2 * x.abs().sum(-1, keepdim=True)
    assert bool((off <= 1.01 * steps if make is Int8Linear else off < 1e-5).all())


def test_eight_bits_are_whole_numbers_times_two_scales():
    plain, x = layer(), activations(4)
    weight, own = plain.weight.numpy(), x[0].numpy()
    of_rows, of_tokens = np.abs(weight).max(axis=1) / 127, np.abs(own).max(axis=1, keepdims=True) / 32639
    whole = np.rint(own / of_tokens).astype(int) @ np.rint(weight / of_rows[:, None]).astype(int).T
    expected = whole * of_tokens * of_rows + plain.bias.numpy()
    assert np.abs(Int8Linear(plain)(x)[0].numpy() - expected).max() < 1e-3


@pytest.mark.parametrize("rows, columns", [(9, 21), (64, 96), (1, 1)])
def test_a_token_has_the_same_numbers_bit_for_bit_whatever_stands_beside_it(rows, columns):
    eight_bits, x = Int8Linear(layer(rows, columns)), activations(16, columns)
    x[0, 3] *= 1000
    together = eight_bits(x)
    for i in range(16):
        assert torch.equal(eight_bits(x[:, i : i + 1]), together[:, i : i + 1])


@pytest.mark.parametrize("make", [PackedLinear, Int8Linear])
def test_tokens_may_lie_in_memory_in_any_order(make):
    x, made = activations(21, 6), make(layer())
    across = x.transpose(1, 2)
    assert torch.equal(made(across), made(across.contiguous()))


def test_a_token_of_zeros_gives_the_bias():
    plain = layer()
    assert torch.equal(Int8Linear(plain)(torch.zeros(1, 2, 21)), plain.bias.expand(1, 2, 9))


@pytest.mark.parametrize("sharing", [1, 2, 4])
@pytest.mark.parametrize("new, seen", [(1, 6), (3, 6), (6, 6)])
def test_heads_that_share_keys_read_what_they_would_read_from_copies(sharing, new, seen):
    made = torch.Generator().manual_seed(sharing)
    query = torch.randn(2, 4, new, 8, generator=made)
    key, value = (torch.randn(2, 4 // sharing, seen, 8, generator=made) for _ in range(2))
    mask = torch.rand(2, 1, new, seen, generator=made) < 0.7
    mask[..., 0] = True
    copies = (one.repeat_interleave(sharing, dim=1) for one in (key, value))
    expected = scaled_dot_product_attention(query, *copies, attn_mask=mask, scale=0.3)
    found, _ = attend(torch.nn.Module(), query, key, value, mask, scaling=0.3)
    assert torch.allclose(found.transpose(1, 2), expected, atol=1e-5)


@pytest.mark.parametrize("kernels", OTHERS)
def test_the_given_model_stays_as_it_is(tiny, kernels):
    before, names = tiny(TOKENS), list(tiny.model.state_dict())
    changed = with_kernels(tiny, kernels)
    assert np.array_equal(tiny(TOKENS), before)
    assert list(tiny.model.state_dict()) == names
    assert tiny.model.config._attn_implementation == "sdpa"
    shared = changed.model.get_input_embeddings().weight
    assert shared is tiny.model.get_input_embeddings().weight


def test_an_embedding_keeps_the_weights_that_it_shares_with_the_head(tiny):
    network = deepcopy(tiny.model)
    network.lm_head.weight = network.model.embed_tokens.weight
    packed = with_kernels(CausalLM(network), "packed").model
    assert type(packed.lm_head) is PackedLinear
    assert packed.model.embed_tokens.weight is network.lm_head.weight
    assert torch.equal(packed.lm_head.weight.to_dense(), network.lm_head.weight)


@pytest.mark.parametrize("kernels", OTHERS)
def test_an_early_exit_shares_the_packed_weights(tiny, kernels):
    lm = with_kernels(tiny, kernels)
    first = early_exit(lm, 1)
    assert first.model.lm_head.weight is lm.model.lm_head.weight
    apart = np.abs(first(TOKENS) - with_kernels(early_exit(tiny, 1), kernels)(TOKENS))
    assert apart.max() < 1e-6


@pytest.mark.parametrize("kernels, error", [("packed", 1e-5), ("int8", 0.05)])
def test_both_halves_of_an_encoder_decoder_change(kernels, error):
    torch.manual_seed(1)
    config = T5Config(vocab_size=11, d_model=8, d_kv=4, d_ff=8, num_layers=1, num_heads=2)
    network = T5ForConditionalGeneration(config).eval()
    changed = with_kernels(EncoderDecoderLM(network), kernels).model
    asked = {"input_ids": torch.tensor([[1, 2, 3]]), "decoder_input_ids": torch.tensor([[0, 4]])}
    with torch.inference_mode():
        assert torch.allclose(changed(**asked).logits, network(**asked).logits, atol=error)
    assert not any(type(part) is torch.nn.Linear for part in changed.modules())


def test_decoding_writes_the_same_text(tiny):
    packed = with_kernels(tiny, "packed")
    common = {"max_new_tokens": 30, "eos": (), "rng": 4}
    assert autoregressive(packed, [3], **common).tokens == autoregressive(tiny, [3], **common).tokens
    texts = [generate(one, early_exit(one, 1), [3], gamma=3, **common).tokens for one in (tiny, packed)]
    assert texts[0] == texts[1]


def test_a_folder_is_loaded_with_other_kernels(tiny, tmp_path):
    tiny.model.save_pretrained(tmp_path)
    packed = load(tmp_path, kernels="packed")
    assert np.abs(packed(TOKENS) - tiny(TOKENS)).max() < 1e-5
    with pytest.raises(RuntimeError, match="save the model with its plain kernels"):
        packed.model.save_pretrained(tmp_path / "again")
    with pytest.raises(ValueError, match=r"are for networks in float32 on the CPU, got torch\.bfloat16"):
        load(tmp_path, dtype="bfloat16", kernels="int8")
    with pytest.raises(ValueError, match="kernels are one of plain, packed, int8, got 'fast'"):
        load(tmp_path, kernels="fast")


def test_kernels_do_not_stand_on_one_another(tiny):
    with pytest.raises(ValueError, match="has no linear layers to give int8 kernels to"):
        with_kernels(with_kernels(tiny, "packed"), "int8")


def test_missing_operators_are_named(monkeypatch):
    monkeypatch.setattr("specsim.models.kernels.packed.OPERATORS", ("mkldnn", "_no_such_operator"))
    with pytest.raises(ValueError, match=r"no operator mkldnn\._no_such_operator"):
        PackedLinear(layer())


def test_a_processor_that_cuts_off_sums_is_found_out(monkeypatch):
    eight.check_exact.cache_clear()
    monkeypatch.setattr(eight, "multiply", lambda x, *rest: torch.full((1, 16), 32767.0 * 32))
    with pytest.raises(ValueError, match="cuts off sums"):
        Int8Linear(layer())
    monkeypatch.undo()
    eight.check_exact()
