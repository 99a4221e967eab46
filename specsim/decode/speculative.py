"""Speculative decoding: draft a few tokens, verify them in one pass of the target, emit, repeat.

`generate` opens the door and lets its texts play rounds (`rounds`) until each has ended. The same uniforms
give the same tokens as the core composed by hand.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from ..core import rules
from ..core.draft import AnyShape, Shape, as_shape, chain
from ..shapes import check_fit, read_shape
from .door import Randomness, is_batch, open_text, uniform_rows, whole
from .drafter import Drafter, Source
from .generation import Generation
from .model_drafter import ModelDrafter
from .placing import placing
from .processors import open_sessions
from .rounds import Decoder, play_round
from .sampling import session_warp
from .text import Text

Prompt = str | list[int] | tuple[int, ...] | npt.NDArray[np.integer]


@overload
def generate(target: Any, draft: Any, prompt: Prompt, **settings: Any) -> Generation: ...


@overload
def generate(
    target: Any, draft: Any, prompt: list[str] | list[list[int]], **settings: Any
) -> list[Generation]: ...


def generate(  # type: ignore[misc]  # the settings of the overloads are these
    target: Any,
    draft: Any,
    prompt: Any,
    *,
    gamma: int | None = None,
    shape: AnyShape | str | None = None,
    rule: str | rules.Verify = "token",
    max_new_tokens: int = 128,
    temperature: float = 1.0,
    top_k: int = 0,
    top_p: float = 1.0,
    processors: Any = None,
    eos: int | Sequence[int] | None = None,
    stop: str | Sequence[str] = (),
    rng: Randomness = None,
    uniforms: npt.ArrayLike | None = None,
    keep_plans: bool = False,
    logprobs: bool = False,
    on_tokens: Callable[[int, list[int]], object] = lambda row, ids: None,
) -> Generation | list[Generation]:
    """Continue a prompt with the target's own law, at the pace of drafted chains or trees.

    target: any model of `specsim.models`. draft: any model over the same tokens, or a way of drafting without
        one, such as `prompt_lookup()` (see `specsim.decode.drafter`).
    prompt: token ids, or a text if the target has a tokenizer; or a list of several such, which are decoded
        side by side, each at its own pace, into a list.
    gamma: tokens drafted per round, by default 5. shape: instead, a tree, as of `specsim.core`, or a
        text such as "tree:3,2:distinct" (see `specsim.shapes`). Drafts are less deep where the limit is near:
        no token is drafted that cannot be used.
    rule: the name of a rule, or a function (target laws (B, n + 1, V), Draft of n tokens) -> Plan. Rules
        check the laws that they are shown, those that come from networks alone in the first round only.
    temperature, top_k, top_p: one `warp` for both models.
    processors: a function (ids (1, t), logits (1, V)) -> logits in torch, such as a `LogitsProcessorList` of
        transformers, for both models, at every token before it is warped (see `specsim.decode.processors`).
        Or a `GenerationConfig`, read as transformers reads it: its processors, temperature, top_k (50 unless
        it says otherwise), top_p and do_sample count, and not what it says of lengths and ends.
    eos: ids that end the text, by default the target's own; () for none.
    stop: a text, or several, that end the text as soon as one stands in it, cut off there exactly, also where
        tokens do not begin or end with it (see `Generation`).
    rng: a seed or a generator. It gives each round one row of n + 2 uniforms: for the drafted tokens in
        order, then two for `draw`; a round that drafts fewer leaves the last ones unused. Of several prompts,
        number i has the generator default_rng([seed, i]), or number i that the generator spawns.
    uniforms: (rounds, n + 2), these rows, given; of several prompts, a list of such.
    keep_plans: keep each round's stop law. logprobs: the target's log-probability of each added token.
    on_tokens: called after each round with the number of a text and the ids that have joined it, to stream.
    Raises ValueError where models, prompt and settings do not fit, and for laws that are none.

    >>> from specsim.models import load_pair
    >>> pair = load_pair("toy")
    >>> made = generate(pair.target, pair.draft, [0], gamma=3, max_new_tokens=8, rng=7)
    >>> made.tokens, [one.kept for one in made.rounds], made.stopped
    ((0, 2, 0, 2, 0, 0, 1, 1), [0, 3, 0, 1], 'length')
    >>> generate(pair.target, pair.draft, [0], shape="tree:2,2", max_new_tokens=8, rng=7).tokens_per_round
    2.0

    Leviathan et al. 2023 (2211.17192), Algorithm 1, with any rule in place of theirs; trees: Miao et al. 2024
    (2305.09781).
    """
    batch = is_batch(prompt)
    models = (target,) if isinstance(draft, Source) else (target, draft)
    texts = [open_text(models, one, max_new_tokens, eos, stop) for one in (prompt if batch else [prompt])]
    verify, full = rules.find(rule), _shape(gamma, shape)
    check_fit(verify, full)
    rows = uniform_rows(rng, uniforms, len(full.parent) + 2, len(texts) if batch else None)
    warped, place = session_warp(temperature, top_k, top_p), placing(models)
    reader, *drafting = open_sessions(models, texts, warped, processors)
    drafter: Drafter
    if isinstance(draft, Source):
        drafter = draft.drafter(full, target.vocab_size, len(texts), place)
    else:
        drafter = ModelDrafter(draft, drafting[0], place)
    later = verify
    if all(hasattr(model, "session") for model in models):
        later = getattr(verify, "kernel", verify)  # a softmax is a law, or none from the start
    _play(Decoder(reader, drafter, full, place, keep_plans, logprobs), texts, rows, verify, later, on_tokens)
    made = [text.generation(getattr(target, "tokenizer", None)) for text in texts]
    return made if batch else made[0]


def _play(
    decoder: Decoder,
    texts: Sequence[Text],
    uniforms: Sequence[Iterator[np.ndarray]],
    verify: rules.Verify,
    later: rules.Verify,
    on_tokens: Callable[[int, list[int]], object],
) -> None:
    """Rounds for all texts until each has ended; later: how to verify from the second round on."""
    active = list(range(len(texts)))
    while active:
        play_round(decoder, [texts[i] for i in active], np.stack([next(uniforms[i]) for i in active]), verify)
        verify = later
        for i in active:
            on_tokens(i, texts[i].ids[-texts[i].rounds[-1].emitted :])
        unfinished = [row for row, i in enumerate(active) if texts[i].stopped is None]
        if 0 < len(unfinished) < len(active):
            decoder.select(unfinished)
        active = [active[row] for row in unfinished]


def _shape(gamma: int | None, shape: AnyShape | str | None) -> Shape:
    if shape is None:
        return Shape(chain(5 if gamma is None else whole(gamma, "gamma")))
    if gamma is not None:
        raise ValueError(f"pass gamma, for a chain, or a shape, not both; got {gamma} and {shape}")
    return as_shape(read_shape(shape) if isinstance(shape, str) else shape)
