"""How a network multiplies by its weights on a CPU.

Verifying n drafted tokens should cost little more than reading one: at a few rows a product of matrices is
bound by fetching the weights, and they are fetched once. The library's own kernels for float32 do not keep
to that: from two to four rows on they take another path, at half as much again or at twice the price. Two
others do:

    packed    the same weights in float32, laid out in memory once, in the order in which oneDNN reads them
    int8      weights in 8 bits, one scale per row, times activations in 16 bits, one scale per token

With both, attention does not copy the keys that heads share (`attention`).

Packed weights change a law by rounding only: SmolLM2-135M's by 0.000002 on ordinary text, in total variation
and on average. Eight bits change it by 0.03: the network is another target, and decoding is exact for that.
In both a law depends on the tokens before it, and not on how many are read beside it (by 0.000002 and
0.0004); in bfloat16 it does, by 0.02.

>>> import numpy as np
>>> from specsim.models import load_pair
>>> target = load_pair("builtin").target
>>> packed, eight_bits = with_kernels(target, "packed"), with_kernels(target, "int8")
>>> text = np.array([[5, 6, 7]])
>>> bool(abs(packed(text) - target(text)).sum() / 2 < 1e-5)
True
>>> bool(abs(eight_bits(text) - target(text)).sum() / 2 < 0.05)
True
"""

from collections.abc import Callable
from typing import Any

from .attention import group_heads
from .int8 import Int8Linear
from .packed import PackedLinear
from .replacing import Linear, replace, shared_copy

KERNELS: dict[str, Callable[[Linear], Any] | None] = {
    "plain": None,
    "packed": PackedLinear,
    "int8": Int8Linear,
}


def with_kernels(model: Any, kernels: str) -> Any:
    """The same model with other kernels: a new one, which shares all else with the given one.

    model: of `specsim.models.load`, in float32 on the CPU. kernels: "plain" (the model itself), "packed" or
    "int8". Raises ValueError for unknown kernels, for networks in other precisions, on other devices or
    without linear layers, and where this torch or this processor lacks the kernels.

    >>> from specsim.models import load_pair
    >>> with_kernels(load_pair("builtin").draft, "packed").model.lm_head
    PackedLinear(in_features=192, out_features=4096, bias=False)
    """
    if kernels == "plain":
        return model
    return type(model)(convert(shared_copy(model.model), kernels), model.tokenizer)


def convert(network: Any, kernels: str) -> Any:
    """Give a network other kernels in place, weight by weight, so that both never fill the memory."""
    make = check_kernels(kernels)
    if make is not None:
        replace(network, make, kernels)
        group_heads(network)
    return network


def check_kernels(kernels: str) -> Callable[[Linear], Any] | None:
    """What makes the layers of these kernels; ValueError for unknown ones."""
    if kernels not in KERNELS:
        raise ValueError(f"kernels are one of {', '.join(KERNELS)}, got {kernels!r}")
    return KERNELS[kernels]
