"""Texts that come with the package: prompts to continue, and held-out texts to read.

The package brings short English and technical prompts that its models have not been trained on; a user
may name a file instead, whose paragraphs (separated by blank lines) then are the prompts.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .pairs import BUILTIN


@dataclass(frozen=True)
class Text:
    """A tokenised text of some domain."""

    domain: str
    tokens: np.ndarray


def prompts(tokenizer: Any, count: int, file: Path | None = None) -> list[Text]:
    """`count` prompts, the domains in turn. Raises ValueError where there are fewer."""
    if file is None:
        domains = json.loads((BUILTIN / "prompts.json").read_text(encoding="utf-8"))
    else:
        paragraphs = file.read_text(encoding="utf-8").split("\n\n")
        domains = {file.stem: [one for one in paragraphs if one.strip()]}
    found = [
        Text(name, encode(tokenizer, one))
        for several in zip(*domains.values())
        for name, one in zip(domains, several)
    ]
    if len(found) < count:
        raise ValueError(f"asked for {count} prompts, there are {len(found)}; lower --prompts")
    return found[:count]


def prompts_for(tokenizer: Any, vocab_size: int, count: int, file: Path | None = None) -> list[Text]:
    """`count` prompts: texts, or where there is no tokenizer one token each."""
    if tokenizer is None:
        if file is not None:
            raise ValueError(f"laws over tokens without a tokenizer cannot read the prompts of {file}")
        return [Text("tokens", np.array([i % vocab_size])) for i in range(count)]
    return prompts(tokenizer, count, file)


def held_out(tokenizer: Any, per_domain: int, length: int, file: Path | None = None) -> list[Text]:
    """Pieces of held-out text of `length` tokens each, `per_domain` of every domain; file: the user's own."""
    found = []
    for path in [file] if file else sorted((BUILTIN / "heldout").glob("*.txt")):
        tokens = encode(tokenizer, path.read_text(encoding="utf-8"))
        pieces = min(per_domain, len(tokens) // length)
        found += [Text(path.stem, tokens[i * length : (i + 1) * length]) for i in range(pieces)]
    if file and not found:
        raise ValueError(f"held-out text needs at least {length} tokens, {file} has {len(tokens)}")
    return found


def encode(tokenizer: Any, text: str) -> np.ndarray:
    """The tokens of a text of any length, without special tokens."""
    ids = tokenizer.encode(text, add_special_tokens=False, verbose=False)
    return np.asarray(ids, dtype=np.int64)
