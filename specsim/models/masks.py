"""Telling a network of `transformers` what each token sees: attention masks and positions.

A mask is added to the attention scores: 0 where a token sees a column, the smallest number where it does not.
Layers with a sliding window see the last so many positions only, and in a tree these are counted along the
path. Not every network takes such masks, and some that do not say nothing: so it is tried out.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from transformers import DynamicCache

from .columns import Columns, View

Run = Callable[[Any, int, Any, View | None], torch.Tensor]
"""Tokens, how many logits to keep, a cache or None, and a view, to logits."""


def windows(config: Any) -> set[int | None]:
    """How far back the layers of a network look, in tokens; None: to the first one."""
    return {getattr(layer, "sliding_window", None) for layer in DynamicCache(config=config).layers}


def placement(view: View, looks: set[int | None], longest: int | None, model: Any) -> dict[str, Any]:
    """The arguments of a forward pass that say where tokens stand and what they see.

    looks: the windows of its layers. longest: positions that the network has; absent tokens may lie beyond.
    """
    places = view.new_places if longest is None else np.minimum(view.new_places, longest - 1)
    by_window = {look: mask(_within(view, look), model) for look in looks}
    masks: Any = next(iter(by_window.values()))
    if len(by_window) > 1:
        masks = {"sliding_attention" if look else "full_attention": one for look, one in by_window.items()}
    return {"attention_mask": masks, "position_ids": torch.from_numpy(places).to(input_device(model))}


def mask(seen: np.ndarray, model: Any) -> torch.Tensor:
    """What is added to the scores, (B, 1, m, W), in the precision and on the device of the model."""
    hidden = torch.from_numpy(~seen)[:, None].to(input_device(model))
    nothing = torch.zeros(hidden.shape, dtype=model.dtype, device=hidden.device)
    return nothing.masked_fill_(hidden, torch.finfo(model.dtype).min)


def input_device(network: Any) -> torch.device:
    """Where a network takes its tokens: at its embedding, also where its layers are spread out.

    Weights that accelerate keeps elsewhere until they are used are on no device; its hook knows which one.
    """
    embedding = network.get_input_embeddings()
    place = getattr(getattr(embedding, "_hf_hook", None), "execution_device", None)
    return torch.device(embedding.weight.device if place is None else place)


def trouble(run: Run, model: Any) -> str:
    """Why a network cannot be told what tokens see; empty if it can.

    Masks made here must be what its layers need, and it must come out right when it is tried.
    """
    return _foreign(model) or tried(run)


def tried(run: Run) -> str:
    """What goes wrong when a network is told what tokens see; empty if nothing does.

    Three tokens are read as a tree in which the last one does not see the second. Its logits must be those
    after the first and the last, and not those after all three.
    """
    tokens = np.array([[0, 1, 0]])
    try:
        with torch.inference_mode():
            tree = run(tokens, 1, None, Columns(1).view(3, (0, 0), None))
    except Exception as error:  # whatever a network raises that expects another kind of mask
        return f"its attention does not take a mask for every token ({type(error).__name__})"
    with torch.inference_mode():
        right, wrong = run(tokens[:, [0, 2]], 1, None, None), run(tokens, 1, None, None)
    if (tree - right).abs().max() <= 0.1 * (wrong - right).abs().max():
        return ""
    return "its attention passes over the mask, or over positions"


def _foreign(model: Any) -> str:
    """Why masks made here cannot be what its layers need; empty if they can."""
    config = model.config.get_text_config(decoder=True)
    if not getattr(model, "_supports_attention_backend", False):
        return "its attention is not the library's own"
    if "chunked_attention" in (getattr(config, "layer_types", None) or ()):
        return "its attention is cut into chunks"
    return "its layers have windows of different sizes" if len(windows(config) - {None}) > 1 else ""


def _within(view: View, look: int | None) -> np.ndarray:
    """What tokens see that look back over so many positions only."""
    if look is None:
        return view.seen
    return view.seen & (view.new_places[:, :, None] - view.places[:, None, :] < look)
