"""Bets that are learned from the tokens seen so far: by bins of a score, and token by token.

Neither knows of any mistake. What they stake next depends on the past alone, so that they too expect the
factor 1 where the target's law holds.
"""

from typing import Any

import numpy as np

from .bets import Place, at, damped
from .measures import Rows, Seen

SCORES = ("target / draft", "target", "target / target before", "place in the vocabulary")
"""What tokens are lined up by."""


class Binned:
    """Bets on bins of a score, separately for drafted positions and for the bonus.

    Tokens are lined up by score, each as long as its probability; the line is cut into BINS equal parts. A
    token across a cut counts in part. Learned: the chance of each bin, (came + prior) / (seen + BINS prior).
    """

    BINS, PRIORS = 8, np.array([1.0, 30.0])

    def __init__(self, runs: int, slack: float) -> None:
        self.slack = slack
        self.names = tuple(name for name in SCORES for _ in self.PRIORS)
        self.log = np.zeros((len(SCORES), len(self.PRIORS), runs))
        self.seen = np.zeros((len(SCORES), 2, runs, self.BINS))

    def strategies(self) -> Rows:
        """Log wealth (strategies, R)."""
        return self.log.reshape(-1, self.log.shape[-1])

    def play(self, seen: Seen, token: np.ndarray, place: Place | None, active: np.ndarray) -> None:
        """Bet, see the token (R,), settle for the active texts and learn."""
        group = _group(place)
        for number, score in enumerate(_scores(seen)):
            if score is None:
                continue
            inside = _inside(seen.target, score, token, self.BINS)
            counts = self.seen[number, group]
            learned = counts + self.PRIORS[:, None, None]
            ratio = self.BINS * (inside * learned / learned.sum(-1, keepdims=True)).sum(-1)
            self.log[number] += np.where(active, np.log(damped(ratio, self.slack)), 0)
            counts += np.where(active[:, None], inside, 0)

    def restart(self) -> None:
        """A new text begins; nothing to forget."""

    def state(self) -> dict[str, Any]:
        """What has to be saved, as arrays."""
        return {"log": self.log, "seen": self.seen}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a saved state."""
        self.log, self.seen = state["log"], state["seen"]


class Tilted:
    """Bets that tokens of high score come too often, or too rarely, at drafted positions or at the bonus.

    A token whose mass begins at u and ends at v on the line of `Binned` is worth 1 + tilt (u + v - 1). One
    number is all there is to find, so these are quicker than bins, and blind to what is not monotone.
    """

    TILTS = np.array([-0.9, -0.5, -0.25, 0.25, 0.5, 0.9])

    def __init__(self, runs: int, slack: float) -> None:
        self.slack = slack
        self.log = np.zeros((len(SCORES), 2, len(self.TILTS), runs))
        self.names = tuple(f"{name}, tilted" for name in SCORES for _ in range(2 * len(self.TILTS)))

    def strategies(self) -> Rows:
        """Log wealth (strategies, R)."""
        return self.log.reshape(-1, self.log.shape[-1])

    def play(self, seen: Seen, token: np.ndarray, place: Place | None, active: np.ndarray) -> None:
        """Bet, see the token (R,), settle for the active texts."""
        for number, score in enumerate(_scores(seen)):
            if score is not None:
                start, width = _stretch(seen.target, score, token)
                ratio = 1 + self.TILTS[:, None] * (2 * start + width - 1)
                self.log[number, _group(place)] += np.where(active, np.log(damped(ratio, self.slack)), 0)

    def restart(self) -> None:
        """A new text begins; nothing to forget."""

    def state(self) -> dict[str, Any]:
        """What has to be saved, as arrays."""
        return {"log": self.log}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a saved state."""
        self.log = state["log"]


def _group(place: Place | None) -> int:
    return int(place is not None and place.position == place.gamma)


def _scores(seen: Seen) -> tuple[Rows | None, ...]:
    target = seen.target
    ids = np.broadcast_to(np.arange(target.shape[-1]), target.shape)
    return _portion(target, seen.draft), target, _portion(target, seen.last_target), ids


def _portion(target: Rows, other: Rows | None) -> Rows | None:
    """target / (target + other), which orders tokens as target / other does."""
    if other is None:
        return None
    both = target + other
    return np.divide(target, both, out=np.zeros_like(both), where=both > 0)


def _stretch(target: Rows, score: Rows, token: np.ndarray) -> tuple[Rows, Rows]:
    """Where the token begins on the line of scores, and its width (R,); equal scores lie on top of each
    other."""
    mine = at(score, token)[:, None]
    below, same = (np.where(which, target, 0).sum(-1) for which in (score < mine, score == mine))
    return below, same


def _inside(target: Rows, score: Rows, token: np.ndarray, bins: int) -> Rows:
    """Which part of the token lies in each bin, (R, bins)."""
    start, width = _stretch(target, score, token)
    edges = np.arange(bins) / bins
    ends = np.append(edges[1:], 2.0)
    stop = start + width
    part = np.minimum(stop[:, None], ends) - np.maximum(start[:, None], edges)
    part = np.maximum(part, 0)
    total = part.sum(-1, keepdims=True)
    return np.divide(part, total, out=np.full_like(part, 1 / bins), where=total > 0)


class Blind:
    """Bets on tokens: how often each has come, relative to its expected number, per position of the round.

    With the same law every time this is the Dirichlet bet centred at the target: (count + c target) / (n +
    c). Ids share counters modulo SLOTS, positions beyond the seventh share theirs.
    """

    SLOTS, PLACES, CENTRES = 4096, 8, (1.0, 10.0, 100.0, 1000.0)

    def __init__(self, runs: int, vocabulary: int, slack: float) -> None:
        self.slack, self.width = slack, min(vocabulary, self.SLOTS)
        self.names = tuple(f"tokens, prior weight {centre:g}" for centre in self.CENTRES)
        self.log = np.zeros((len(self.CENTRES), runs))
        self.counts: dict[str, Rows] = {}

    def strategies(self) -> Rows:
        """Log wealth (strategies, R)."""
        return self.log

    def play(self, seen: Seen, token: np.ndarray, place: Place | None, active: np.ndarray) -> None:
        """Bet, see the token (R,), settle for the active texts and learn."""
        due = _folded(seen.target, self.width)
        came, expected = self._counters(0 if place is None else place.position)
        slot = token % self.width
        mean = (expected + due) / (expected + due).sum(-1, keepdims=True)
        for number, centre in enumerate(self.CENTRES):
            prior = centre * mean
            below = expected + prior
            weight = np.divide(came + prior, below, out=np.ones_like(below), where=below > 0)
            ratio = at(weight, slot) / (weight * due).sum(-1)
            self.log[number] += np.where(active, np.log(damped(ratio, self.slack)), 0)
        expected += np.where(active[:, None], due, 0)
        came[np.flatnonzero(active), slot[active]] += 1

    def _counters(self, position: int) -> Rows:
        """How often each slot came and how often it should have, (2, R, width)."""
        name = str(min(position, self.PLACES - 1))
        if name not in self.counts:
            self.counts[name] = np.zeros((2, self.log.shape[-1], self.width))
        return self.counts[name]

    def restart(self) -> None:
        """A new text begins; nothing to forget."""

    def state(self) -> dict[str, Any]:
        """What has to be saved, as arrays."""
        return {"log": self.log, **self.counts}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a saved state."""
        self.log = state.pop("log")
        self.counts = state


def _folded(law: Rows, width: int) -> Rows:
    """The chance of each id modulo width."""
    if law.shape[-1] == width:
        return law
    spare = -law.shape[-1] % width
    return np.pad(law, [(0, 0), (0, spare)]).reshape(len(law), -1, width).sum(1)
