"""Train the built-in pair: tokenizer, target, draft, and the draft's distillation.

The stages read what ``fetch_text.py`` wrote and build on each other, all in one work folder::

    python models/fetch_text.py --out work
    python models/train.py tokenizer --work work
    python models/train.py target    --work work --minutes 70
    python models/train.py draft     --work work --minutes 20
    python models/train.py distil    --work work --minutes 20
    python models/train.py ship      --work work --to specsim/models/builtin

A stage that was stopped goes on from its last checkpoint. The learning rate follows the clock, not a step
count, so that it reaches zero when the minutes are over, however fast the machine is.
"""

import argparse
import json
import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from optimiser import Muon
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

DOMAINS = ("docs", "english")
END = "<|end|>"
VOCABULARY = 4096
CONTEXT = 512
SIZES = {
    "target": {"hidden_size": 256, "layers": 4, "heads": 4, "intermediate_size": 704},
    "draft": {"hidden_size": 192, "layers": 1, "heads": 3, "intermediate_size": 512},
}
WARM_UP = 0.02  # share of the time

Loss = Callable[[LlamaForCausalLM, torch.Tensor], torch.Tensor]


def documents(work: Path, domain: str, part: str) -> list[str]:
    """Return the texts of one part of one domain."""
    lines = (work / "text" / f"{domain}.{part}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines]


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
    ids = tokenizer([texts[i] for i in order])["input_ids"]
    return np.concatenate([[tokenizer.bos_token_id, *row] for row in ids]).astype(np.uint16)


def batch(streams: list[np.ndarray], size: int, length: int, step: int) -> torch.Tensor:
    """Return the windows of one step: equally many of each stream, every window once an epoch.

    A pure function of the step, so that a resumed run sees the data it would have seen.
    """
    rows = [window for s in streams for window in _windows(s, size // len(streams), length, step)]
    return torch.from_numpy(np.stack(rows).astype(np.int64))


def _windows(stream: np.ndarray, count: int, length: int, step: int) -> Iterator[np.ndarray]:
    per_epoch = len(stream) // length - 1
    for i in range(step * count, (step + 1) * count):
        rng = np.random.default_rng(i // per_epoch)
        start = rng.integers(length) + length * rng.permutation(per_epoch)[i % per_epoch]
        yield stream[start : start + length + 1]


def build(name: str) -> LlamaForCausalLM:
    """Return a fresh Llama of the size named ``target`` or ``draft``."""
    size = dict(SIZES[name])
    heads = size.pop("heads")
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        num_hidden_layers=size.pop("layers"),
        num_attention_heads=heads,
        num_key_value_heads=heads,
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=True,
        bos_token_id=0,
        eos_token_id=0,
        attn_implementation="eager",
        **size,
    )
    return LlamaForCausalLM(config)


def cross_entropy(model: LlamaForCausalLM, rows: torch.Tensor) -> torch.Tensor:
    """Return the mean surprise, in nats a token, of rows given the tokens before."""
    logits = model(rows[:, :-1]).logits
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), rows[:, 1:].flatten())


def optimisers(model: LlamaForCausalLM, kind: str, rate: float) -> list[torch.optim.Optimizer]:
    """Return the optimisers; Muon takes the matrices between the embeddings, AdamW all the rest."""
    matrices = [p for n, p in model.named_parameters() if p.ndim == 2 and "embed" not in n]
    embeddings = [p for n, p in model.named_parameters() if p.ndim == 2 and "embed" in n]
    vectors = [p for p in model.parameters() if p.ndim == 1]
    plain = [{"params": vectors, "weight_decay": 0.0}, {"params": embeddings}]
    if kind == "muon":
        muon = [Muon(matrices, lr=rate, weight_decay=0.1)]
    else:
        muon, plain = [], [*plain, {"params": matrices}]
    adamw = torch.optim.AdamW(plain, lr=rate, betas=(0.9, 0.95), weight_decay=0.1, fused=True)
    every = [*muon, adamw]
    for group in (g for o in every for g in o.param_groups):
        group["peak"] = group["lr"]
    return every


def run(
    name: str,
    work: Path,
    model: LlamaForCausalLM,
    loss: Loss,
    batches: Callable[[int, float], torch.Tensor],
    args: argparse.Namespace,
) -> None:
    """Train until the minutes are over, saving every five, and leave ``work/<name>.pt``."""
    path = work / f"{name}.pt"
    opts = optimisers(model, args.optimiser, args.rate)
    loss = torch.compile(loss, dynamic=False)
    state = {"step": 0, "seconds": 0.0, "tokens": 0}
    if path.exists():
        state = load(path, model, opts)
    saved = clock = time.monotonic()
    total = 60 * args.minutes
    while state["seconds"] < total:
        done = state["seconds"] / total
        scale = min(done / WARM_UP, 1) * 0.5 * (1 + math.cos(math.pi * done))
        for group in (g for o in opts for g in o.param_groups):
            group["lr"] = group["peak"] * max(scale, 1e-3)
        rows = batches(state["step"], done)
        value = loss(model, rows)
        value.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for o in opts:
            o.step()
            o.zero_grad()
        now = time.monotonic()
        state["seconds"] += now - clock
        clock = now
        state["step"] += 1
        state["tokens"] += rows.numel()
        if state["step"] % 50 == 0:
            print(json.dumps({**state, "loss": round(value.item(), 4)}), flush=True)
        if now - saved > 300:
            save(path, model, opts, state)
            saved = now
    save(path, model, opts, state)


def save(path: Path, model: LlamaForCausalLM, opts: list, state: dict) -> None:
    """Write a checkpoint whole or not at all."""
    part = path.with_suffix(".part")
    content = {"model": model.state_dict(), "opts": [o.state_dict() for o in opts], "state": state}
    torch.save(content, part)
    part.replace(path)


def load(path: Path, model: LlamaForCausalLM, opts: list) -> dict:
    """Load a checkpoint into a model and its optimisers and return the training state."""
    content = torch.load(path, weights_only=True)
    model.load_state_dict(content["model"])
    for o, s in zip(opts, content["opts"], strict=True):
        o.load_state_dict(s)
    return content["state"]


def streams(work: Path, part: str = "train") -> list[np.ndarray]:
    """Return the token stream of each domain."""
    return [np.load(work / f"{domain}.{part}.npy") for domain in DOMAINS]


def train(args: argparse.Namespace) -> None:
    """Train the target or the draft on the text itself."""
    data = streams(args.work)

    def batches(step: int, done: float) -> torch.Tensor:
        # Short windows are cheaper; the full context is needed only in the last third.
        length = CONTEXT if done > args.long_after else 256
        return batch(data, args.tokens // length, length, step)

    run(args.stage, args.work, build(args.stage), cross_entropy, batches, args)


def main() -> None:
    """Run one stage."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("stage", choices=["tokenizer", "target", "draft", "distil", "ship"])
    parser.add_argument("--work", type=Path, required=True, help="folder with text and checkpoints")
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--rate", type=float, default=1e-2, help="peak learning rate")
    parser.add_argument("--tokens", type=int, default=2048, help="tokens in a step")
    parser.add_argument("--optimiser", choices=["adamw", "muon"], default="muon")
    parser.add_argument("--long-after", type=float, default=0.7, help="share of short windows")
    args = parser.parse_args()
    torch.set_num_threads(1)
    if args.stage == "tokenizer":
        train_tokenizer(args.work)
    elif args.stage in SIZES:
        train(args)


if __name__ == "__main__":
    main()
