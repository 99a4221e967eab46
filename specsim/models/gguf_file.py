"""GGUF files, the format of llama.cpp, made into model folders once.

The weights in such a file are mostly quantised: a block of 32 numbers shares a scale (and, in Q4_1, an
offset), and each number is one of 16 steps. Here they are multiplied out into float32. That changes nothing:
the folder holds the quantised model, in more bytes, and so differs from the model before quantisation.

A file also says how text is split before it is made into tokens. `transformers` reads the tokens from it but
not this, so for the kind that takes digits out one by one first (SmolLM2's) the rule is put in here; without
it, spaces before a number would come out as other tokens.
"""

from pathlib import Path
from typing import Any

from .cache import cache_folder, sha256, whole

# Names of llama.cpp for: digits one by one, then the pattern of GPT-2.
DIGITS_FIRST = ("smollm", "starcoder", "refact", "command-r", "codeshell", "exaone")


def folder_of(path: Path) -> Path:
    """The folder in the cache that holds the model of a GGUF file; made at the first call.

    Raises FileNotFoundError where there is no file; ImportError without the packages that read GGUF.
    """
    if not path.is_file():
        raise FileNotFoundError(f"there is no GGUF file {path}")
    folder = cache_folder() / "gguf" / f"{path.stem}-{sha256(path)[:16]}"
    return folder if folder.is_dir() else convert(path, folder)


def convert(path: Path, folder: Path) -> Path:
    """Write the model and the tokenizer of a GGUF file as `transformers` saves them; return the folder.

    The folder appears whole or not at all. Raises ValueError where the file cannot be read.
    """
    readers = _readers()
    try:
        network, tokenizer = _read(path, *readers)
    except Exception as error:  # whatever a damaged file makes the readers raise
        raise ValueError(f"cannot read a causal language model from {path}: {error}") from error
    with whole(folder) as part:
        network.save_pretrained(part)
        tokenizer.save_pretrained(part)
    return folder


def _readers() -> tuple[Any, Any]:
    try:
        import accelerate  # noqa: F401
        import gguf  # noqa: F401
        from transformers import AutoModelForCausalLM, AutoTokenizer
    except ModuleNotFoundError as missing:
        raise ImportError(
            f"reading GGUF files needs {missing.name}, which is not installed; "
            "install it with pip install 'specsim-decoding[gguf]'"
        ) from missing
    return AutoModelForCausalLM, AutoTokenizer


def _read(path: Path, models: Any, tokenizers: Any) -> tuple[Any, Any]:
    where: Any = {"pretrained_model_name_or_path": str(path.parent), "gguf_file": path.name}
    found = models.from_pretrained(**where, dtype="float32")
    return _plain(found, models), _split_as_in(path, tokenizers.from_pretrained(**where))


def _split_as_in(path: Path, tokenizer: Any) -> Any:
    from gguf import GGUFReader
    from tokenizers import pre_tokenizers

    rule = GGUFReader(path).fields.get("tokenizer.ggml.pre")
    if rule is not None and rule.contents() in DIGITS_FIRST:
        byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False)
        digits = pre_tokenizers.Digits(individual_digits=True)
        tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence([digits, byte_level])
    return tokenizer


def _plain(found: Any, models: Any) -> Any:
    """The same network without the note that it was quantised, with which it could not be saved."""
    settings = found.config.to_dict()
    settings.pop("quantization_config", None)
    network = models.from_config(type(found.config)(**settings), dtype="float32")
    network.load_state_dict(found.state_dict())
    network.generation_config = found.generation_config
    return network
