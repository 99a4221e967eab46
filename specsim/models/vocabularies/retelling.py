"""A text in the ids of one tokenizer, told in those of another.

What stands between is the text itself, which is decoded and encoded again. Special tokens are carried over
one by one where the other tokenizer has one of that name, and left out where it has none. The end of a text
may be half a character, which is left for later. Tokenizers look at what comes next: with one more token
behind it the end of a text may be told otherwise, and what was told of it before is to be taken back
(`following`).
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any

Retell = Callable[[Sequence[int]], list[int]]
"""From the ids of a text to at least one id of another tokenizer."""


@lru_cache(maxsize=16)
def retelling(told: Any, own: Any) -> Retell:
    """How texts in the ids of `told` are told in those of `own`, two tokenizers of transformers.

    What `own` puts before every text, such as a start token, comes first.
    """
    front, names = _front(own), own.get_vocab()
    special = {index: names.get(told.convert_ids_to_tokens(index)) for index in told.all_special_ids}
    silence = next(index for index in (*front, own.bos_token_id, own.eos_token_id, 0) if index is not None)

    def parts(ids: Sequence[int]) -> Iterator[int]:
        for is_special, run in groupby(ids, special.__contains__):
            if is_special:
                yield from (found for index in run if (found := special[index]) is not None)
            else:
                yield from encoded(own, decoded(told, [*run]))

    def retell(ids: Sequence[int]) -> list[int]:
        found = [*parts(ids)]
        return (found if found[: len(front)] == front else [*front, *found]) or [silence]

    return retell


def decoded(tokenizer: Any, ids: Sequence[int]) -> str:
    """The text of these ids, without half a character at its end."""
    text = tokenizer.decode(ids, skip_special_tokens=False, clean_up_tokenization_spaces=False)
    return text.rstrip("\N{REPLACEMENT CHARACTER}")


def encoded(tokenizer: Any, text: str) -> list[int]:
    """The ids of this text, and of nothing before or behind it."""
    return tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]


def _front(tokenizer: Any) -> list[int]:
    """What it puts before every text."""
    whole, inner = tokenizer("a")["input_ids"], encoded(tokenizer, "a")
    starts = range(len(whole) - len(inner) + 1)
    return next((whole[:start] for start in starts if whole[start:][: len(inner)] == inner), [])
