"""Train the built-in pair: tokenizer, target, draft, and the draft's distillation.

The stages read what ``fetch_text.py`` wrote and build on each other, all in one work folder::

    python models/fetch_text.py --out work
    python models/train.py tokenizer --work work
    python models/train.py target    --work work --minutes 70
    python models/train.py draft     --work work --minutes 15
    python models/train.py distil    --work work --minutes 20
    python models/train.py ship      --work work --to specsim/models/builtin

A stage that was stopped goes on from its last checkpoint. The learning rate follows the clock, not a step
count, so that it reaches zero when the minutes are over, however fast the machine is.
"""

import argparse
import json
import math
import time
from collections.abc import Callable
from pathlib import Path

import torch
from corpus import CONTEXT, VOCABULARY, batch, streams, train_tokenizer
from distil import imitation, log_laws, sample
from optimiser import Muon
from ship import ship
from transformers import LlamaConfig, LlamaForCausalLM

SIZES = {
    "target": {"hidden_size": 256, "layers": 4, "heads": 4, "intermediate_size": 704},
    "draft": {"hidden_size": 192, "layers": 1, "heads": 3, "intermediate_size": 512},
}
WARM_UP = 0.02  # share of the time


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


def trained(name: str, work: Path, size: str) -> LlamaForCausalLM:
    """Return the model of a checkpoint, in evaluation mode."""
    model = build(size)
    model.load_state_dict(torch.load(work / f"{name}.pt", weights_only=True)["model"])
    return model.eval()


def cross_entropy(model: LlamaForCausalLM, rows: torch.Tensor) -> torch.Tensor:
    """Return the mean surprise, in nats a token, of rows given the tokens before."""
    logits = model(rows[:, :-1]).logits
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), rows[:, 1:].flatten())


def optimisers(model: LlamaForCausalLM, kind: str, rate: float) -> list[torch.optim.Optimizer]:
    """Return the optimisers; Muon takes the matrices between the embeddings, AdamW all the rest."""
    named = list(model.named_parameters())
    matrices = [p for n, p in named if p.ndim == 2 and "embed" not in n]
    embeddings = [p for n, p in named if "embed" in n]
    vectors = [p for n, p in named if p.ndim == 1]
    plain = [{"params": vectors, "weight_decay": 0.0}, {"params": embeddings}]
    muon = [Muon(matrices, lr=rate, weight_decay=0.1)] if kind == "muon" else []
    if not muon:
        plain.append({"params": matrices})
    adamw = torch.optim.AdamW(plain, lr=rate, betas=(0.9, 0.95), weight_decay=0.1, fused=True)
    every = [*muon, adamw]
    for group in (g for o in every for g in o.param_groups):
        group["peak"] = group["lr"]
    return every


def run(
    name: str,
    args: argparse.Namespace,
    model: LlamaForCausalLM,
    loss: Callable[[torch.Tensor, float], torch.Tensor],
    batches: Callable[[int, float], torch.Tensor],
) -> None:
    """Train until the minutes are over, saving every five, and leave ``work/<name>.pt``."""
    path = args.work / f"{name}.pt"
    opts = optimisers(model, args.optimiser, args.rate)
    state = {"step": 0, "seconds": 0.0, "tokens": 0}
    if path.exists():
        state = load(path, model, opts)
    saved = clock = time.monotonic()
    while (done := state["seconds"] / (60 * args.minutes)) < 1:
        set_rates(opts, done)
        rows = batches(state["step"], done)
        value = loss(rows, done)
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


def set_rates(opts: list[torch.optim.Optimizer], done: float) -> None:
    """Set the learning rates for a share of the time: a short warm-up, then half a cosine."""
    scale = min(done / WARM_UP, 1) * 0.5 * (1 + math.cos(math.pi * done))
    for group in (g for o in opts for g in o.param_groups):
        group["lr"] = group["peak"] * max(scale, 1e-3)


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


def train(args: argparse.Namespace) -> None:
    """Train the target or the draft on the text itself."""
    data, model = streams(args.work), build(args.stage)
    compiled = torch.compile(cross_entropy, dynamic=False)

    def batches(step: int, done: float) -> torch.Tensor:
        length = window(done)
        return batch(data, args.tokens // length, length, step)

    run(args.stage, args, model, lambda rows, done: compiled(model, rows), batches)


def window(done: float) -> int:
    """Return the length of the windows: short ones are cheaper, the last third has full context."""
    return CONTEXT if done > 0.7 else CONTEXT // 2


def distil(args: argparse.Namespace) -> None:
    """Train the draft to imitate the target, on text and on the target's own samples."""
    target, data = trained("target", args.work, "target"), streams(args.work)
    draft = trained("draft", args.work, "draft").train()
    generator = torch.Generator().manual_seed(0)
    laws = torch.compile(log_laws, dynamic=False)
    pool: list[torch.Tensor] = []

    def batches(step: int, done: float) -> torch.Tensor:
        length = window(done)
        text = batch(data, args.tokens // length, length, step)[::2, :-1]
        if step % 32 == 0 or not pool:
            prompts = batch(data, 32, 32, step // 32)[:, :-1]
            pool[:] = [sample(target, prompts, CONTEXT, generator)]
        own = pool[0].reshape(-1, length)
        chosen = torch.randperm(len(own), generator=generator)[: len(text)]
        return torch.cat([text, own[chosen]])

    def loss(rows: torch.Tensor, done: float) -> torch.Tensor:
        with torch.no_grad():
            wanted = laws(target, rows)
        return imitation(wanted, laws(draft, rows), close=done > 0.5)

    run("distil", args, draft, loss, batches)


def main() -> None:
    """Run one stage."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("stage", choices=["tokenizer", "target", "draft", "distil", "ship"])
    parser.add_argument("--work", type=Path, required=True, help="folder with text and checkpoints")
    parser.add_argument("--to", type=Path, help="folder that the shipped files go to")
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--rate", type=float, default=1e-2, help="peak learning rate")
    parser.add_argument("--tokens", type=int, default=2048, help="tokens in a step")
    parser.add_argument("--optimiser", choices=["adamw", "muon"], default="muon")
    args = parser.parse_args()
    torch.set_num_threads(1)
    if args.stage == "tokenizer":
        train_tokenizer(args.work)
    elif args.stage == "ship":
        ship(args.work, args.to)
    elif args.stage == "distil":
        distil(args)
    else:
        train(args)


if __name__ == "__main__":
    main()
