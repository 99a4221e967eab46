"""The training loop of every stage: it follows the clock, saves, and goes on where it was stopped."""

import argparse
import json
import math
import time
from collections.abc import Callable
from pathlib import Path

import torch
from optimiser import Muon
from transformers import LlamaForCausalLM

WARM_UP = 0.02  # share of the time
SAVE_SECONDS = 300


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
        if now - saved > SAVE_SECONDS:
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
