"""From logits to the law that is sampled: temperature, top-k, top-p, in this order.

A *warp* turns logits into laws. Speculative decoding is exact for whatever law the target is sampled from, so
the same warp goes over target and draft: the target's defines what is right, the draft's keeps both alike.

    temperature   logits / temperature; 0 stands for its limit, all mass on the most likely token
    top_k         only tokens whose logit is not below the k-th largest
    top_p         only the most likely tokens, the fewest whose mass reaches top_p (and their equals)

>>> warp(temperature=0.5)(np.log([[0.2, 0.4, 0.4]])).round(3)
array([[0.111, 0.444, 0.444]])
>>> warp(top_k=1)(np.log([[0.2, 0.5, 0.3]])), warp(temperature=0)(np.log([[0.2, 0.5, 0.3]]))
(array([[0., 1., 0.]]), array([[0., 1., 0.]]))
"""

from math import isfinite

import numpy as np
from array_api_compat import is_torch_array

from ..core.arrays import Array, namespace, one_hot
from ..models.sessions import Warp


def warp(temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0) -> Warp:
    """The function from logits (..., V) to laws (..., V), in float32 or better.

    temperature: 0 for greedy. top_k: 0 for all tokens. top_p: 1 for all tokens; at least one token stays.
    NumPy in, NumPy out; torch in, torch out, on its device. Entry by entry this is what the processors of
    `transformers` give, except that all tokens as likely as the last one within top_p stay, as for top_k.
    Raises ValueError for a temperature below 0, top_k below 0, top_p outside (0, 1].

    >>> warp(top_p=0.7)(np.log([[0.2, 0.5, 0.3]]))
    array([[0.   , 0.625, 0.375]])

    Holtzman et al. 2020 (1904.09751) for top_p; Fan et al. 2018 (1805.04833) for top_k.
    """
    _check(temperature, top_k, top_p)

    def laws(logits: Array) -> Array:
        logits = _at_least_float32(logits)
        if temperature == 0:
            xp = namespace(logits)
            return one_hot(xp.argmax(logits, axis=-1), like=xp.zeros_like(logits))
        if temperature != 1:
            logits = logits / temperature
        if top_k:
            logits = _only(logits >= _largest(logits, top_k), logits)
        if top_p < 1:
            logits = _only(_nucleus(logits, top_p), logits)
        return _softmax(logits)

    return laws


def session_warp(temperature: float, top_k: int, top_p: float) -> Warp | None:
    """The warp, or None where it would change nothing: a session then leaves the laws of tables untouched."""
    made = warp(temperature, top_k, top_p)
    return None if (temperature, top_k, top_p) == (1, 0, 1) else made


def _check(temperature: float, top_k: int, top_p: float) -> None:
    if not (isfinite(temperature) and temperature >= 0):
        raise ValueError(f"temperature must be a number of at least 0 (0: greedy), got {temperature!r}")
    if top_k != int(top_k) or top_k < 0:
        raise ValueError(f"top_k must be a whole number of at least 0 (0: all tokens), got {top_k!r}")
    if not 0 < top_p <= 1:
        raise ValueError(
            f"top_p must lie in (0, 1] (1: all tokens), got {top_p!r}; for greedy use temperature=0"
        )


def _at_least_float32(logits: Array) -> Array:
    xp = namespace(logits)
    return logits if logits.dtype.itemsize >= 4 else xp.astype(logits, xp.float32)


def _only(kept: Array, logits: Array) -> Array:
    return namespace(logits).where(kept, logits, -np.inf)


def _largest(logits: Array, k: int) -> Array:
    """The k-th largest logit of each row, (..., 1); the smallest if there are fewer."""
    k = min(k, logits.shape[-1])
    if is_torch_array(logits):
        return logits.topk(k, dim=-1).values[..., -1:]
    return np.partition(logits, -k, axis=-1)[..., -k, None]


def _nucleus(logits: Array, top_p: float) -> Array:
    """Which tokens stay: from the least likely on, all go whose mass, summed, is at most 1 - top_p.

    One that is as likely as another that stays, stays too: the order of ids must not decide.
    """
    xp = namespace(logits)
    rising = _sorted(logits)
    gone = xp.cumulative_sum(_softmax(rising), axis=-1) <= 1 - top_p
    least = xp.sum(gone[..., :-1], axis=-1, keepdims=True, dtype=xp.int64)
    return logits >= xp.take_along_axis(rising, least, axis=-1)


def _sorted(logits: Array) -> Array:
    if is_torch_array(logits) and logits.device.type == "cpu":  # 40 times faster than torch at 50,000 tokens
        return namespace(logits).asarray(np.sort(logits.detach().numpy(), axis=-1))
    return namespace(logits).sort(logits, axis=-1)


def _softmax(logits: Array) -> Array:
    if is_torch_array(logits):
        return logits.softmax(-1)
    weights = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)
