"""`transformers` as a peer: its own decoding of the same target, made to do the same work.

What transformers does differently is levelled, since speed is to be compared, not settings:

- sampling: given as processors, since it would top k at 50, and warp the draft a second time (at
  temperature T its draft runs at T squared);
- drafts: gamma tokens in every round; it reads their number, 20, and the confidence at which it stops, 0.4,
  from the draft's own generation config and nowhere else;
- look-up: suffixes of as many tokens as ours; it takes the first occurrence, we the last;
- ends: end tokens are off, all write equally many tokens.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..decode.lookup import PromptLookup

Peer = Callable[[np.ndarray, int], int]
"""From a prompt and a seed to the number of passes of the target."""

LEVELLED = (
    "transformers was made to do the same: sampling by processors (it would top k at 50 and warp its draft "
    "twice), gamma drafted tokens in every round (it would draft 20 and stop below a confidence of 0.4), "
    "look-up of suffixes as long as ours, no end tokens."
)


def peer(target: Any, draft: Any, gamma: int, tokens: int, **sampling: Any) -> Peer | None:
    """Generation by transformers with this draft (None: plainly); None where it has nothing of the kind.

    target, draft: models of `specsim.models.load`, or a prompt look-up as draft. sampling: as
    `decode.generate`.
    """
    extra: dict[str, Any] = {}
    if isinstance(draft, PromptLookup):
        extra = {"prompt_lookup_num_tokens": gamma, "max_matching_ngram_size": draft.n}
    elif draft is not None:
        if not _is_causal(draft):
            return None
        extra = {"assistant_model": draft.model}
    if not _is_causal(target):
        return None

    def run(prompt: np.ndarray, seed: int) -> int:
        with _levelled(target.model, tokens, sampling), _drafting(draft, gamma):
            return _passes(target.model, prompt, seed, extra, sampling)

    return run


def _is_causal(model: Any) -> bool:
    return hasattr(model, "session") and hasattr(getattr(model, "model", None), "generate")


def _passes(network: Any, prompt: np.ndarray, seed: int, extra: dict[str, Any], sampling: Any) -> int:
    import torch

    torch.manual_seed(seed)
    ids, passes = torch.from_numpy(prompt[None]).to(network.device), list[int]()
    counter = network.register_forward_pre_hook(lambda *_: passes.append(1))
    try:
        network.generate(
            ids, attention_mask=torch.ones_like(ids), logits_processor=_warpers(**sampling), **extra
        )
    finally:
        counter.remove()
    return len(passes)


def _warpers(temperature: float, top_k: int, top_p: float) -> Any:
    from transformers import LogitsProcessorList, TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

    made: list[Any] = []
    if temperature not in (0, 1):
        made.append(TemperatureLogitsWarper(float(temperature)))
    if temperature and top_k:
        made.append(TopKLogitsWarper(top_k))
    if temperature and top_p < 1:
        made.append(TopPLogitsWarper(top_p))
    return LogitsProcessorList(made)


def _levelled(network: Any, tokens: int, sampling: dict[str, Any]) -> Any:
    drawn = {"do_sample": True, "top_k": 0, "top_p": 1.0, "temperature": 1.0}
    how: Any = drawn if sampling["temperature"] else {"do_sample": False}
    return _configured(network, max_new_tokens=tokens, pad_token_id=0, **how)


def _drafting(draft: Any, gamma: int) -> Any:
    return _configured(
        getattr(draft, "model", None),
        num_assistant_tokens=gamma,
        num_assistant_tokens_schedule="constant",
        assistant_confidence_threshold=0.0,
    )


@contextmanager
def _configured(network: Any, **values: Any) -> Iterator[None]:
    """The network with this generation config, for a while."""
    if network is None:
        yield
        return
    from transformers import GenerationConfig
    from transformers.utils import logging

    before, loudness = network.generation_config, logging.get_verbosity()
    network.generation_config = GenerationConfig(**values)
    logging.set_verbosity_error()  # it warns of what it does itself
    try:
        yield
    finally:
        network.generation_config = before
        logging.set_verbosity(loudness)
