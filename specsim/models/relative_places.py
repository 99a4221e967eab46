"""Relative positions, for decoders that count them in columns: T5 and its kin.

Such a network adds to each attention score a number that was learnt for the distance between the two tokens,
and takes the distance between their columns for it. In a tree, and behind texts of different lengths, that is
not the distance in the text. What a mask adds to the scores can put it right:

    mask += bias(distance in the text) - bias(distance in columns)

Raffel et al. 2020 (1910.10683), section 2.1 (relative position embeddings).
"""

from typing import Any

import numpy as np
import torch

from .columns import View


def trouble(decoder: Any) -> str:
    """Why one shift cannot do for all layers of a decoder; empty if it can."""
    return "each of its layers counts distances in its own way" if len(_counting(decoder)) > 1 else ""


def shift(view: View, decoder: Any) -> Any:
    """What to add to the scores of new tokens, (B, heads, m, W); 0 for a network without such numbers."""
    counting = _counting(decoder)
    if not counting:
        return 0
    width, new = view.places.shape[1], view.seen.shape[1]
    columns = np.arange(width - new, width)[:, None] - np.arange(width)
    texts = view.new_places[:, :, None] - view.places[:, None, :]
    by_distance = counting[0].compute_bias(1, width, past_seen_tokens=width - 1)[0, :, 0].flip(-1)
    return _at(by_distance, texts) - _at(by_distance, columns[None])


def _counting(decoder: Any) -> list[Any]:
    """The attentions that have such numbers of their own; in T5 the first one's serve for all layers."""
    return [part for part in decoder.modules() if getattr(part, "has_relative_attention_bias", False)]


def _at(by_distance: torch.Tensor, distances: np.ndarray) -> torch.Tensor:
    """The numbers (heads, W) at distances (B, m, W), (B, heads, m, W); a later token counts as distance 0."""
    places = torch.from_numpy(np.maximum(distances, 0)).to(by_distance.device)
    return by_distance[:, places].transpose(0, 1)
