"""Logits processors of `transformers`, at every token, drafted or not.

A processor is a function (ids (1, t), logits (1, V)) -> logits (1, V) that looks at the text so far: it makes
repetition dear, forbids words, puts off the end. What it says at a drafted token depends on the drafted
tokens before it. So it is asked once for each node of a draft, with the ids on the way to that node, by the
target and by the draft alike. Then both laws are functions of the text, and verification is exact for the
target's law as processed, whatever it is. A processor that keeps anything from call to call would see
tokens that are taken back; it must not. Of a model that has laws and no logits, such as n-grams, their
logarithms are processed.

>>> import torch
>>> def no_repeats(ids, logits):
...     return logits.scatter(1, ids[:, -1:], -torch.inf)
>>> from specsim.decode import generate
>>> from specsim.models import load_pair
>>> pair = load_pair("builtin")
>>> made = generate(pair.target, pair.draft, [5], processors=no_repeats, max_new_tokens=20, rng=0, eos=())
>>> any(one == other for one, other in zip(made.tokens, made.tokens[1:]))
False
"""

from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

import numpy as np

from ..core.checks import readable
from ..core.draft import Parent, paths
from ..models.sessions import Session, Warp, session
from .door import given_sources
from .sampling import warp
from .text import Text

Processor = Callable[[Any, Any], Any]
"""(ids (1, t), logits (1, V)) -> logits (1, V), in torch; a `LogitsProcessorList` is one."""


def open_sessions(
    models: Sequence[Any], texts: Sequence[Text], warped: Warp | None, processors: Any
) -> list[Session]:
    """For each model, the target first, a session for these texts, as by `opener`."""
    return [*map(opener(models[0], texts, warped, processors), models)]


def opener(
    target: Any, texts: Sequence[Text], warped: Warp | None, processors: Any
) -> Callable[[Any], Session]:
    """How to open a session of a model for these texts; its laws are processed, then warped.

    processors: None, a processor, a list of one for each text, or a GenerationConfig, whose processors the
    target's network makes.
    Raises ValueError for anything else, for models that have no logits in torch, and for a config together
    with a warp.
    """
    if processors is None:
        return lambda model: _session(model, warped, texts)
    network = getattr(target, "model", None)
    if network is None or not hasattr(target, "session"):
        raise ValueError(f"processors work on the logits of a network, got {type(target).__name__}")
    if hasattr(processors, "get_generation_mode"):
        if warped is not None:
            raise ValueError(
                "a GenerationConfig says temperature, top_k and top_p itself; set them there, or pass a "
                "LogitsProcessorList"
            )
        made = [_processors(target, processors, text) for text in texts]
        each, last = [one for one, _ in made], warp() if made[0][1] else warp(temperature=0)
    elif callable(processors):
        each, last = [processors] * len(texts), warped or warp()
    elif isinstance(processors, list) and len(processors) == len(texts) and all(map(callable, processors)):
        each, last = processors, warped or warp()
    else:
        raise ValueError(
            "processors must be a function of ids and logits, such as a LogitsProcessorList, a list of one "
            f"for each prompt, or a GenerationConfig, got {type(processors).__name__}"
        )
    return lambda model: ProcessedSession(_session(model, _logits, texts), each, last)


def _session(model: Any, warped: Warp | None, texts: Sequence[Text]) -> Session:
    (reader,) = given_sources([model], texts)
    return session(reader, warped, len(texts))


class ProcessedSession:
    """A `Session` whose logits go through a processor of each row, and then through a warp.

    reader: a session that returns logits. The ids are remembered on the device of the tokens.
    """

    def __init__(self, reader: Session, processors: Sequence[Processor], warped: Warp) -> None:
        self._reader, self._processors, self._warp = reader, list(processors), warped
        self._texts: list[Any] = [None] * len(self._processors)
        self._tree: Any = None
        self._parent: Parent = ()

    @property
    def length(self) -> int:
        """How many tokens the longest text has."""
        return self._reader.length

    @property
    def lengths(self) -> list[int]:
        """How many tokens each row's text has."""
        return self._reader.lengths

    def extend(
        self, tokens: Any, keep: int | None = None, parent: Parent = (), present: np.ndarray | None = None
    ) -> Any:
        """Read tokens (B, m) in torch; return the laws after the last `keep` (by default all) of them."""
        logits = self._reader.extend(tokens, keep, parent, present).clone()
        there = np.ones(tuple(tokens.shape), bool) if present is None else present
        text = tokens.shape[1] - len(parent)
        first = len(self._parent) - text + 1  # the node of the first column; of the text's last one it is 0
        self._read(tokens, text, parent, there)
        for i in range(logits.shape[1]):
            column = tokens.shape[1] - logits.shape[1] + i
            for row in np.flatnonzero(there[:, column]).tolist():
                ids = self._before(row, first + column, int(there[row, column + 1 : text].sum()))
                logits[row, i] = self._processors[row](ids[None], logits[row, i][None].clone())[0]
        _check_possible(logits)
        return self._warp(logits)

    def settle(self, chosen: Sequence[Sequence[int]]) -> None:
        """Let the nodes on one path of each row join its text; forget the rest of the tree."""
        self._reader.settle(chosen)
        self._texts = [self._along(row, path) for row, path in enumerate(chosen)]
        self._parent = ()

    def rewind(self, length: int | Sequence[int]) -> None:
        """Forget the tree, and every text after its first `length` tokens, or each after its own number."""
        self._reader.rewind(length)
        self._texts = [text[:own] for text, own in zip(self._texts, self._reader.lengths)]
        self._parent = ()

    def select(self, rows: Sequence[int]) -> None:
        """Go on with these rows only; forget the tree."""
        self._reader.select(rows)
        self._texts = [self._texts[row] for row in rows]
        self._processors = [self._processors[row] for row in rows]
        self._parent = ()

    def _read(self, tokens: Any, text: int, parent: Parent, there: np.ndarray) -> None:
        """Let the first `text` columns join the texts of the rows that read them, the others the tree."""
        from torch import cat

        for row, own in enumerate(self._texts):
            added = tokens[row, np.flatnonzero(there[row, :text]).tolist()]
            self._texts[row] = added if own is None else cat([own, added])
        self._tree = cat([self._tree, tokens[:, text:]], dim=1) if self._parent else tokens[:, text:]
        self._parent = (*self._parent, *parent)

    def _before(self, row: int, node: int, later: int) -> Any:
        """The ids up to a node; node < 0: up to a token of the text that has `later` others behind it."""
        if node > 0:
            return self._along(row, paths(self._parent)[node])
        return self._texts[row][: len(self._texts[row]) - later]

    def _along(self, row: int, path: Sequence[int]) -> Any:
        """The text with the nodes on a path behind it."""
        from torch import cat

        drafted = self._tree[row, [node - 1 for node in path]]
        return cat([self._texts[row], drafted]) if len(path) else self._texts[row]


def _check_possible(logits: Any) -> None:
    """Where that costs no waiting for a device: what remains gives a law."""
    if readable(logits) and not bool((largest := logits.amax(-1)).isfinite().all()):
        wrong = float(largest[~largest.isfinite()][0])
        raise ValueError(
            f"processors must leave some token possible, but the largest logit is {wrong}; do they ban all?"
        )


def _logits(logits: Any) -> Any:
    return logits


def _processors(target: Any, config: Any, text: Text) -> tuple[Processor, bool]:
    """What transformers makes of a config behind this prompt: its processors, and whether it draws."""
    import torch

    if config.get_generation_mode() not in ("greedy_search", "sample"):
        raise ValueError(
            f"a GenerationConfig must ask for sampling or greedy search, got {config.get_generation_mode()}"
        )

    def made(model: Any, input_ids: Any, logits_processor: Any, generation_config: Any, **rest: Any) -> Any:
        return logits_processor, generation_config.do_sample

    limited = deepcopy(config)
    limited.max_length, limited.max_new_tokens = None, text.limit - len(text.prompt)
    ids = torch.tensor([text.source or text.prompt], device=target.device)
    mask = torch.ones_like(ids)
    return target.model.generate(ids, attention_mask=mask, generation_config=limited, custom_generate=made)
