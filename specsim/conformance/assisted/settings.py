"""The ways to ask transformers for assistance that are walked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .pairs import OTHER_WORDS, WORDS, model, tokenizer

GAMMA = 2


@dataclass(frozen=True)
class Setting:
    """words: what is asked for. keywords: makes those of `generate`. prompt: tokens. layers: of the target.

    shape: options that change the law, by the names of specsim.conformance.gallery.contracts.
    exact: is it meant to be? known: why it is not, where that is known.
    """

    words: str
    keywords: Callable[[], dict[str, Any]]
    shape: Mapping[str, Any] = field(default_factory=dict)
    prompt: tuple[int, ...] = (0, 1)
    layers: int = 1
    exact: bool = True
    known: str = ""


def _draft(threshold: float = 0.0, vocab: int = len(WORDS), seed: int = 2) -> Any:
    """The draft model; how it drafts is read from its own generation_config."""
    draft = model(seed, vocab)
    draft.generation_config.num_assistant_tokens = GAMMA
    draft.generation_config.num_assistant_tokens_schedule = "constant"
    draft.generation_config.assistant_confidence_threshold = threshold
    return draft


def _assisted(**more: Any) -> Callable[[], dict[str, Any]]:
    return lambda: {"assistant_model": _draft(), "do_sample": True, "top_k": 0, **more}


def _unsure() -> dict[str, Any]:
    return {"assistant_model": _draft(0.6), "do_sample": True, "top_k": 0}


def _looked_up(**more: Any) -> Callable[[], dict[str, Any]]:
    return lambda: {"prompt_lookup_num_tokens": GAMMA, "do_sample": True, "top_k": 0, **more}


def _translated(listed: tuple[str, ...], seed: int) -> Callable[[], dict[str, Any]]:
    """Another tokenizer for the draft; `generate` changes such a draft model, so each has its own."""
    return lambda: {
        "assistant_model": _draft(vocab=len(OTHER_WORDS), seed=seed),
        "tokenizer": tokenizer(WORDS, WORDS),
        "assistant_tokenizer": tokenizer(OTHER_WORDS, listed),
        "do_sample": True,
        "top_k": 0,
    }


SETTINGS = {
    "plain": Setting("no assistance: what float32 alone does", lambda: {"do_sample": True, "top_k": 0}),
    "draft": Setting("draft model", _assisted()),
    "temperature": Setting("draft model, temperature 0.6", _assisted(temperature=0.6), {"temperature": 0.6}),
    "top_k": Setting("draft model, top_k 2", _assisted(top_k=2), {"top_k": 2}),
    "confidence": Setting("draft model, confidence threshold 0.6", _unsure),
    "greedy": Setting(
        "draft model, greedy", lambda: {"assistant_model": _draft(), "do_sample": False}, {"temperature": 0.0}
    ),
    "eos": Setting("draft model, end token", _assisted(eos_token_id=2, pad_token_id=2), {"eos": 2}),
    "lookup": Setting("prompt look-up", _looked_up(), prompt=(0, 1, 0)),
    "lookup top_k": Setting("prompt look-up, top_k 2", _looked_up(top_k=2), {"top_k": 2}, (0, 1, 0)),
    "early exit": Setting(
        "early exit after one layer of two",
        lambda: {"assistant_early_exit": 1, "do_sample": True, "top_k": 0},
        layers=2,
    ),
    "tokenizers": Setting("draft model with another tokenizer", _translated(OTHER_WORDS, 3)),
    "get_vocab": Setting(
        "the same, its get_vocab() in another order than its ids",
        _translated(OTHER_WORDS[::-1], 4),
        known="The draft's laws stand in the order of get_vocab() and are read in that of the ids.",
    ),
    "ensemble": Setting(
        "draft model, ensemble weight 0.5: lossy by design",
        _assisted(assistant_ensemble_weight=0.5),
        exact=False,
    ),
}
"""By name."""
