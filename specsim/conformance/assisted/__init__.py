"""Assisted generation of the installed transformers release, end to end: is it exact?

Tiny random models, `generate` unmodified, and the exact law of what comes out, against the target's own laws
taken in float64. Total variations of some 1e-7 are float32: plain sampling shows the same.

    SETTINGS          the ways to ask for assistance that are walked
    check_setting     the report on one of them
    check_rule        the report on the acceptance rule alone, in a precision
    causal_logits     logits in passes of several widths, for specsim.conformance.state.divergence

What is known to differ in 5.23: `rand <= ratio` keeps a token of target probability 0 where the coin is 0,
once in 2^24 in float32, 2^12 in float16 and 2^9 in bfloat16; a residual that rounds to nothing raises an
error; with two tokenizers the draft's laws are read in the order of ids, but stand in that of `get_vocab()`.
"""

from .rule import PRECISIONS, check_rule
from .settings import SETTINGS, Setting
from .walked import check_setting
from .widths import causal_logits

__all__ = ["PRECISIONS", "SETTINGS", "Setting", "causal_logits", "check_rule", "check_setting"]
