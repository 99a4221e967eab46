"""From any tokenizer to one plain function from text to ids."""

from collections.abc import Callable, Sequence
from typing import Any

Encode = Callable[[str], Sequence[int]]


def encoder(tokenizer: Any, vocab_size: int | None = None) -> tuple[Encode, int]:
    """The function text -> ids of a tokenizer, without special tokens, and its vocabulary size.

    tokenizer: of the `tokenizers` library, of `transformers`, or a callable, which needs `vocab_size`.
    A given `vocab_size` goes before the tokenizer's own: models may pad theirs.
    Raises TypeError for anything else, ValueError for a callable without a vocabulary size.

    >>> encode, size = encoder(lambda text: [len(word) for word in text.split()], vocab_size=10)
    >>> encode("to be or not"), size
    ([2, 2, 2, 3], 10)
    """
    if hasattr(tokenizer, "get_vocab_size"):  # tokenizers
        return (
            lambda text: tokenizer.encode(text, add_special_tokens=False).ids,
            vocab_size or tokenizer.get_vocab_size(),
        )
    if hasattr(tokenizer, "convert_ids_to_tokens"):  # transformers
        return (
            lambda text: tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"],
            vocab_size or len(tokenizer),
        )
    if not callable(tokenizer):
        raise TypeError(
            "a tokenizer is a callable from text to ids, or one of the tokenizers or transformers "
            f"libraries, got {type(tokenizer).__name__}"
        )
    if vocab_size is None:
        raise ValueError("a callable tokenizer does not say its vocabulary size; pass vocab_size=")
    return tokenizer, vocab_size
