"""Monte Carlo of single rounds: what comes out of one round that begins after a given context?

>>> from specsim.core import chain
>>> from specsim.models import load_pair
>>> result = run("token", load_pair("bernoulli"), chain(2), rounds=10_000, rng=7)
>>> result.tokens_per_round.agrees(1 + 2 / 3 + (2 / 3) ** 2)       # overlap 2/3 at every position
True
>>> result.counts.tolist(), result.emitted[(1, 1, 1)]
([0, 3331, 2183, 4486], 740)
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from specsim.core import height
from specsim.core.draft import AnyShape

from .estimates import Estimate, HasTokensPerRound, mean_of_counts, share
from .plan_table import affordable, plan_table
from .playing import at_once, chunks, depths, play, rehearse
from .setting import AnyRule, Setting, generator, progress_bar, setting, whole

Play = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""Uniforms (B, n + 2) to the last kept node (B,) and the emitted tokens (B, height + 1)."""

DISTINCT = 2**16
"""The largest number of different emissions, (V + 1)^(height + 1), that are counted one by one."""


@dataclass(frozen=True, eq=False)
class Rounds(HasTokensPerRound):
    """What came out of independent rounds.

    counts: (height + 2,) counts[m] rounds emitted m tokens. emitted: how often each tuple of tokens came out,
    None where the vocabulary is too large to list them.
    """

    counts: np.ndarray
    emitted: dict[tuple[int, ...], int] | None

    @property
    def rounds(self) -> int:
        """Number of rounds."""
        return int(self.counts.sum())

    @cached_property
    def tokens_per_round(self) -> Estimate:  # type: ignore[override]
        """Mean number of emitted tokens, the extra one included."""
        return mean_of_counts(self.counts)

    @cached_property
    def acceptance(self) -> tuple[Estimate, ...]:
        """For each drafted position, the chance that it is kept where the position before it was."""
        at_least = self.counts[::-1].cumsum()[::-1]
        return tuple(share(int(kept), int(tried)) for tried, kept in pairwise(at_least[1:]))


def run(
    rule: AnyRule,
    pair: Any,
    shape: AnyShape,
    *,
    rounds: int,
    rng: np.random.Generator | int,
    context: Sequence[int] = (),
    backend: str = "numpy",
    progress: bool | None = None,
) -> Rounds:
    """Simulate independent rounds, each after the same context: draft, verify, draw.

    rule: a rule, its name, or a function (target, draft) -> Plan. pair: any object with models `.target` and
    `.draft`. shape: of the draft, such as chain(4). rng: a generator or a seed; round i uses row i of
    rng.random((rounds, n + 2)), whatever the backend: one uniform per drafted node, two for the draw.
    context: tokens before the round. backend: "numpy" or "torch", the library that verifies and draws.
    progress: show a bar; by default on terminals only, after two seconds.
    Raises ValueError for arguments that will not do, before any random number is used.

    >>> from specsim.models import load_pair
    >>> run("block", load_pair("toy"), (0, 1), rounds=1000, rng=1).tokens_per_round
    Estimate(mean=2.254, standard_error=0.0278...)
    """
    known, rounds, rng = setting(rule, pair, shape, context, backend), whole(rounds, "rounds"), generator(rng)
    rehearse(known)
    nodes, tally = np.zeros(len(known.shape.parent) + 1, np.int64), _Tally(known)
    player, size = _player(known, rounds)
    with progress_bar(rounds, "round", progress) as bar:
        for _, count in chunks(rounds, size):
            node, tokens = player(rng.random((count, len(nodes) + 1)))
            nodes += np.bincount(node, minlength=len(nodes))
            tally.add(tokens)
            bar.update(count)
    counts = np.bincount(depths(known.shape) + 1, nodes, minlength=height(known.shape) + 2)
    return Rounds(counts.astype(np.int64), tally.found())


def _player(known: Setting, rounds: int) -> tuple[Play, int]:
    """How rounds are played, and how many at once to stay within the processor's cache."""
    shape = known.shape
    if affordable(known, shape, 1, rounds):
        table = plan_table(known, shape, [known.context])
        return lambda u: table(known.convert(np.zeros(len(u), np.int64)), known.convert(u)), 2**14
    return lambda u: play(known, shape, np.repeat(known.context, len(u), axis=0), u), at_once(known, shape)


class _Tally:
    """Counts of emissions, numbered by their tokens plus 1 as digits to the base V + 1."""

    def __init__(self, known: Setting) -> None:
        self._base, self._length = known.vocabulary + 1, height(known.shape) + 1
        size = self._base**self._length
        self._powers = self._base ** np.arange(self._length)[::-1] if size <= DISTINCT else None
        self._counts = np.zeros(size if size <= DISTINCT else 0, np.int64)

    def add(self, tokens: np.ndarray) -> None:
        if self._powers is not None:
            self._counts += np.bincount((tokens + 1) @ self._powers, minlength=len(self._counts))

    def found(self) -> dict[tuple[int, ...], int] | None:
        if self._powers is None:
            return None
        seen = np.flatnonzero(self._counts)
        digits = seen[:, None] // self._powers % self._base
        return {
            tuple(int(token) - 1 for token in row if token): int(count)
            for row, count in zip(digits, self._counts[seen])
        }
