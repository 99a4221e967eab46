"""The text as tokens: the tokenizer, one stream of ids for each domain, and the windows of each step."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

DOMAINS = ("docs", "english")
END = "<|end|>"
VOCABULARY = 4096
CONTEXT = 512


def documents(work: Path, domain: str, part: str) -> list[str]:
    """Return the texts of one part (``train`` or ``heldout``) of one domain."""
    lines = (work / "text" / f"{domain}.{part}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines]


def streams(work: Path, part: str = "train") -> list[np.ndarray]:
    """Return the token stream of each domain."""
    return [np.load(work / f"{domain}.{part}.npy") for domain in DOMAINS]


def train_tokenizer(work: Path) -> None:
    """Train a byte-level BPE on equally many bytes of each domain, then store all text as ids."""
    texts = {domain: documents(work, domain, "train") for domain in DOMAINS}
    share = min(sum(map(len, t)) for t in texts.values())
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[END],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
    )
    bpe.train_from_iterator((t for d in DOMAINS for t in _some(texts[d], share)), trainer)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=bpe, bos_token=END, eos_token=END, model_max_length=CONTEXT
    )
    fast.save_pretrained(work / "tokenizer")
    for domain in DOMAINS:
        for part in ("train", "heldout"):
            np.save(work / f"{domain}.{part}.npy", encode(fast, documents(work, domain, part)))


def _some(texts: list[str], size: int) -> Iterator[str]:
    # A random choice of documents with about `size` characters in all.
    for i in np.random.default_rng(0).permutation(len(texts)):
        if size <= 0:
            return
        size -= len(texts[i])
        yield texts[i]


def encode(tokenizer: PreTrainedTokenizerFast, texts: list[str]) -> np.ndarray:
    """Return one stream of ids in which each document follows the end token, in random order."""
    order = np.random.default_rng(1).permutation(len(texts))
    ids = tokenizer([texts[i] for i in order], verbose=False)["input_ids"]
    return np.concatenate([[tokenizer.bos_token_id, *row] for row in ids]).astype(np.uint16)


def batch(parts: list[np.ndarray], size: int, length: int, step: int) -> torch.Tensor:
    """Return the windows of one step: equally many of each stream, every window once an epoch.

    A pure function of the step, so that a resumed run sees the data it would have seen.
    """
    rows = [window for s in parts for window in _windows(s, size // len(parts), length, step)]
    return torch.from_numpy(np.stack(rows).astype(np.int64))


def _windows(stream: np.ndarray, count: int, length: int, step: int) -> Iterator[np.ndarray]:
    per_epoch = len(stream) // length - 1
    for i in range(step * count, (step + 1) * count):
        rng = np.random.default_rng(i // per_epoch)
        start = rng.integers(length) + length * rng.permutation(per_epoch)[i % per_epoch]
        yield stream[start : start + length + 1]
