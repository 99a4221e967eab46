"""Networks are loaded from folders, in the precision asked for, or the error names what is wrong."""

import json

import numpy as np
import pytest
import torch

from specsim.models import load
from specsim.models.transformers_model import CausalLM

TOKENS = np.array([[1, 2, 3], [4, 5, 6]])


@pytest.fixture
def folder(tiny, tmp_path):
    tiny.model.save_pretrained(tmp_path / "net")
    return tmp_path / "net"


def test_a_loaded_network_has_the_same_laws(tiny, folder):
    for path in (folder, str(folder)):
        assert np.abs(load(path)(TOKENS) - tiny(TOKENS)).max() < 1e-6


def test_laws_are_laws_and_come_as_the_tokens_came(network):
    laws = network(TOKENS)
    assert laws.shape == (2, 17)
    assert laws.dtype == np.float32
    assert np.abs(laws.sum(axis=1) - 1).max() < 1e-6
    assert torch.equal(network(torch.from_numpy(TOKENS)), torch.from_numpy(laws))


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float32", "float64"])
def test_laws_are_taken_in_single_precision_at_least(folder, tiny, dtype):
    laws = load(folder, dtype=dtype)(TOKENS)
    assert laws.dtype == (np.float64 if dtype == "float64" else np.float32)
    assert np.abs(laws.sum(axis=1) - 1).max() < 1e-6
    assert np.abs(laws - tiny(TOKENS)).max() < 0.1


def test_a_network_says_what_it_is(network):
    assert (network.vocab_size, network.order, network.max_length) == (17, None, 64)
    assert network.eos_token_ids == (2,)
    assert network.tokenizer is None


@pytest.mark.parametrize("ids, expected", [(None, ()), (3, (3,)), ([3, 5], (3, 5))])
def test_end_tokens_are_one_several_or_none(folder, ids, expected):
    for name in ("config.json", "generation_config.json"):
        path = folder / name
        path.write_text(json.dumps({**json.loads(path.read_text()), "eos_token_id": ids}))
    assert load(folder).eos_token_ids == expected


@pytest.mark.parametrize(
    "tokens, message",
    [
        (np.zeros((1, 0), int), "is the prompt empty"),
        (np.array([[17]]), "must lie in 0..16, got 17"),
        (np.array([[0.5]]), "must be integers"),
        (np.array([1]), r"got \(1,\)"),
    ],
)
def test_what_is_no_context_is_refused(tiny, tokens, message):
    with pytest.raises(ValueError, match=message):
        tiny(tokens)


@pytest.mark.parametrize("name", ["no/such/folder", "./nowhere", "/nowhere", "~/nowhere"])
def test_missing_folders_are_named(name):
    with pytest.raises(FileNotFoundError, match="there is no model folder"):
        load(name)


@pytest.mark.parametrize("file", ["config.json", "model.safetensors"])
def test_a_folder_that_lacks_a_file_is_refused(folder, file):
    (folder / file).unlink()
    with pytest.raises(FileNotFoundError, match=r"it has no (config.json|\*.safetensors)"):
        load(folder)


@pytest.mark.parametrize("file", ["config.json", "model.safetensors"])
def test_a_damaged_file_is_refused(folder, file):
    (folder / file).write_bytes((folder / file).read_bytes()[:100])
    with pytest.raises(ValueError, match="cannot load a language model from"):
        load(folder)


def test_a_damaged_tokenizer_is_refused(folder):
    (folder / "tokenizer.json").write_text("{")
    with pytest.raises(ValueError, match="cannot load a language model from"):
        load(folder)


def test_weights_that_are_missing_are_named_not_invented(folder):
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    del weights["model.norm.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ValueError, match=r"lacks the weights.*norm"):
        load(folder)


def test_unknown_dtypes_and_devices_are_refused(folder):
    with pytest.raises(ValueError, match="dtype must be one such as"):
        load(folder, dtype="int8")
    with pytest.raises(ValueError, match="dtype must be one such as"):
        load(folder, dtype="single precision")
    with pytest.raises(ValueError, match="device must be one such as 'cpu', 'cuda' or 'cuda:1', got 'gpu'"):
        load(folder, device="gpu")
    if not torch.cuda.is_available():
        with pytest.raises(ValueError, match="needs CUDA"):
            load(folder, device="cuda:0")


@pytest.mark.gpu
def test_on_a_gpu_the_laws_are_the_same(tiny, folder):
    there = load(folder, device="cuda")
    assert there.device.type == "cuda"
    assert np.abs(there(TOKENS) - tiny(TOKENS)).max() < 1e-4
    assert there.session(batch=2).extend(torch.from_numpy(TOKENS)).device.type == "cuda"


PARTS = (
    "model.embed_tokens",
    "model.layers.0",
    "model.layers.1",
    "model.norm",
    "model.rotary_emb",
    "lm_head",
)
OFFLOADED = {part: "disk" if part != "model.norm" else "cpu" for part in PARTS}


@pytest.mark.parametrize("places", ["auto", "cpu", {"": "cpu"}, OFFLOADED], ids=lambda case: str(case)[:12])
def test_a_network_may_be_spread_over_devices(tiny, folder, places):
    spread = load(folder, device_map=places)
    laws = spread(torch.from_numpy(TOKENS).to(spread.device))
    assert np.abs(laws.cpu().numpy() - tiny(TOKENS)).max() < 1e-5
    assert spread.trouble_with_views == ""


def test_without_accelerate_there_is_no_device_map(folder, monkeypatch):
    monkeypatch.setattr("specsim.models.loading.find_spec", lambda name: None)
    with pytest.raises(ImportError, match="device_map needs accelerate"):
        load(folder, device_map="auto")


def test_what_is_no_device_map_is_refused(folder):
    with pytest.raises(ValueError, match="device_map"):
        load(folder, device_map="everywhere")


def test_a_network_is_put_into_evaluation_mode():
    from transformers import GPT2Config, GPT2LMHeadModel

    network = GPT2LMHeadModel(GPT2Config(vocab_size=17, n_embd=8, n_layer=1, n_head=1, n_positions=8)).train()
    assert not CausalLM(network).model.training
