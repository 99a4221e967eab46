"""A verifier that can be called, and no more: rounds with real random numbers, until something is clear.

>>> from specsim.conformance.gallery import GALLERY
>>> print(check_rounds(GALLERY["M15"].run, max_tokens=2000).diagnosis.words)
The token after a fully kept draft comes from the draft.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from .generator import verdict
from .playing import RandomRows, random_rows
from .report import Diagnosis, Report
from .rows import emitted
from .sequential import EProcess

CASES = 16
"""Sets of laws that are taken in turn."""


def check_rounds(
    verify: Callable[..., Any],
    *,
    gamma: int = 2,
    vocab: int = 8,
    max_tokens: int = 20_000,
    alpha: float = 1e-6,
    tolerance: float = 0.0,
    seed: int = 0,
) -> Report:
    """The verdict on verify(target, draft, tokens, rng) by sampling: "lossy", or "unknown" and what was seen.

    gamma, vocab: drafted tokens, and size of the vocabulary. max_tokens, alpha, tolerance: as for
    `check_generator`. seed: of the laws, the drafts and the generator that is handed on.
    """
    rng, test = np.random.default_rng(seed), EProcess(alpha, tolerance=tolerance)
    cases = [random_rows(vocab, gamma, rng) for _ in range(CASES)]
    subject = getattr(verify, "__qualname__", type(verify).__name__)
    while test.tokens < max_tokens and not test.rejected:
        for rows in cases:
            try:
                test.update(_round(verify, rows, rng), rows.target, rows.draft)
            except Exception as crash:
                words = f"It raised {type(crash).__name__}: {crash}"
                fault = Diagnosis("crash", words, "Call it with these shapes by hand.")
                return Report("lossy", "sampled", diagnosis=fault, samples=test.tokens, subject=subject)
    return verdict(test, subject)


def _round(verify: Callable[..., Any], rows: RandomRows, rng: np.random.Generator) -> np.ndarray:
    tokens = [int(rng.choice(len(row), p=row)) for row in rows.draft]
    return emitted(verify(np.array(rows.target), np.array(rows.draft), tokens, rng))
