"""The exact law of foreign code: its random numbers are decided one by one, so that nothing is estimated.

    exact_law(fn)    the law of fn(), by walking all its runs (walk.py, symbols.py)
    numpy_rng()      a generator for use inside fn; torch_rng() likewise
    Law, Crash       the law; a crash is an outcome with a chance
    Unsupported      what cannot be seen exactly is refused, never guessed
    audit()          whether the libraries' own draws are what is taken for granted here

>>> exact_law(lambda: [int(token) for token in numpy_rng().choice(2, size=2, p=[0.25, 0.75])]).chances[1, 1]
0.5625
"""

from .audit import Audit, Finding, audit
from .law import Crash, Law, Unsupported, freeze
from .replay import exact_law, numpy_rng, torch_rng

__all__ = [
    "Audit",
    "Crash",
    "Finding",
    "Law",
    "Unsupported",
    "audit",
    "exact_law",
    "freeze",
    "numpy_rng",
    "torch_rng",
]
