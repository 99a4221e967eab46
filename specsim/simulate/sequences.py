"""Monte Carlo of whole sequences: every round begins where the one before it ended.

Rounds of one sequence are not independent: where one stops decides where the next begins. Sequences are, so
standard errors are taken over sequences, and tokens per round is a ratio of two means (see `estimates`).

>>> from specsim.core import chain
>>> from specsim.models import load_pair
>>> result = sequences("token", load_pair("toy"), chain(10), length=10, sequences=5000, rng=7)
>>> result.rejections_per_sequence.agrees(10 * 0.3)        # total variation 0.3 at each of 10 positions
True
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from specsim.core.draft import AnyShape

from .batches import BEYOND, Batches
from .estimates import Estimate, HasTokensPerRound, mean_of, ratio_of
from .playing import chunks, rehearse
from .setting import AnyRule, generator, progress_bar, setting, whole
from .streams import Streams


@dataclass(frozen=True, eq=False)
class Sequences(HasTokensPerRound):
    """What became of independent sequences; entry i of each array is about sequence i.

    length: tokens per sequence. rounds: (S,) rounds, which are calls of the target. rejections: (S,) rounds
    that rejected a token within the length: they stopped before the end of their draft. emitted: (S,) tokens
    that count: `length`, less without the warm-up, more where drafts may go beyond it. tokens: (S, length),
    or None if they were not to be kept.
    """

    length: int
    rounds: np.ndarray
    rejections: np.ndarray
    emitted: np.ndarray
    tokens: np.ndarray | None

    @cached_property
    def tokens_per_round(self) -> Estimate:  # type: ignore[override]
        """Emitted tokens over rounds, all sequences together."""
        return ratio_of(self.emitted, self.rounds)

    @cached_property
    def rounds_per_sequence(self) -> Estimate:
        """Mean number of rounds, that is of target calls, of a sequence."""
        return mean_of(self.rounds)

    @cached_property
    def rejections_per_sequence(self) -> Estimate:
        """Mean number of rejections in a sequence."""
        return mean_of(self.rejections)


def sequences(
    rule: AnyRule,
    pair: Any,
    shape: AnyShape,
    *,
    length: int,
    sequences: int,
    rng: np.random.Generator | int,
    context: Sequence[int] = (),
    last_draft: str = "at",
    warm_up: int = 0,
    keep: bool = False,
    backend: str = "numpy",
    progress: bool | None = None,
) -> Sequences:
    """Simulate whole sequences of `length` tokens after a context.

    rule, pair, shape, context, backend, progress: as in `run`. keep: return the tokens. rng: a generator or a
    seed; sequence i is the same however many are simulated beside it (see `streams` for its uniforms).
    last_draft: how far the last drafts may reach.
      "at": to the last token, so that each position is tested (the horizon of Yin et al. 2024, Theorem 1).
      "before": to the last but one, which is enough since one more token follows; decoders do this.
      "beyond": never shortened; what is too much is cut off the sequence, but counts as emitted.
    warm_up: leave out what happens before this many tokens: rounds count if they begin later, and `emitted`
    is the number of tokens from there to the end. With last_draft="beyond" and a warm-up long enough to
    forget the context, `tokens_per_round` is the long-run mean: rounds then begin at a steady rate per token.
    Raises ValueError for arguments that will not do, before any random number is used.

    >>> from specsim.models import load_pair
    >>> sequences("block", load_pair("regimes"), (0, 1, 2), length=5, sequences=2, rng=1, keep=True).tokens
    array([[...]], dtype=int32)
    """
    known, generator_ = setting(rule, pair, shape, context, backend), generator(rng)
    length, count = whole(length, "length"), whole(sequences, "sequences")
    if last_draft not in BEYOND:
        raise ValueError(f"last_draft must be one of {', '.join(BEYOND)}, got {last_draft!r}")
    if not 0 <= warm_up < length:
        raise ValueError(f"warm_up must lie in 0..{length - 1}, below the length, got {warm_up}")
    rehearse(known)
    batches, streams = Batches(known, length, count, last_draft), Streams(generator_)
    at_once = max(1, min(2**13, 2**24 // length))
    with progress_bar(length * count, "token", progress) as bar:
        parts = [batches.play(first, size, warm_up, streams, bar) for first, size in chunks(count, at_once)]
    rounds, rejections, reached, tokens = (np.concatenate(columns) for columns in zip(*parts))
    if warm_up or last_draft != "beyond":
        reached = np.full(count, length)
    return Sequences(length, rounds, rejections, reached - warm_up, tokens if keep else None)
