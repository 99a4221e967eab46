"""A cache of keys and values that has room for more.

The library's own dynamic cache is copied, layer by layer, for every token that joins it. Here each layer has
room for more columns than are used: new ones are written behind the used ones, and to forget the last ones
is to use fewer. Where the room is full, it doubles, so that n columns are copied about once each, and take
no more than twice the memory that the longest text needed.

>>> layer = GrowingLayer()
>>> new = torch.arange(6.0).reshape(1, 1, 3, 2)
>>> layer.update(new, new)[0].shape
torch.Size([1, 1, 3, 2])
>>> layer.crop(-2)
>>> layer.update(new[:, :, :1] + 7, new[:, :, :1])[0].tolist()
[[[[0.0, 1.0], [7.0, 8.0]]]]
"""

from typing import Any

import torch
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer

LEAST = 64
"""Columns that a layer has room for at first."""


class GrowingLayer(DynamicLayer):
    """A layer of a cache; keys, values: (B, heads, columns used, size), views of the room that there is."""

    def __init__(self) -> None:
        super().__init__()
        self._rooms: list[Any] = [None, None]

    def update(self, key_states: Any, value_states: Any, *others: Any, **more: Any) -> tuple[Any, Any]:
        """Put new columns behind the used ones; return all of them."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        self._rooms[0], self.keys = appended(self._rooms[0], self.keys, key_states)
        self._rooms[1], self.values = appended(self._rooms[1], self.values, value_states)
        return self.keys, self.values

    def batch_select_indices(self, indices: torch.Tensor) -> None:
        """Keep these rows only."""
        super().batch_select_indices(indices)
        self._rooms = [None, None]


def appended(room: Any, used: Any, new: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The columns `used`, which room begins with, and new ones behind them, in a larger room if need be.

    used, new: (..., columns, size). Returns the room, and what of it is used.
    """
    begin = used.shape[-2] if used.ndim == new.ndim else 0
    end = begin + new.shape[-2]
    if room is None or room.shape[-2] < end:
        room = new.new_empty((*new.shape[:-2], max(LEAST, 2 * end), new.shape[-1]))
        if begin:
            room[..., :begin, :] = used
    room[..., begin:end, :] = new
    return room, room[..., :end, :]


def new_cache(config: Any) -> DynamicCache:
    """An empty cache that can be taken back to any length.

    Layers with a sliding window keep everything: what a window dropped could not be restored, and the
    model's mask hides what lies outside. Raises ValueError for recurrent layers, which cannot go back.
    """
    cache: Any = DynamicCache(config=config)
    if not cache.is_croppable:
        raise ValueError(
            f"a session must be able to rewind, but {config.model_type} has recurrent layers, which cannot; "
            "use a model with attention layers only"
        )
    cache.layers = [_growing(layer) for layer in cache.layers]
    return cache


def _growing(layer: Any) -> Any:
    return GrowingLayer() if layer.is_sliding or type(layer) is DynamicLayer else layer
