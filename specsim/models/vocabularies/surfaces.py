"""What a token stands for.

Tokenizers write the same thing in different ways: the token that says " the" is called "Ġthe" by byte-level
ones (each byte has a letter), "▁the" by SentencePiece, in which "<0x0A>" is a byte on its own. Two tokens are
one where they say the same bytes; special tokens where they have the same name. Which way a vocabulary writes
is seen from its tokens.

>>> says({"Ġthe": 0, "Ċ": 1, "Ġ": 2})
{0: b' the', 1: b'\\n', 2: b' '}
>>> says({"▁the": 0, "<0x0A>": 1})
{0: b' the', 1: b'\\n'}
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

_PRINTED = [*range(33, 127), *range(161, 173), *range(174, 256)]
_OTHERS = [byte for byte in range(256) if byte not in _PRINTED]
_BYTES = {chr(byte): byte for byte in _PRINTED} | {chr(256 + i): byte for i, byte in enumerate(_OTHERS)}
"""The letters by which byte-level tokenizers write bytes: printed ones as they are, others from 256 on."""


def says(vocabulary: Mapping[str, int]) -> dict[int, bytes]:
    """What each id stands for, by the names of tokens."""
    if "Ġ" in vocabulary:
        return {index: _of_letters(token) for token, index in vocabulary.items()}
    if any(token.startswith("▁") for token in vocabulary):
        return {index: _of_pieces(token) for token, index in vocabulary.items()}
    return {index: token.encode() for token, index in vocabulary.items()}


@lru_cache(maxsize=16)
def in_common(target: Any, draft: Any) -> tuple[np.ndarray, np.ndarray]:
    """Two tokenizers' ids of the tokens that both have, in one order.

    Where several tokens of one vocabulary say the same, the last one counts: single bytes come first, and are
    seldom used. Raises ValueError where nothing is shared.
    """
    ours, theirs = _index(target), _index(draft)
    shared = [surface for surface in ours if surface in theirs]
    if not shared:
        raise ValueError(
            "target and draft have no token in common, so that no token of the draft could be kept; draft "
            "with string_match, or with another model"
        )
    return np.array([ours[one] for one in shared]), np.array([theirs[one] for one in shared])


@lru_cache(maxsize=16)
def same_tokens(tokenizer: Any, other: Any) -> bool:
    """Whether two tokenizers give the same ids to the same tokens."""
    return tokenizer is other or tokenizer.get_vocab() == other.get_vocab()


def _index(tokenizer: Any) -> dict[tuple[bool, bytes], int]:
    """From special tokens, and from what others say, to ids."""
    special = set(tokenizer.all_special_ids)
    vocabulary = tokenizer.get_vocab()
    names = {index: token.encode() for token, index in vocabulary.items() if index in special}
    surfaces = sorted((says(vocabulary) | names).items())
    return {(index in special, surface): index for index, surface in surfaces}


def _of_letters(token: str) -> bytes:
    try:
        return bytes(_BYTES[letter] for letter in token)
    except KeyError:  # a token that was added as it is
        return token.encode()


def _of_pieces(token: str) -> bytes:
    byte = re.fullmatch("<0x([0-9A-F]{2})>", token)
    return bytes.fromhex(byte[1]) if byte else token.replace("▁", " ").encode()
