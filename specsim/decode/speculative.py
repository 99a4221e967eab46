"""Speculative decoding of one text: draft a few tokens, verify them in one pass of the target, emit, repeat.

One round, for a text of L tokens of which the target has read L - 1:

    draft    gamma times: the draft reads what it has not read yet, its law is inverted at one uniform
    verify   the target reads the last token and the drafted ones: gamma + 1 laws from one pass
    decide   the rule turns both into a plan, two uniforms draw from it (kept, next token)
    emit     the kept tokens and the next one join the text
    rewind   both sessions forget what did not; the emitted token is read with the next block

The draft never reads its own last token before it is needed: after full acceptance it reads two at once.
Tokens come to the host once per round. The same uniforms give the same tokens as the core composed by hand.
"""

from collections.abc import Sequence
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core import rules
from ..core.arrays import namespace
from ..core.plan import draw
from ..models.sessions import Session, session
from .door import Randomness, open_text, uniform_rows, whole
from .drafter import ModelDrafter
from .generation import Generation, Round
from .sampling import session_warp
from .text import Text


def generate(
    target: Any,
    draft: Any,
    prompt: str | Sequence[int] | npt.NDArray[np.integer],
    *,
    gamma: int = 5,
    rule: str | rules.Verify = "token",
    max_new_tokens: int = 128,
    temperature: float = 1.0,
    top_k: int = 0,
    top_p: float = 1.0,
    eos: int | Sequence[int] | None = None,
    rng: Randomness = None,
    uniforms: npt.ArrayLike | None = None,
    keep_plans: bool = False,
) -> Generation:
    """Continue a prompt with the target's own law, at the pace of drafted blocks.

    target, draft: any models of `specsim.models` over the same tokens.
    prompt: token ids, or a text if the target has a tokenizer.
    gamma: tokens drafted per round; fewer where the limit is near, never more than can be used.
    rule: the name of a rule, or a function (target laws (1, n + 1, V), Draft of n <= gamma tokens) -> Plan.
    temperature, top_k, top_p: one `warp` for both models.
    eos: ids that end the text, by default the target's own; () for none.
    rng: a seed or a generator. It gives each round one row of gamma + 2 uniforms: for the drafted tokens in
        order, then two for `draw`; a round that drafts fewer leaves the last ones unused.
    uniforms: (rounds, gamma + 2), these rows, given.
    keep_plans: keep each round's stop law.
    Raises ValueError where models, prompt and settings do not fit, and for laws that are none.

    >>> from specsim.models import load_pair
    >>> pair = load_pair("toy")
    >>> made = generate(pair.target, pair.draft, [0], gamma=3, max_new_tokens=8, rng=7)
    >>> made.tokens, [one.kept for one in made.rounds], made.stopped
    ((0, 2, 0, 2, 0, 0, 1, 1), [0, 3, 0, 1], 'length')

    Leviathan et al. 2023 (2211.17192), Algorithm 1, with any rule in place of theirs.
    """
    text = open_text((target, draft), prompt, max_new_tokens, eos)
    verify, warped = rules.find(rule), session_warp(temperature, top_k, top_p)
    rows = uniform_rows(rng, uniforms, whole(gamma, "gamma") + 2)
    reader, drafter = session(target, warped), ModelDrafter(draft, warped)
    rounds = []
    while text.stopped is None:
        size = min(gamma, text.room - 1, drafter.most(text.length))
        rounds.append(play_round(text, reader, drafter, size, verify, next(rows), keep_plans))
    return text.generation(rounds, getattr(target, "tokenizer", None))


def play_round(
    text: Text,
    reader: Session,
    drafter: ModelDrafter,
    size: int,
    verify: rules.Verify,
    uniforms: np.ndarray,
    keep_plans: bool,
) -> Round:
    """One round with `size` drafted tokens, on the first size + 2 of the uniforms (1, gamma + 2)."""
    start, begin = perf_counter(), text.length
    placed = text.place(uniforms)
    proposal = drafter.propose(text, size, placed)
    drafted = perf_counter()
    laws = reader.extend(text.tokens[:, reader.length : begin + size], keep=size + 1)
    plan = verify(laws, proposal)
    node, token = draw(plan, placed[:, size : size + 2])
    found = namespace(node).concat([node, token, proposal.tokens[0]])
    kept, last, *ids = found.tolist()  # the only wait for a device
    verified = perf_counter()
    text.tokens[:, begin + kept] = token
    emitted = text.append([*ids[:kept], last])
    reader.rewind(text.length - 1)
    drafter.rewind(text.length - 1)
    stop = np.asarray(plan.stop.tolist()[0]) if keep_plans else None
    other = perf_counter() - verified
    return Round(size, kept, emitted, drafted - start, verified - drafted, other, stop)
