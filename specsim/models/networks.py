"""The door to real networks: torch and transformers are imported here, when one is asked for."""

from pathlib import Path
from typing import TYPE_CHECKING

from .fetch import located

if TYPE_CHECKING:
    from .transformers_model import CausalLM


def load(path_or_name: str | Path, device: str = "cpu", dtype: str = "float32") -> "CausalLM":
    """The causal language model in a folder, a GGUF file or, by name, fetched or on the Hugging Face hub.

    See `specsim.models.fetch.located` and `specsim.models.transformers_model.load`. Raises ImportError where
    torch or transformers are missing.
    """
    try:
        from .transformers_model import load as load_causal
    except ModuleNotFoundError as missing:
        raise ImportError(
            f"real models need {missing.name}, which is not installed; "
            "install it with pip install 'specsim-decoding[llm]'"
        ) from missing
    return load_causal(located(path_or_name), device, dtype)
