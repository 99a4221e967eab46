"""Ask a drafter that is no model what it would draft before every token of a text.

A model's laws along a text come from one pass over it. A look-up, or whatever else drafts, is led along the
text instead: it is shown one token more each time, proposes, and is told that nothing of it was kept. Where
it chose its tokens, each proposal stands for itself; where it drew them, the law of the first one counts.
"""

from typing import Any

import numpy as np

from ..core import chain
from ..core.draft import Draft, Shape
from ..decode.drafter import Opening, Source
from ..decode.text import Text as Growing
from ..models import session
from ..models.texts import Text


def ask(
    source: Source, model: Any, text: Text, count: int, warped: Any, gamma: int
) -> tuple[np.ndarray, list[list[int]] | None]:
    """The laws (count, V) of the first token that a source proposes before each of the last tokens of a text.

    Zeros where it proposes nothing. If it chose all its tokens, also what it proposes, else None.
    model: the target. warped: from logits to laws. gamma: how many tokens to ask for.
    """
    proposals = _led(source, model, text, count, warped, gamma)
    laws = np.zeros((count, model.vocab_size), np.float32)
    for row, proposal in zip(laws, proposals):
        if proposal is not None:
            row[:] = proposal.laws[0, 0]
    if any(one is not None and bool((one.laws.max(axis=-1) != 1).any()) for one in proposals):
        return laws, None
    return laws, [[] if one is None else one.tokens[0].tolist() for one in proposals]


def _led(source: Source, model: Any, text: Text, count: int, warped: Any, gamma: int) -> list[Draft | None]:
    """What is proposed before each of the last `count` tokens; None: nothing."""
    shape, ids = Shape(chain(gamma)), text.tokens.tolist()
    drafter: Any = source.drafter(Opening(model, shape, 1, np.asarray, lambda one: session(one, warped)))
    growing = Growing(ids[:-count], len(ids) + gamma + 1, "length", ())
    uniforms, found = np.full((1, gamma * drafter.each), 0.5), list[Draft | None]()
    for token in ids[-count:]:
        depth = min(gamma, *drafter.most([growing], [gamma]))
        if depth:
            found.append(drafter.propose([growing], Shape(chain(depth)), None, uniforms))
            drafter.settle([()])
        else:
            found.append(None)
        growing.append([token])
    return found
