"""Speculative decoding: draft a few tokens, verify them in one pass of the target, emit, repeat.

`generate` opens the door and lets its texts play rounds (`rounds`) until each has ended. The same uniforms
give the same tokens as the core composed by hand.
"""

from collections.abc import Iterator, Sequence
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from ..core import rules
from ..core.draft import AnyShape, Shape, as_shape, chain, height
from ..shapes import check_fit, read_shape
from .door import Randomness, Stop, is_batch, open_text, uniform_rows
from .drafter import Opening
from .generation import Generation
from .lengths import Lengths, Pace, constant
from .model_drafter import as_source
from .placing import placing
from .processors import opener
from .rounds import Decoder, play_round
from .sampling import session_warp
from .text import Text
from .turns import OnTokens, take_turns

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
    gamma: int | Lengths | None = None,
    shape: AnyShape | str | None = None,
    rule: str | rules.Verify = "token",
    max_new_tokens: int = 128,
    temperature: float = 1.0,
    top_k: int = 0,
    top_p: float = 1.0,
    processors: Any = None,
    eos: int | Sequence[int] | None = None,
    stop: Stop = (),
    rng: Randomness = None,
    uniforms: npt.ArrayLike | None = None,
    keep_plans: bool = False,
    logprobs: bool = False,
    on_tokens: OnTokens = lambda row, ids, done: None,
) -> Generation | list[Generation]:
    """Continue a prompt with the target's own law, at the pace of drafted chains or trees.

    target: any model of `specsim.models`. draft: any model over the same tokens, or a way of drafting without
        one, such as `prompt_lookup()` (see `specsim.decode.drafter`).
    prompt: token ids, or a text, or messages {"role": ..., "content": ...} of a chat, if the target has a
        tokenizer; for an encoder-decoder model the source. Or a list of several such, which are decoded side
        by side, each at its own pace, into a list.
    gamma: tokens drafted per round, by default 5, or a policy that decides it round by round, such as
        `lengths.schedule()` (see `specsim.decode.lengths`). shape: instead, a tree, as of `specsim.core`, or
        a text such as "tree:3,2:distinct" (see `specsim.shapes`). Drafts are less deep where the limit is
        near: no token is drafted that cannot be used.
    rule: the name of a rule, or a function (target laws (B, n + 1, V), Draft of n tokens) -> Plan. Rules
        check the laws that they are shown, those that come from networks alone in the first round only.
    temperature, top_k, top_p: one `warp` for both models.
    processors: a function (ids (1, t), logits (1, V)) -> logits in torch, such as a `LogitsProcessorList` of
        transformers, for both models, at every token before it is warped (see `specsim.decode.processors`).
        Or a `GenerationConfig`, read as transformers reads it: its processors, temperature, top_k (50 unless
        it says otherwise), top_p and do_sample count, and not what it says of lengths and ends. Of several
        prompts, also a list of functions, one for each.
    eos: ids that end the text, by default the target's own; () for none.
    stop: a text, or several, that end the text as soon as one stands in it, cut off there exactly, also where
        tokens do not begin or end with it (see `Generation`). Or a function (ids (1, t) in torch, None) ->
        bool, asked after every token, such as a `StoppingCriteriaList` of transformers.
    rng: a seed or a generator. It gives each round one row of n + 2 uniforms, n being the most that a round
        drafts: for the drafted tokens in order, then two for `draw`; a round that drafts fewer leaves the
        last ones unused. Of several prompts, number i has the generator default_rng([seed, i]), or number i
        that the generator spawns; or a list gives each its own seed, with which it is the text that it is
        alone.
    uniforms: (rounds, n + 2), these rows, given; of several prompts, a list of such. A draft that is itself
        decoded speculatively takes more of them per drafted token (see `hierarchical`).
    keep_plans: keep each round's stop law. logprobs: the target's log-probability of each added token.
    on_tokens: called after each round, to stream, with the number of a text, the ids that have joined it, and
        its `Round`.
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
    source = as_source(draft)
    models = (target, *source.models(target))
    texts = [open_text(models, one, max_new_tokens, eos, stop) for one in (prompt if batch else [prompt])]
    verify, (full, policy) = rules.find(rule), _drafts(gamma, shape)
    check_fit(verify, full)
    warped, place = session_warp(temperature, top_k, top_p), placing(models)
    opened = opener(target, texts, warped, processors)
    reader = opened(target)
    drafter = source.drafter(Opening(target, full, len(texts), place, opened))
    width = len(full.parent) * drafter.each + 2
    rows = uniform_rows(rng, uniforms, width, len(texts) if batch else None)
    later = verify
    if all(hasattr(model, "session") for model in models):
        later = getattr(verify, "kernel", verify)  # a softmax is a law, or none from the start
    decoder = Decoder(reader, drafter, full, place, policy.looks, keep_plans, logprobs)
    _play(decoder, texts, [policy.pace() for _ in texts], rows, verify, later, on_tokens)
    made = [text.generation(getattr(target, "tokenizer", None)) for text in texts]
    return made if batch else made[0]


def _play(
    decoder: Decoder,
    texts: Sequence[Text],
    paces: Sequence[Pace],
    uniforms: Sequence[Iterator[np.ndarray]],
    verify: rules.Verify,
    later: rules.Verify,
    on_tokens: OnTokens,
) -> None:
    """Rounds for all texts until each has ended; later: how to verify from the second round on."""

    def play(active: list[int], rows: np.ndarray) -> None:
        decide = later if texts[active[0]].rounds else verify
        play_round(decoder, [texts[i] for i in active], [paces[i] for i in active], rows, decide)

    take_turns(texts, uniforms, play, decoder.select, on_tokens)


def _drafts(gamma: int | Lengths | None, shape: AnyShape | str | None) -> tuple[Shape, Lengths]:
    """The largest draft, and how deep drafts are within it."""
    if shape is None:
        policy = gamma if isinstance(gamma, Lengths) else constant(5 if gamma is None else gamma)
        return Shape(chain(policy.most)), policy
    if gamma is not None:
        raise ValueError(f"pass gamma, for a chain, or a shape, not both; got {gamma} and {shape}")
    full = as_shape(read_shape(shape) if isinstance(shape, str) else shape)
    return full, constant(max(1, height(full)))
