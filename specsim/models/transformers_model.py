"""Causal language models of the `transformers` library: loaded and called.

A `CausalLM` is a model as every other: tokens (B, t) in, laws (B, V) out. Its session keeps keys and values
(`causal_session`), so that `extend` runs the network on the new tokens only. Logits leave the network in
float32 or better before anything is exponentiated.

>>> import torch
>>> from transformers import LlamaConfig, LlamaForCausalLM
>>> config = LlamaConfig(vocab_size=11, hidden_size=8, intermediate_size=8, num_hidden_layers=1,
...                      num_attention_heads=2, max_position_embeddings=16)
>>> model = CausalLM(LlamaForCausalLM(config))
>>> reader = model.session()
>>> reader.extend(torch.tensor([[1, 2, 3]])).shape, reader.length
(torch.Size([1, 3, 11]), 3)
>>> reader.rewind(1)
>>> again = reader.extend(torch.tensor([[2, 3]]), keep=1)[:, 0]
>>> bool(torch.allclose(again, model(torch.tensor([[1, 2, 3]])), atol=1e-6))
True
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging

from specsim.core.checks import check_tokens

from .causal_session import CausalSession, as_came, as_tokens
from .columns import Columns, View, check_new
from .masks import placement, trouble, windows
from .plain_session import Warp


class CausalLM:
    """A model from a `transformers` causal language model.

    model: the network, in evaluation mode from here on and on its device already. tokenizer: its
    tokenizer, or None. Attributes as every model has them: vocab_size, order (None: the whole context
    counts), homogeneous; besides max_length, the number of tokens that the context holds, or None.
    """

    order: int | None = None
    homogeneous: bool = False

    def __init__(self, model: Any, tokenizer: Any = None) -> None:
        self.model, self.tokenizer = model.eval(), tokenizer
        self.device: torch.device = model.device
        config = model.config.get_text_config(decoder=True)
        self.vocab_size: int = config.vocab_size
        self.max_length: int | None = getattr(config, "max_position_embeddings", None)

    @cached_property
    def eos_token_ids(self) -> tuple[int, ...]:
        """The tokens that end a text; empty if the model names none."""
        ids = self.model.generation_config.eos_token_id
        ids = self.model.config.eos_token_id if ids is None else ids
        if ids is None:
            return ()
        return tuple(ids) if isinstance(ids, list | tuple) else (ids,)

    @torch.inference_mode()
    def __call__(self, tokens: Any) -> Any:
        """Laws (B, V) after tokens (B, t), t >= 1, from one forward pass without memory.

        Laws come as the tokens came: NumPy, or torch on the model's device. Raises ValueError for an empty
        context, ids out of range, more tokens than the model's context.
        """
        new = as_tokens(tokens)
        check_new(new, Columns(len(new)), 1, ())
        self.check(new, new.shape[1])
        return as_came(softmax(self.logits(new, keep=1))[:, 0], new)

    def session(self, warp: Warp | None = None, batch: int = 1) -> CausalSession:
        """A new session with a cache of its own; warp: from logits to laws, by default softmax."""
        return CausalSession(self, warp or softmax, batch)

    def logits(self, tokens: Any, keep: int, cache: Any = None, view: View | None = None) -> torch.Tensor:
        """Logits (B, keep, V) after the last `keep` of tokens (B, m), in float32 or better.

        view: what each token sees, where it is not all before it. Raises ValueError for networks that cannot
        be told so.
        """
        if view is not None and self.trouble_with_views:
            raise ValueError(
                f"{self.model.config.model_type} cannot read a tree of tokens, or texts of several lengths, "
                f"in one pass: {self.trouble_with_views}; draft chains for one text at a time, or load the "
                "model with attn_implementation='sdpa' or 'eager'"
            )
        return self._run(tokens, keep, cache, view)

    @cached_property
    def trouble_with_views(self) -> str:
        """Why the network cannot be told what tokens see; empty if it can. Found out by trying."""
        return trouble(self._run, self.model)

    @cached_property
    def windows(self) -> set[int | None]:
        """How far back its layers look; None: to the first token."""
        return windows(self.model.config)

    def _run(self, tokens: Any, keep: int, cache: Any, view: View | None) -> torch.Tensor:
        logits = self.model(
            input_ids=torch.as_tensor(tokens, dtype=torch.long, device=self.device),
            past_key_values=cache,
            use_cache=cache is not None,
            logits_to_keep=keep,
            **(placement(view, self.windows, self.max_length, self.model) if view is not None else {}),
        ).logits[:, -keep:]
        return logits.float() if logits.element_size() < 4 else logits

    def check(self, tokens: Any, length: int) -> None:
        """ValueError for ids out of range, or if `length` tokens are more than the context holds."""
        check_tokens(tokens, self.vocab_size)
        if self.max_length is not None and length > self.max_length:
            raise ValueError(
                f"the model's context holds {self.max_length} tokens, got {length}; "
                "shorten the prompt or ask for fewer tokens"
            )


def softmax(logits: torch.Tensor) -> torch.Tensor:
    """The law proportional to exp(logits), in the precision of the logits."""
    return torch.softmax(logits, dim=-1)


def load(path_or_name: str | Path, device: str = "cpu", dtype: str = "float32") -> CausalLM:
    """The causal language model in a local folder or, by name, on the Hugging Face hub.

    Weights must be safetensors; code that comes with a model is never run. dtype: of the weights, a name
    such as "float32" or "bfloat16". Raises FileNotFoundError where there is no model, ValueError where
    its files are incomplete or damaged, where the device is missing, and for unknown dtypes.
    """
    place, precision = _device(device), _dtype(dtype)
    _check_folder(path_or_name)
    try:
        with _no_progress_bar():
            found: Any = AutoModelForCausalLM.from_pretrained(
                str(path_or_name), dtype=precision, output_loading_info=True, **_SAFE
            )
        tokenizer = load_tokenizer(path_or_name)
    except Exception as error:  # whatever a damaged file makes the readers raise
        raise _unreadable(path_or_name, error) from error
    model, info = found
    if info["missing_keys"]:
        raise _unreadable(path_or_name, f"it lacks the weights {sorted(info['missing_keys'])}")
    return CausalLM(model.to(place), tokenizer)


def load_tokenizer(path_or_name: str | Path) -> Any:
    """The tokenizer of a hub name, or of a local folder: in it, or in a folder `tokenizer` beside it.

    None for a local folder that has neither.
    """
    folder = Path(path_or_name)
    places = [folder, folder.parent / "tokenizer"] if folder.is_dir() else []
    found = [place for place in places if any(place.glob("tokenizer*.json"))]
    if places and not found:
        return None
    return AutoTokenizer.from_pretrained(str([*found, folder][0]), trust_remote_code=False)


_SAFE: Any = {"trust_remote_code": False, "use_safetensors": True}


def _device(device: str) -> torch.device:
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise ValueError(f"device {device!r} needs CUDA, which this torch does not see; use 'cpu'")
    return torch.device(device)


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
    return ValueError(
        f"cannot load a causal language model from {path_or_name}: {why}; "
        "is the folder damaged, or the name misspelt or out of reach?"
    )


@contextmanager
def _no_progress_bar() -> Iterator[None]:
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()
