"""The loop of training: rates, steps, checkpoints. What a step does is given to it.

AdamW, a short warm-up, then half a cosine down to zero. A run that was stopped goes on from its last
checkpoint and sees the rows that it would have seen.
"""

import json
import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch

from .checkpoint import load_checkpoint, save_checkpoint

WARM_UP = 0.02  # share of the steps
SAVE_SECONDS = 120
LOG_STEPS = 10

Work = Callable[[int], float]
"""What happens at a step: gradients are added to the parameters, and a number to watch is returned."""


def train(network: Any, work: Work, steps: int, rate: float, folder: Path) -> Iterator[float]:
    """Train the parameters that need gradients, in place; yield the number to watch at each step.

    folder: takes `checkpoint.safetensors` and `log.jsonl`; from a checkpoint there, training goes on.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path, log = folder / "checkpoint.safetensors", folder / "log.jsonl"
    optimiser = torch.optim.AdamW(_groups(network), lr=rate, betas=(0.9, 0.95))
    begun, saved = load_checkpoint(path, network, optimiser), time.monotonic()
    network.train()
    for step in range(begun, steps):
        for group in optimiser.param_groups:
            group["lr"] = rate * scale(step / steps)
        seen = work(step)
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad()
        if step % LOG_STEPS == 0:
            _note(log, {"step": step, "of": steps, "seen": round(seen, 4)})
        if time.monotonic() - saved > SAVE_SECONDS or step + 1 == steps:
            save_checkpoint(path, network, optimiser, step + 1)
            saved = time.monotonic()
        yield seen
    network.eval()


def scale(done: float) -> float:
    """The learning rate over its peak, when a share of the training is over.

    >>> [round(scale(done), 3) for done in (0.01, 0.02, 0.5, 1)]
    [0.5, 0.999, 0.5, 0.001]
    """
    return max(min(done / WARM_UP, 1) * 0.5 * (1 + math.cos(math.pi * done)), 1e-3)


def _groups(network: Any) -> list[dict[str, Any]]:
    trained = [p for p in network.parameters() if p.requires_grad]
    return [
        {"params": [p for p in trained if p.ndim > 1], "weight_decay": 0.01},
        {"params": [p for p in trained if p.ndim <= 1], "weight_decay": 0.0},
    ]


def _note(log: Path, entry: dict[str, Any]) -> None:
    with log.open("a") as file:
        file.write(json.dumps(entry) + "\n")
