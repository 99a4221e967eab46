"""Where next-token laws come from.

A *model* is a callable from integer tokens (B, t) to next-token laws (B, V), with the attributes
`vocab_size`, `order` (how many of the last tokens the law depends on; None: all of them) and
`homogeneous` (the law is the same at every position). The empty context, t = 0, is a context like any
other, except to transformers.

    iid, markov, table      laws that are written down, in floats or fractions
    ngram                   counted from text
    load                    language models of `transformers`, causal or encoder-decoder
    session                 any of these with a memory: extend, settle, rewind
    Pair, load_pair         a target with its draft

>>> import numpy as np
>>> model = ngram.train([[0, 1, 0, 1, 1]], vocab_size=2, order=2)
>>> model(np.array([[0], [1]])).shape
(2, 2)
"""

from . import ngram
from .networks import load
from .pairs import Pair, load_pair, pair_names
from .sessions import Session, session
from .tables import iid, markov, table

__all__ = [
    "Pair",
    "Session",
    "iid",
    "load",
    "load_pair",
    "markov",
    "ngram",
    "pair_names",
    "session",
    "table",
]
