"""The public door of decoding: what callers pass is checked and brought into one form, once, here."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.checks import check_tokens, check_uniforms
from .stopping import Criteria, Criterion, Stops
from .text import Text

Randomness = np.random.Generator | int | Sequence[int] | None
Stop = str | Sequence[str] | Criterion


def open_text(
    models: Sequence[Any],
    prompt: Any,
    max_new_tokens: int,
    eos: int | Sequence[int] | None,
    stop: Stop,
) -> Text:
    """The text to be continued by these models, the target first.

    Raises ValueError for models that do not fit together, for a prompt that is empty, is no row of tokens
    or fills a context, for max_new_tokens below 1, and for stop texts that are empty or cannot be seen.
    """
    target = models[0]
    for model in models:
        _check_model(model)
    for other in models[1:]:
        _check_partner(target, other)
    given = _prompt_ids(prompt, target)
    ids = [target.start] if _reads_sources(target) else given
    wanted = len(ids) + whole(max_new_tokens, "max_new_tokens")
    for model in models:
        _check_room(ids, model)
    window = getattr(target, "max_length", None) or wanted
    return Text(
        ids,
        min(wanted, window),
        "length" if wanted <= window else "context",
        _end_tokens(eos, target),
        Criteria(stop, ids) if callable(stop) else _stops(stop, target),
        given if _reads_sources(target) else None,
    )


def given_sources(models: Sequence[Any], texts: Sequence[Text]) -> list[Any]:
    """The models of what is written: encoder-decoder models are given the sources of these texts."""
    sources = [text.source for text in texts]
    return [model.given(sources) if _reads_sources(model) else model for model in models]


def is_batch(prompt: Any) -> bool:
    """Whether this is a list of prompts, not one prompt.

    >>> is_batch([[0, 1], [1]]), is_batch(["a", "b"]), is_batch([0, 1]), is_batch("a")
    (True, True, False, False)
    """
    if not isinstance(prompt, list | tuple) or not prompt:
        return False
    return isinstance(prompt[0], str) or np.ndim(prompt[0]) > 0


def uniform_rows(rng: Randomness, uniforms: Any, width: int, texts: int | None) -> list[Iterator[np.ndarray]]:
    """For each text rows (width,) of uniforms, one per round: drawn from rng, or given as (rounds, width).

    texts: of how many there is a list; None for one that stands alone. rng: may be a list of seeds, one for
    each, and each text is then the one that its seed gives alone. Raises ValueError for uniforms of another
    shape or outside [0, 1), later where they run out, and for another number of seeds.
    """
    if isinstance(rng, Sequence) and len(rng) != texts:
        prompts = "one prompt" if texts is None else f"{texts} prompts"
        raise ValueError(f"a list of seeds needs a list of as many prompts, got {len(rng)} seeds, {prompts}")
    if texts is None:
        return [_rows(np.random.default_rng(rng), uniforms, width)]
    if uniforms is not None and len(uniforms) != texts:
        raise ValueError(f"{texts} prompts need as many arrays of uniforms, got {len(uniforms)}")
    if isinstance(rng, np.random.Generator):
        generators = rng.spawn(texts)
    elif isinstance(rng, Sequence):
        generators = [np.random.default_rng(seed) for seed in rng]
    else:
        generators = [np.random.default_rng(None if rng is None else [rng, i]) for i in range(texts)]
    given = [None] * texts if uniforms is None else uniforms
    return [_rows(one, rows, width) for one, rows in zip(generators, given)]


def _rows(rng: np.random.Generator, uniforms: npt.ArrayLike | None, width: int) -> Iterator[np.ndarray]:
    if uniforms is None:
        return _drawn(rng, width)
    given = np.asarray(uniforms, float)
    if given.ndim != 2:
        raise ValueError(f"uniforms must be an array (rounds, {width}), one row per round, got {given.shape}")
    check_uniforms(given, width)
    return _listed(given)


def whole(value: Any, name: str) -> int:
    """A whole number of at least 1; ValueError for anything else."""
    if not isinstance(value, int | np.integer) or value < 1:
        raise ValueError(f"{name} must be a whole number of at least 1, got {value!r}")
    return int(value)


def _drawn(rng: np.random.Generator, width: int) -> Iterator[np.ndarray]:
    while True:
        yield rng.random(width)


def _listed(uniforms: np.ndarray) -> Iterator[np.ndarray]:
    yield from uniforms
    raise ValueError(
        f"the {len(uniforms)} rows of uniforms do not reach to the end of the text; pass more rows"
    )


def _check_model(model: Any) -> None:
    if not callable(model) or not hasattr(model, "vocab_size"):
        raise ValueError(
            "a model is a function from tokens (B, t) to laws (B, V) with an attribute vocab_size, got "
            f"{type(model).__name__}; specsim.models makes such, load(NAME) one of them"
        )


def _check_partner(target: Any, draft: Any) -> None:
    if target.vocab_size != draft.vocab_size:
        raise ValueError(
            "target and draft must share one vocabulary, got sizes "
            f"{target.vocab_size} (target) and {draft.vocab_size} (draft); "
            "choose a draft with the target's tokenizer, or load both with the tokenizers that they have"
        )
    if _reads_sources(draft) and not _reads_sources(target):
        raise ValueError(
            "an encoder-decoder draft needs an encoder-decoder target, which has sources to give"
        )
    here, there = (getattr(model, "device", None) for model in (target, draft))
    if here is not None and there is not None and here != there:
        raise ValueError(
            f"target and draft must be on one device, got {here} and {there}; load both on {here}"
        )


def _reads_sources(model: Any) -> bool:
    """Whether this is an encoder-decoder model."""
    return hasattr(model, "given")


def _prompt_ids(prompt: Any, target: Any) -> list[int]:
    if isinstance(prompt, str) or _is_chat(prompt):
        prompt = _encoded(prompt, getattr(target, "tokenizer", None))
    ids = np.asarray(prompt.cpu() if hasattr(prompt, "cpu") else prompt)
    ids = ids[0] if ids.ndim == 2 and len(ids) == 1 else ids
    if ids.ndim != 1 or len(ids) == 0:
        raise ValueError(
            f"a prompt must be one row of at least one token, got shape {ids.shape}; begin an empty one with "
            "the model's start token, and pass several as a list"
        )
    check_tokens(ids, target.vocab_size, "the prompt's tokens")
    return ids.tolist()


def _is_chat(prompt: Any) -> bool:
    return isinstance(prompt, list | tuple) and bool(prompt) and isinstance(prompt[0], dict)


def _encoded(prompt: str | list[dict[str, str]], tokenizer: Any) -> list[int]:
    """The ids of a text, or of the messages of a chat, after which an answer begins."""
    if tokenizer is None:
        raise ValueError("the target has no tokenizer, so a prompt must be token ids, got a text")
    if isinstance(prompt, str):
        return tokenizer(prompt)["input_ids"]
    if not getattr(tokenizer, "chat_template", None):
        raise ValueError(
            "messages need a tokenizer with a chat template, and the target's has none; was the model taught "
            "to chat? Otherwise pass a text"
        )
    return tokenizer.apply_chat_template(prompt, add_generation_prompt=True, return_dict=True)["input_ids"]


def _check_room(ids: Sequence[int], model: Any) -> None:
    window = getattr(model, "max_length", None)
    if window is not None and len(ids) >= window:
        raise ValueError(
            f"the prompt must be shorter than every model's context, got {len(ids)} tokens for a context "
            f"of {window}; shorten the prompt"
        )


def _stops(stop: str | Sequence[str], target: Any) -> Stops | None:
    texts = (stop,) if isinstance(stop, str) else tuple(stop)
    if not texts:
        return None
    tokenizer = getattr(target, "tokenizer", None)
    if tokenizer is None:
        raise ValueError("stop texts need a target with a tokenizer; pass token ids as eos instead")
    return Stops(lambda ids: tokenizer.decode(ids, skip_special_tokens=True), texts)


def _end_tokens(eos: int | Sequence[int] | None, target: Any) -> Sequence[int]:
    if eos is None:
        return getattr(target, "eos_token_ids", ())
    ids = [eos] if isinstance(eos, int | np.integer) else list(eos)
    if ids:
        check_tokens(np.asarray(ids), target.vocab_size, "end tokens")
    return ids
