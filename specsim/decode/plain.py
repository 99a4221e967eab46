"""Plain decoding, token by token: the baseline that speculative decoding is held against."""

from collections.abc import Sequence
from math import log
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from ..core.arrays import invert
from ..models.sessions import Session
from .door import Randomness, Stop, is_batch, open_text, uniform_rows
from .generation import Generation, Round
from .placing import Place, placing
from .processors import open_sessions
from .sampling import session_warp
from .text import Text, unread
from .timing import seconds as now
from .turns import take_turns

Prompt = str | list[int] | tuple[int, ...] | npt.NDArray[np.integer]


@overload
def autoregressive(target: Any, prompt: Prompt, **settings: Any) -> Generation: ...


@overload
def autoregressive(target: Any, prompt: list[str] | list[list[int]], **settings: Any) -> list[Generation]: ...


def autoregressive(  # type: ignore[misc]  # the settings of the overloads are these
    target: Any,
    prompt: Any,
    *,
    max_new_tokens: int = 128,
    temperature: float = 1.0,
    top_k: int = 0,
    top_p: float = 1.0,
    processors: Any = None,
    eos: int | Sequence[int] | None = None,
    stop: Stop = (),
    logprobs: bool = False,
    rng: Randomness = None,
    uniforms: npt.ArrayLike | None = None,
) -> Generation | list[Generation]:
    """Continue a prompt token by token, each drawn by inverting the target's law at one uniform.

    Arguments as in `generate`, a list of prompts included; rng gives one uniform per token; uniforms:
    (tokens,), these uniforms, given; of several prompts, a list of such. Raises ValueError as there.

    >>> from specsim.models import iid
    >>> autoregressive(iid([0.5, 0.3, 0.2]), [0], max_new_tokens=3, uniforms=[0.1, 0.6, 0.9]).tokens
    (0, 1, 2)
    >>> [made.tokens for made in autoregressive(iid([0.5, 0.5]), [[0], [1, 0]], max_new_tokens=4, rng=1)]
    [(1, 1, 0, 1), (0, 1, 1, 0)]
    """
    batch = is_batch(prompt)
    texts = [open_text((target,), one, max_new_tokens, eos, stop) for one in (prompt if batch else [prompt])]
    rows = uniform_rows(rng, _columns(uniforms, batch), 1, len(texts) if batch else None)
    (reader,) = open_sessions((target,), texts, session_warp(temperature, top_k, top_p), processors)
    place = placing((target,))
    take_turns(
        texts,
        rows,
        lambda active, drawn: _step(reader, [texts[i] for i in active], drawn, place, logprobs),
        reader.select,
    )
    made = [text.generation(getattr(target, "tokenizer", None)) for text in texts]
    return made if batch else made[0]


def _step(reader: Session, texts: Sequence[Text], uniforms: np.ndarray, place: Place, logprobs: bool) -> None:
    """Let each text get one token, on its row of uniforms (B, 1)."""
    start = now()
    tokens, present = unread(texts, reader.lengths)
    laws = reader.extend(place(tokens), keep=1, present=present)[:, 0]
    drawn = invert(laws, place(uniforms[:, 0])).tolist()
    read = now()
    for row, (text, token) in enumerate(zip(texts, drawn)):
        text.append([token], [log(laws[row, token])] if logprobs else ())
    seconds = (read - start, now() - read)
    for text in texts:
        text.rounds.append(Round(0, 0, 1, 0.0, *seconds))


def _columns(uniforms: Any, batch: bool) -> Any:
    """Uniforms (tokens,) as rows (tokens, 1); of several prompts, each so."""
    if uniforms is None:
        return None
    return [np.asarray(one)[..., None] for one in uniforms] if batch else np.asarray(uniforms)[..., None]
