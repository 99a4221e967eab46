"""Attention in which several heads share keys and values, at a few tokens.

Where g heads share their keys (grouped queries), the library copies keys and values g times as soon as there
is a mask, that is whenever more than one token is read behind others. Nothing needs to be copied: for the
shared keys the g heads of m tokens are as g m tokens of one head, each of which sees what its token sees.

Ainslie et al. 2023 (2305.13245): grouped queries.
"""

from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

NAME = "specsim_grouped"


def group_heads(network: Any) -> None:
    """Let a network whose heads share keys attend this way, if it leaves attention to torch."""
    config = network.config.get_text_config(decoder=True)
    heads, keys = (getattr(config, f"num_{of}_heads", None) for of in ("attention", "key_value"))
    ours = getattr(network, "_supports_attention_backend", False) and config._attn_implementation == "sdpa"
    if ours and keys not in (None, heads):
        AttentionInterface.register(NAME, attend)
        AttentionMaskInterface.register(NAME, sdpa_mask)
        network.set_attn_implementation(NAME)


def attend(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    **more: Any,
) -> tuple[torch.Tensor, None]:
    """What heads (B, H, m, d) read from keys and values (B, H / g, W, d): (B, m, H, d), and no weights.

    attention_mask: (B, 1, m, W), or None, to which the library's own function answers, as it does to whatever
    else a network may want of attention.
    """
    mask = attention_mask
    if mask is None or mask.shape[1] != 1 or any(more.get(name) is not None for name in _ELSE):
        return sdpa_attention_forward(module, query, key, value, mask, scaling=scaling, **more)
    batch, heads, new, size = query.shape
    sharing = heads // key.shape[1]
    together = query.reshape(batch, key.shape[1], sharing * new, size)
    seen = mask.repeat(1, 1, sharing, 1)
    found = scaled_dot_product_attention(together, key, value, attn_mask=seen, scale=scaling)
    return found.reshape(batch, heads, new, -1).transpose(1, 2).contiguous(), None


_ELSE = ("softcap", "position_bias", "cache")
