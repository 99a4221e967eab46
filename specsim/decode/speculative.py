"""Speculative decoding: draft a few tokens, verify them in one pass of the target, emit, repeat.

`generate` opens the door and lets its texts play rounds (`rounds`) until each has ended. The same uniforms
give the same tokens as the core composed by hand.
"""

from collections.abc import Iterator, Sequence
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from ..core import rules
from ..core.draft import AnyShape, Shape, as_shape, chain
from ..models.sessions import session
from ..shapes import check_fit, read_shape
from .door import Randomness, is_batch, open_text, uniform_rows, whole
from .drafter import ModelDrafter
from .generation import Generation
from .placing import placing
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
    eos: int | Sequence[int] | None = None,
    rng: Randomness = None,
    uniforms: npt.ArrayLike | None = None,
    keep_plans: bool = False,
) -> Generation | list[Generation]:
    """Continue a prompt with the target's own law, at the pace of drafted chains or trees.

    target, draft: any models of `specsim.models` over the same tokens.
    prompt: token ids, or a text if the target has a tokenizer; or a list of several such, which are decoded
        side by side, each at its own pace, into a list.
    gamma: tokens drafted per round, by default 5. shape: instead, a tree, as of `specsim.core`, or a
        text such as "tree:3,2:distinct" (see `specsim.shapes`). Drafts are less deep where the limit is near:
        no token is drafted that cannot be used.
    rule: the name of a rule, or a function (target laws (B, n + 1, V), Draft of n tokens) -> Plan. Rules
        check the laws that they are shown, those of two networks in the first round only.
    temperature, top_k, top_p: one `warp` for both models.
    eos: ids that end the text, by default the target's own; () for none.
    rng: a seed or a generator. It gives each round one row of n + 2 uniforms: for the drafted tokens in
        order, then two for `draw`; a round that drafts fewer leaves the last ones unused. Of several prompts,
        number i has the generator default_rng([seed, i]), or number i that the generator spawns.
    uniforms: (rounds, n + 2), these rows, given; of several prompts, a list of such.
    keep_plans: keep each round's stop law.
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
    texts = [open_text((target, draft), one, max_new_tokens, eos) for one in (prompt if batch else [prompt])]
    verify, full = rules.find(rule), _shape(gamma, shape)
    check_fit(verify, full)
    warped, place = session_warp(temperature, top_k, top_p), placing((target, draft))
    rows = uniform_rows(rng, uniforms, len(full.parent) + 2, len(texts) if batch else None)
    reader, drafter = session(target, warped, len(texts)), ModelDrafter(draft, warped, len(texts), place)
    networks = all(hasattr(model, "session") for model in (target, draft))
    later = (
        getattr(verify, "kernel", verify) if networks else verify
    )  # a softmax is a law, or none from the start
    _play(Decoder(reader, drafter, full, place, keep_plans), texts, rows, verify, later)
    made = [text.generation(getattr(target, "tokenizer", None)) for text in texts]
    return made if batch else made[0]


def _play(
    decoder: Decoder,
    texts: Sequence[Text],
    uniforms: Sequence[Iterator[np.ndarray]],
    verify: rules.Verify,
    later: rules.Verify,
) -> None:
    """Rounds for all texts until each has ended; later: how to verify from the second round on."""
    active = list(range(len(texts)))
    while active:
        play_round(decoder, [texts[i] for i in active], np.stack([next(uniforms[i]) for i in active]), verify)
        verify = later
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
