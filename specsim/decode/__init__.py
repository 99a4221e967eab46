"""Decoding with real models: the loop, the sampling transforms, when to stop.

    generate          speculative decoding, by chains or trees, of one text or of several side by side
    prompt_lookup     a draft without a model: what followed the last tokens before
    early_exit        a draft that is the target's own first layers
    hierarchical      a draft that is itself decoded speculatively
    string_match      a draft by a model with other tokens, matched by its text
    lengths           how many tokens to draft: policies that decide it round by round
    autoregressive    plain decoding with the same sampling, the baseline
    warp              temperature, top-k and top-p as a function from logits to laws
    drop_in, marks    the same from within transformers; who wrote which token

>>> from specsim.models import load_pair
>>> pair = load_pair("toy")
>>> made = generate(pair.target, pair.draft, [0], gamma=2, rule="block", max_new_tokens=6, rng=1)
>>> len(made.tokens), made.stopped
(6, 'length')
"""

from .early_exit import early_exit
from .generation import Generation, Round
from .hierarchical import hierarchical
from .lookup import prompt_lookup
from .plain import autoregressive
from .sampling import warp
from .speculative import generate
from .string_match import string_match

__all__ = [
    "Generation",
    "Round",
    "autoregressive",
    "early_exit",
    "generate",
    "hierarchical",
    "prompt_lookup",
    "string_match",
    "warp",
]
