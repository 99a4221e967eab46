"""Is this decoder exact? The exact law of foreign code, compared with the target's, and what is wrong if not.

    check                     a verifier: chain, batch or tree; the completed law over several rounds
    check_generator           a whole generator, by its exact law where it can be walked, else by sampling
    check_generator_exactly   the first of these alone
    check_writer              a decoder with networks of its own, by the exact law of all its texts
    check_state               a generator with its options: seeds, batches, second calls, log-probabilities
    check_drafter             is the declared draft law the one that is drawn from?
    check_injected            a compiled kernel that takes its uniforms as arguments
    check_any                 whichever of these fits
    exact_law                 the law of what any function returns, its random numbers decided one by one
    GALLERY                   decoders that are wrong in known ways, and some that are right

A verifier is handed laws, drafted tokens and a source of randomness, and returns the tokens that it emits:

>>> import numpy as np
>>> def verify(target, draft, tokens, rng):
...     for i, x in enumerate(tokens):
...         if rng.random() * draft[i, x] >= target[i, x]:
...             return [*tokens[:i], rng.choice(len(target[i]), p=target[i])]
...     return [*tokens, rng.choice(len(target[-1]), p=target[-1])]
>>> from specsim import conformance
>>> report = conformance.check(verify, search=False)
>>> report.verdict, report.diagnosis.words
('lossy', 'After a rejection the token is drawn from the target itself: the draft is not subtracted.')

Everything is loaded when it is first used; torch and hypothesis only where they are needed.
"""

from importlib import import_module
from typing import Any

_WHERE = {
    "checking": ("check",),
    "generations": ("check_generator_exactly",),
    "comparing": ("compare",),
    "report": ("KINDS", "Counterexample", "Diagnosis", "Report"),
    "engine": ("Crash", "Law", "Unsupported", "exact_law", "numpy_rng", "torch_rng"),
    "sequential": ("EProcess",),
    "two_sample": ("SwapTest",),
    "generator": ("check_generator",),
    "writers": ("check_writer",),
    "drafter": ("check_drafter",),
    "inject": ("check_injected",),
    "state": ("check_state",),
    "front": ("check_any",),
    "gallery": ("GALLERY", "Exhibit"),
}
_HOME = {name: home for home, names in _WHERE.items() for name in names}

__all__ = [
    "Counterexample",
    "Crash",
    "Diagnosis",
    "EProcess",
    "Exhibit",
    "GALLERY",
    "KINDS",
    "Law",
    "Report",
    "SwapTest",
    "Unsupported",
    "check",
    "check_any",
    "check_drafter",
    "check_generator",
    "check_generator_exactly",
    "check_injected",
    "check_state",
    "check_writer",
    "compare",
    "exact_law",
    "numpy_rng",
    "torch_rng",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f".{_HOME[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
