"""Teacher forcing: the laws a model gives to the tokens of a text that somebody else wrote.

If the decoder is exact, each token of its text is a draw from the target's law after the tokens before it,
and that law is known as soon as the text is. So any text generator can be held against known laws, one token
after the other, without a look inside.

>>> coin = lambda context: [0.9, 0.1] if context[-1] else [0.5, 0.5]
>>> forced(coin, (0,), [1, 0])
array([[0.5, 0.5],
       [0.9, 0.1]])
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .rows import laws, plain

SHAPING = ("processor", "temperature", "top_k", "top_p")
"""Options of a generator that change the law of its text."""


def forced(model: Any, prompt: Sequence[int], tokens: Sequence[int], warp: Any = None) -> np.ndarray:
    """The model's laws (n, V) of tokens (n,), each given the prompt and the tokens before it.

    model: a callable from a context, a tuple of ids, to a law (V,); or any model of `specsim.models`; or an
    object with a method laws(prompt, tokens) -> (n, V), which needs one pass of a network.
    warp: for a model of `specsim.models`, from logits to laws. Raises ValueError where rows are no laws.
    """
    if hasattr(model, "laws"):
        return laws(model.laws(tuple(prompt), tuple(tokens)), "laws of the model")
    if hasattr(model, "vocab_size"):
        return laws(_read(model, (*prompt, *tokens), len(tokens), warp), "laws of the model")
    contexts = [(*prompt, *tokens[:end]) for end in range(len(tokens))]
    return laws(np.stack([plain(model(context)).reshape(-1) for context in contexts]), "laws of the model")


def shaped(model: Any, options: Mapping[str, Any]) -> Any:
    """The model with those options applied that shape its law, as `gallery.contracts.asked` does.

    >>> forced(shaped(lambda context: np.array([0.8, 0.2]), {"temperature": 0.5, "gamma": 3}), (), [0])
    array([[0.94117647, 0.05882353]])
    """
    from .gallery.contracts import asked

    found = {name: options[name] for name in SHAPING if name in options}
    if not found:
        return model
    if hasattr(model, "laws"):
        raise ValueError(f"laws(prompt, tokens) must apply {', '.join(found)} itself; leave the option out")
    return asked(lambda context: forced(model, context, (0,))[0], **found)


def _read(model: Any, text: Sequence[int], count: int, warp: Any) -> np.ndarray:
    """The laws of the last `count` tokens of a text, by a session."""
    from specsim.models.sessions import session

    if len(text) == count:
        first = plain(model(np.zeros((1, 0), np.int64)))
        return np.concatenate([first, _read(model, text, count - 1, warp)]) if count > 1 else first
    found = session(model, warp).extend(np.array([text[:-1]], np.int64), keep=count)
    return plain(found)[0]
