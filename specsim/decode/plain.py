"""Plain decoding of one text, token by token: the baseline that speculative decoding is held against."""

from collections.abc import Sequence
from math import log
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.arrays import invert
from .door import Randomness, open_text, uniform_rows
from .generation import Generation, Round
from .placing import placing
from .processors import open_sessions
from .sampling import session_warp


def autoregressive(
    target: Any,
    prompt: str | Sequence[int] | npt.NDArray[np.integer],
    *,
    max_new_tokens: int = 128,
    temperature: float = 1.0,
    top_k: int = 0,
    top_p: float = 1.0,
    processors: Any = None,
    eos: int | Sequence[int] | None = None,
    stop: str | Sequence[str] = (),
    logprobs: bool = False,
    rng: Randomness = None,
    uniforms: npt.ArrayLike | None = None,
) -> Generation:
    """Continue a prompt token by token, each drawn by inverting the target's law at one uniform.

    Arguments as in `generate`; rng gives one uniform per token; uniforms: (tokens,), these uniforms, given.
    Raises ValueError as `generate` does.

    >>> from specsim.models import iid
    >>> autoregressive(iid([0.5, 0.3, 0.2]), [0], max_new_tokens=3, uniforms=[0.1, 0.6, 0.9]).tokens
    (0, 1, 2)
    """
    text = open_text((target,), prompt, max_new_tokens, eos, stop)
    (rows,) = uniform_rows(rng, None if uniforms is None else np.asarray(uniforms)[..., None], 1, None)
    (reader,) = open_sessions((target,), (text,), session_warp(temperature, top_k, top_p), processors)
    place = placing((target,))
    while text.stopped is None:
        start = perf_counter()
        law = reader.extend(place(np.array([text.ids[reader.length :]])), keep=1)[:, 0]
        token = int(invert(law, place(next(rows)))[0])
        read = perf_counter()
        text.append([token], [log(law[0, token])] if logprobs else ())
        text.rounds.append(Round(0, 0, 1, 0.0, read - start, perf_counter() - read))
    return text.generation(getattr(target, "tokenizer", None))
