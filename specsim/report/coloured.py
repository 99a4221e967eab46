"""A decoded text as HTML, coloured by who wrote what: the draft, or the target.

>>> from specsim.decode.generation import Generation, Round
>>> made = Generation((9,), (1, 2, 3), (Round(2, 1, 2, 0, 0, 0), Round(0, 0, 1, 0, 0, 0)), "length", 1.0)
>>> print(coloured(made, None))                                         # doctest: +ELLIPSIS
<p style="...">...<span style="color:#009E73" title="accepted">1</span>...</p>

In a notebook: `IPython.display.HTML(coloured(made, pair.tokenizer))`.

Leviathan et al. 2023 (2211.17192), Figure 1.
"""

import html
from collections import Counter
from typing import Any

from ..decode.generation import Generation
from ..decode.marks import Kind, kinds, pieces
from .style import COLOURS

SHOWN: dict[Kind, tuple[str, str]] = {
    "accepted": ("color", COLOURS[2]),
    "corrected": ("background", "#cfe8f7"),
    "bonus": ("background", "#f6dcea"),
    "undrafted": ("background", "#e8e8e8"),
}
"""How each kind of text looks: drafted text has the colour of its type, the target's own stands out."""


def coloured(made: Generation, tokenizer: Any) -> str:
    """A paragraph of HTML: the prompt, the text by kinds, and a legend with the number of tokens of each.

    tokenizer: the target's; None for token ids.
    """
    ids = list(made.prompt)
    prompt = " ".join(map(str, ids)) + " " if tokenizer is None else tokenizer.decode(ids)
    text = "".join(_span(kind, words) for kind, words in pieces(made, tokenizer))
    counts = Counter(kind for one in made.rounds for kind in kinds(one))
    legend = ", ".join(f"{counts[kind]} {_span(kind, kind)}" for kind in SHOWN if counts[kind])
    return (
        f'<p style="white-space:pre-wrap"><span style="color:#777">{html.escape(prompt)}</span>{text}</p>'
        f"<p><small>{legend}; {made.tokens_per_round:.2f} tokens per round</small></p>"
    )


def _span(kind: Kind, words: str) -> str:
    what, colour = SHOWN[kind]
    return f'<span style="{what}:{colour}" title="{kind}">{html.escape(words)}</span>'
