"""A target, its drafts and its prompts, ready to decode in every way that was asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from ..decode import Generation, autoregressive, generate
from ..decode.lengths import read_lengths
from ..models import texts
from ..models.texts import Text
from .options import Options

Way = tuple[str, str, str]
"""A way of decoding: the name of a draft, the text of a draft length, the name of a rule."""

HELD_OUT = 8
"""Pieces of held-out text that are read in every domain."""


@dataclass(frozen=True, eq=False)
class Bench:
    """What stands on it.

    drafts: by name. timed: whether times mean anything; those of laws that are written down do not.
    """

    name: str
    target: Any
    drafts: Mapping[str, Any]
    prompts: Sequence[Text]
    tokenizer: Any
    options: Options
    progress: bool

    @property
    def timed(self) -> bool:
        """Whether there is a network, whose time counts."""
        return hasattr(self.target, "session")

    @property
    def ways(self) -> list[Way]:
        """Every draft with every draft length and rule."""
        return list(product(self.drafts, self.options.gammas, self.options.rules))

    @property
    def limits(self) -> dict[str, Any]:
        """The arguments that all decoding shares."""
        return {"max_new_tokens": self.options.tokens, "eos": ()} | self.options.sampling

    def bar(self, title: str) -> str | None:
        """The title of a progress bar; None where there shall be none."""
        return title if self.progress else None

    def plain(self, prompt: int, *seeds: int, target: Any = None) -> Generation:
        """A prompt, continued by the target alone."""
        rng = np.random.default_rng((self.options.seed, *seeds))
        return autoregressive(target or self.target, self.prompts[prompt].tokens, rng=rng, **self.limits)

    def decode(self, way: Way, prompt: int, *seeds: int, target: Any = None) -> Generation:
        """A prompt, continued in this way."""
        rng = np.random.default_rng((self.options.seed, *seeds))
        ids = self.prompts[prompt].tokens
        return generate(target or self.target, self.drafts[way[0]], ids, rng=rng, **self.how(way))

    def how(self, way: Way) -> dict[str, Any]:
        """The arguments of `generate`."""
        return {"gamma": read_lengths(way[1]), "rule": way[2]} | self.limits

    def own_texts(self) -> list[tuple[Text, int]]:
        """Continuations by the target alone, and how many of their last tokens it wrote."""
        made = [self.plain(i, 0, i) for i in range(len(self.prompts))]
        return [
            (Text(prompt.domain, np.array([*one.prompt, *one.tokens])), len(one.tokens))
            for prompt, one in zip(self.prompts, made)
        ]

    def held_out(self) -> list[tuple[Text, int]]:
        """Pieces of held-out text; none without a tokenizer. Of each, the second half counts."""
        if self.tokenizer is None:
            return []
        file, length = self.options.text_file, 2 * self.options.tokens
        pieces = texts.held_out(self.tokenizer, HELD_OUT, length, Path(file) if file else None)
        return [(piece, self.options.tokens) for piece in pieces]


def set_up(target: Any, drafts: Mapping[str, Any], options: Options, name: str, progress: bool) -> Bench:
    """Find prompts. Raises ValueError without drafts, and for targets that do not continue texts."""
    if not drafts:
        raise ValueError("there is nothing to measure without a draft; pass at least one, by its name")
    config = getattr(getattr(target, "model", None), "config", None)
    if getattr(config, "is_encoder_decoder", False):
        raise ValueError(
            "measure reads texts from left to right, and an encoder-decoder model continues none; "
            "its rounds are recorded by specsim.decode.generate"
        )
    tokenizer = getattr(target, "tokenizer", None)
    file = Path(options.prompt_file) if options.prompt_file else None
    found = texts.prompts_for(tokenizer, target.vocab_size, options.prompts, file)
    return Bench(name, target, drafts, found, tokenizer, options, progress)
