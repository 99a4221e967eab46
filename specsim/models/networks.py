"""The door to real networks: torch and transformers are imported here, when one is asked for."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from .fetch import located

if TYPE_CHECKING:
    from .encoder_decoder import EncoderDecoderLM
    from .transformers_model import CausalLM


def load(
    path_or_name: str | Path,
    device: str = "cpu",
    dtype: str = "float32",
    *,
    kernels: str = "plain",
    device_map: Any = None,
) -> "CausalLM | EncoderDecoderLM":
    """The language model in a folder, a GGUF file or, by name, fetched or on the Hugging Face hub.

    See `specsim.models.fetch.located` and `specsim.models.loading.load`. Raises ImportError where
    torch or transformers are missing.
    """
    try:
        from .loading import load as load_network
    except ModuleNotFoundError as missing:
        raise ImportError(
            f"real models need {missing.name}, which is not installed; "
            "install it with pip install 'specsim-decoding[llm]'"
        ) from missing
    return load_network(located(path_or_name), device, dtype, kernels=kernels, device_map=device_map)
