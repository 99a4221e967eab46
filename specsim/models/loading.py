"""Language models of the `transformers` library, from a folder or the Hugging Face hub.

Weights must be safetensors, and code that comes with a model is never run.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer
from transformers.utils import logging

from .encoder_decoder import EncoderDecoderLM
from .hub import only_stored
from .kernels import check_kernels, convert
from .transformers_model import CausalLM


def load(
    path_or_name: str | Path,
    device: str = "cpu",
    dtype: str = "float32",
    *,
    kernels: str = "plain",
    device_map: str | dict[str, Any] | None = None,
) -> CausalLM | EncoderDecoderLM:
    """The language model in a local folder or, by name, on the Hugging Face hub.

    dtype: of the weights, a name such as "float32" or "bfloat16". kernels: "plain", or for float32 on a CPU
    "packed" or "int8" (see `specsim.models.kernels`). device_map: instead of a device, where each
    part of the network goes, as transformers reads it; "auto" fills one GPU after the other, then the main
    memory, and needs the package accelerate. Raises FileNotFoundError where there is no model, ValueError
    where its files are incomplete or damaged, where the device is missing, for unknown dtypes, for kernels
    that do not fit; ImportError for a device_map without accelerate.
    """
    place, precision = _device(device), _dtype(dtype)
    check_kernels(kernels)
    _check_folder(path_or_name)
    _check_device_map(device_map)
    stored = not Path(path_or_name).is_dir() and only_stored(str(path_or_name))
    try:
        with _no_progress_bar():
            network, info = _network(path_or_name, stored, dtype=precision, device_map=device_map)
        tokenizer = load_tokenizer(path_or_name, stored)
    except Exception as error:  # whatever a damaged file makes the readers raise
        raise _unreadable(path_or_name, error) from error
    if info["missing_keys"]:
        raise _unreadable(path_or_name, f"it lacks the weights {sorted(info['missing_keys'])}")
    placed = network.to(place) if device_map is None else network
    return as_model(convert(placed, kernels), tokenizer)


def as_model(network: Any, tokenizer: Any = None) -> CausalLM | EncoderDecoderLM:
    """The model that a network of transformers is."""
    return (EncoderDecoderLM if network.config.is_encoder_decoder else CausalLM)(network, tokenizer)


def load_tokenizer(path_or_name: str | Path, stored: bool = False) -> Any:
    """The tokenizer of a hub name, or of a local folder: in it, or in a folder `tokenizer` beside it.

    stored: do not ask the hub. None for a local folder that has neither.
    """
    folder = Path(path_or_name)
    places = [folder, folder.parent / "tokenizer"] if folder.is_dir() else []
    found = [place for place in places if any(place.glob("tokenizer*.json"))]
    if places and not found:
        return None
    return AutoTokenizer.from_pretrained(
        str([*found, folder][0]), trust_remote_code=False, local_files_only=stored
    )


_SAFE: Any = {"trust_remote_code": False, "use_safetensors": True}


def _network(path_or_name: str | Path, stored: bool, **how: Any) -> tuple[Any, Any]:
    """The network, and what was found and missed when it was read."""
    name = str(path_or_name)
    config = AutoConfig.from_pretrained(name, trust_remote_code=False, local_files_only=stored)
    kind: Any = AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM
    return kind.from_pretrained(name, local_files_only=stored, output_loading_info=True, **how, **_SAFE)


def _check_device_map(device_map: Any) -> None:
    if device_map is not None and not find_spec("accelerate"):
        raise ImportError(
            "device_map needs accelerate, which is not installed; install it with pip install "
            "'specsim-decoding[llm]', or name one device"
        )


def _device(device: str) -> torch.device:
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise ValueError(f"device {device!r} needs CUDA, which this torch does not see; use 'cpu'")
    try:
        return torch.device(device)
    except RuntimeError as error:  # its message lists all the names that torch ever heard of
        raise ValueError(f"device must be one such as 'cpu', 'cuda' or 'cuda:1', got {device!r}") from error


def _dtype(dtype: str) -> torch.dtype:
    found = getattr(torch, dtype, None)
    if not isinstance(found, torch.dtype) or not found.is_floating_point:
        raise ValueError(f'dtype must be one such as "float32" or "bfloat16", got {dtype!r}')
    return found


def _check_folder(path_or_name: str | Path) -> None:
    """Say what is missing from a local folder; a bare name is left to the hub."""
    folder = Path(path_or_name)
    if not folder.is_dir():
        name = str(path_or_name)
        if isinstance(path_or_name, Path) or name[0] in "./~" or name.count("/") > 1:
            raise FileNotFoundError(f"there is no model folder {folder}")
        return
    for pattern in ("config.json", "*.safetensors"):
        if not any(folder.glob(pattern)):
            raise FileNotFoundError(
                f"{folder} is no model folder: it has no {pattern}; write one with save_pretrained"
            )


def _unreadable(path_or_name: str | Path, why: Any) -> ValueError:
    reason = " ".join(str(why).split())
    return ValueError(f"cannot load a language model from {path_or_name}: {reason}; are its files damaged?")


@contextmanager
def _no_progress_bar() -> Iterator[None]:
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()
