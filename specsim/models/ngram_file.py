"""n-gram models on disk: one compressed .npz of plain integer arrays, with a format version.

Per length m: `tokens_m` the last token of each gram, `sizes_m` how many grams each context has, `counts_m`.
Everything else follows from these. Nothing is unpickled.
"""

import zipfile
import zlib
from pathlib import Path

import numpy as np

from .ngram_counts import MAX_ORDER, Grams

FORMAT = 1


def write(path: str | Path, vocab_size: int, grams: tuple[Grams, ...]) -> None:
    """Write the grams to `path`, each array in the narrowest integers that hold it."""
    arrays = {"format": np.array(FORMAT), "vocab_size": np.array(vocab_size), "order": np.array(len(grams))}
    for length, level in enumerate(grams, 1):
        arrays[f"tokens_{length}"] = _narrow(level.keys % vocab_size)
        arrays[f"sizes_{length}"] = _narrow(np.diff(level.begin))
        arrays[f"counts_{length}"] = _narrow(level.counts)
    with open(path, "wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def read(path: str | Path) -> tuple[int, tuple[Grams, ...]]:
    """The vocabulary size and the grams that `write` put there; FileNotFoundError or ValueError otherwise."""
    if not Path(path).is_file():
        raise FileNotFoundError(f"no n-gram model at {path}; write one with NGram.save(path)")
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as arrays:
            return _grams({name: arrays[name] for name in arrays.files})
    except _DAMAGE as error:
        raise ValueError(
            f"{path} is not a readable n-gram model ({error}); train it again and write it with NGram.save"
        ) from error


_DAMAGE = (
    ValueError, KeyError, TypeError, AttributeError, EOFError, OSError, zipfile.BadZipFile, zlib.error
)  # fmt: skip


def _grams(arrays: dict[str, np.ndarray]) -> tuple[int, tuple[Grams, ...]]:
    version, vocab_size, order = (int(arrays[name]) for name in ("format", "vocab_size", "order"))
    if version != FORMAT:
        raise ValueError(f"format {version}, while this release reads format {FORMAT}")
    _must(vocab_size >= 1 and 1 <= order <= MAX_ORDER, "vocab_size and order are in range")
    levels: list[Grams] = []
    for length in range(1, order + 1):
        tokens, sizes, counts = (
            arrays[f"{name}_{length}"].astype(np.int64) for name in ("tokens", "sizes", "counts")
        )
        contexts = len(levels[-1].keys) if levels else 1
        _must(len(sizes) == contexts and sizes.min(initial=0) >= 0, f"sizes_{length} fit")
        _must(len(tokens) == len(counts) == sizes.sum(), f"tokens_{length} and counts_{length} fit")
        keys = np.repeat(np.arange(contexts), sizes) * vocab_size + tokens
        _must(((tokens >= 0) & (tokens < vocab_size)).all(), f"tokens_{length} are in range")
        _must((np.diff(keys) > 0).all() and (counts >= 1).all(), f"counts_{length} are in order")
        levels.append(Grams(keys, counts, np.append(0, np.cumsum(sizes))))
    return vocab_size, tuple(levels)


def _must(holds: bool | np.bool_, what: str) -> None:
    if not holds:
        raise ValueError(f"it does not hold that {what}")


def _narrow(values: np.ndarray) -> np.ndarray:
    return values.astype(np.min_scalar_type(int(values.max(initial=0))))
