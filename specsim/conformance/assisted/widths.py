"""The logits of a transformers model, read one token at a time or several in one pass.

What `specsim.conformance.state.divergence` asks for, to tell the arithmetic of wide passes from a verifier's
mistakes.
"""

from typing import Any

from ..state.greedy import Logits


def causal_logits(model: Any) -> Logits:
    """From (context, width) to the logits (width, V) of a pass over the last `width` tokens, the rest cached.

    model: a causal language model of transformers.
    """
    import torch

    def logits(context: tuple[int, ...], width: int) -> Any:
        ids = torch.tensor([context], device=model.device)
        with torch.no_grad():
            before = ids[:, :-width]
            cache = model(before, use_cache=True).past_key_values if before.shape[1] else None
            return model(ids[:, -width:], past_key_values=cache, use_cache=True).logits[0].float().cpu()

    return logits
