"""Write what the package ships: weights in half precision, tokenizer, n-grams, held-out text, prompts."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import torch
from corpus import DOMAINS, VOCABULARY, documents, streams
from networks import trained
from transformers import GenerationConfig, LlamaForCausalLM

from specsim.models import ngram

EXCERPT = 60_000  # characters of held-out text per domain
PROMPTS = 24  # per domain
CHECKPOINTS = {"target": "target", "draft": "distil"}


def ship(work: Path, to: Path) -> None:
    """Write every file of the built-in pair into a folder."""
    for size, checkpoint in CHECKPOINTS.items():
        network(work, to / size, checkpoint, size)
    ngrams(work, to)
    (to / "heldout").mkdir(parents=True, exist_ok=True)
    prompts = {}
    for domain in DOMAINS:
        texts = documents(work, domain, "heldout")
        (to / "heldout" / f"{domain}.txt").write_text(excerpt(texts), encoding="utf-8")
        prompts[domain] = openings(texts)
    text = json.dumps(prompts, indent=1, ensure_ascii=False)
    (to / "prompts.json").write_text(text + "\n", encoding="utf-8")


def network(work: Path, folder: Path, checkpoint: str, size: str) -> None:
    """Write one network with its tokenizer, to be computed with in float32."""
    model: LlamaForCausalLM = trained(checkpoint, work, size).to(torch.float16)
    model.generation_config = GenerationConfig(
        do_sample=True, top_k=0, bos_token_id=0, eos_token_id=0, pad_token_id=0
    )
    model.save_pretrained(folder)
    config = json.loads((folder / "config.json").read_text())
    config["dtype"] = "float32"  # files are float16, the forward pass is not
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    shutil.copytree(work / "tokenizer", folder, dirs_exist_ok=True)
    for path in folder.iterdir():
        path.chmod(0o644)


def ngrams(work: Path, to: Path) -> None:
    """Write the unigram and the bigram model; the smaller domain counts as often as it takes to be even."""
    parts = streams(work)
    longest = max(map(len, parts))
    even = [part for part in parts for _ in range(round(longest / len(part)))]
    for order, name in ((1, "unigram"), (2, "bigram")):
        ngram.train(even, VOCABULARY, order).save(to / f"{name}.npz")


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a text, split at empty lines."""
    return [p.strip("\n") for p in re.split(r"\n\s*\n", text) if p.strip()]


def excerpt(texts: list[str]) -> str:
    """Return the first part of each text, to the end of a sentence, about ``EXCERPT`` in all."""
    size = sum(map(len, texts))
    return "\n\n".join(_head(text, EXCERPT * len(text) // size) for text in texts) + "\n"


def _head(text: str, size: int) -> str:
    end = max(text.rfind(stop, 0, size) for stop in ("\n\n", ". ", ".\n"))
    return text[: end + 1].strip("\n")


def openings(texts: list[str]) -> list[str]:
    """Return prompts of 150 to 400 characters, each from where a paragraph of prose begins."""
    found = [start for text in texts for start in _starts(text)]
    chosen = np.linspace(0, len(found) - 1, PROMPTS).round().astype(int)
    return [found[i] for i in chosen]


def _starts(text: str) -> list[str]:
    parts = paragraphs(text)
    return [p for part in parts if re.match(r"[A-Z“][a-z]+[ ,’]", part) for p in _cut(part)]


def _cut(paragraph: str) -> list[str]:
    # The longest run of whole sentences of at most 400 characters, if that is at least 150.
    ends = [m.end() for m in re.finditer(r"[.?!][”’]?(?=\s|$)", paragraph) if m.end() <= 400]
    return [paragraph[: ends[-1]]] if ends and ends[-1] >= 150 else []
