"""A draft that is the target itself, left after its first layers.

The residual stream of a transformer can be read out after any layer: the final norm and the vocabulary head
go over what the first k of L layers have written. The weights are the target's own, none is copied, and a
draft step costs about k / L of a target step, besides the head. How well a target that was not trained for
it can be read so early differs; where it cannot, the output stays exact and rounds are short.

Elhoushi et al. 2024 (2404.16710), LayerSkip; Zhang et al. 2023 (2309.08168), self-speculative decoding.
"""

from typing import Any


def early_exit(target: Any, layers: int) -> Any:
    """The model that the target's first `layers` layers are, with its norm, head and tokenizer.

    target: a model of `specsim.models.load`. Returns a model that shares all weights with it.
    Raises ValueError for other models, for networks whose layers are not one list, and unless
    1 <= layers < the target's own number.

    >>> from specsim.models import load_pair
    >>> target = load_pair("builtin").target
    >>> draft = early_exit(target, 2)
    >>> target.model.config.num_hidden_layers, draft.model.config.num_hidden_layers
    (4, 2)
    """
    network = getattr(target, "model", None)
    if network is None or not hasattr(target, "session"):
        raise ValueError(
            f"only networks have layers to leave, got {type(target).__name__}; draft with another model"
        )
    depth = network.config.get_text_config(decoder=True).num_hidden_layers
    if layers != int(layers) or not 1 <= layers < depth:
        raise ValueError(f"of {depth} layers an early exit keeps 1..{depth - 1}, got {layers!r}")
    return type(target)(_first_layers(network, layers, depth), target.tokenizer)


def _first_layers(network: Any, layers: int, depth: int) -> Any:
    """A copy of the network's structure around the same tensors, with fewer layers."""
    from torch.nn import ModuleList

    from ..models.kernels import shared_copy

    shorter = shared_copy(network)
    lists = [part for part in shorter.modules() if isinstance(part, ModuleList) and len(part) == depth]
    if len(lists) != 1:
        raise ValueError(
            f"{network.config.model_type} has {len(lists)} lists of {depth} layers, expected one; "
            "draft with another model"
        )
    del lists[0][layers:]
    config = shorter.config.get_text_config(decoder=True)
    config.num_hidden_layers = layers
    if getattr(config, "layer_types", None):
        config.layer_types = config.layer_types[:layers]
    return shorter
