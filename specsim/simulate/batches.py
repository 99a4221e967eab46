"""Sequences in step: all of a batch play their r-th round together, each at the place that it has reached.

Near the end drafts get shorter, so rows are grouped by how long theirs may be; each length has its own
*stage*, a way to play rounds of the shortened shape.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from specsim.core import height
from specsim.core.draft import children, shortened

from .continuing import Player, player
from .playing import depths
from .setting import Setting
from .streams import Streams

BEYOND = {"before": -1, "at": 0, "beyond": 2**30}
"""How far beyond the last token of the sequence the last drafted token may lie."""


@dataclass(frozen=True)
class Stage:
    """How rounds are played while drafts may have one certain length, and what their nodes mean.

    nodes: n + 1. depth: (n + 1,) tokens kept at a node. inner: (n + 1,) whether stopping there rejects one.
    """

    play: Player
    nodes: int
    depth: np.ndarray
    inner: np.ndarray


class Batches:
    """Sequences of `length` tokens, some at a time. count: how many there will be in all."""

    def __init__(self, known: Setting, length: int, count: int, last_draft: str) -> None:
        self._known, self._length, self._count = known, length, count
        self._beyond, self._longest = BEYOND[last_draft], height(known.shape)
        self._stages: dict[int, Stage] = {}

    def play(self, first: int, count: int, warm_up: int, streams: Streams, bar: Any) -> tuple:
        """Sequences first..first + count - 1: rounds, rejections and reached length, each (B,), and texts."""
        begin, number = (self._known.order or 0) + self._known.context.shape[1], 0
        texts, end = self._blank(count, begin), begin + self._length
        ends, rounds, rejections = np.full(count, begin), np.zeros(count, int), np.zeros(count, int)
        while len(left := np.flatnonzero(ends < end)):
            uniforms = streams.block(number, first, count, len(self._known.shape.parent) + 2)
            for stage, rows in self._due(left, end - ends[left]):
                some = slice(None) if len(rows) == count else rows  # a slice copies nothing
                start = ends[some]
                node, tokens = stage.play(texts, rows, start, uniforms[some][:, : stage.nodes + 1])
                _write(texts, rows, start, tokens)
                last = start + stage.depth[node]
                counts = start >= begin + warm_up
                rounds[some] += counts
                rejections[some] += counts & stage.inner[node] & (last < end)
                ends[some] = last + 1
                bar.update(int((np.minimum(last + 1, end) - start).sum()))
            number += 1
        return rounds, rejections, ends - begin, texts[:, begin:end]

    def _blank(self, count: int, begin: int) -> np.ndarray:
        """Texts that hold the context only, with room for the longest last round; -1 elsewhere."""
        texts = np.full((count, begin + self._length + self._longest), -1, np.int32)
        texts[:, begin - self._known.context.shape[1] : begin] = self._known.context
        return texts

    def _due(self, rows: np.ndarray, remaining: np.ndarray) -> Iterator[tuple[Stage, np.ndarray]]:
        """The stages that are due, with their rows, when so many tokens remain in each row."""
        longest = np.minimum(remaining + self._beyond, self._longest)
        for value in range(int(longest.min()), int(longest.max()) + 1):
            group = rows[longest == value]
            if len(group):
                if value not in self._stages:
                    self._stages[value] = self._stage(value)
                yield self._stages[value], group

    def _stage(self, longest: int) -> Stage:
        shape = shortened(self._known.shape, longest)
        full = longest == self._longest
        rounds = self._count * (self._length // (longest + 1) if full else 1)
        inner = np.array([bool(below) for below in children(shape.parent)])
        return Stage(player(self._known, shape, rounds), len(inner), depths(shape), inner)


def _write(texts: np.ndarray, rows: np.ndarray, columns: np.ndarray, tokens: np.ndarray) -> None:
    """Write tokens (B, m) into some rows, from a column on; a flat index is twice as fast as a pair."""
    places = rows * texts.shape[1] + columns
    texts.reshape(-1)[places[:, None] + np.arange(tokens.shape[1])] = tokens
