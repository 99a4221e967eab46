"""Train the built-in pair: tokenizer, target, draft, and the draft's distillation.

The stages read what ``fetch_text.py`` wrote and build on each other, all in one work folder::

    python models/fetch_text.py --out work
    python models/train.py tokenizer --work work
    python models/train.py target    --work work --minutes 70
    python models/train.py draft     --work work --minutes 15
    python models/train.py distil    --work work --minutes 18 --rate 0.006
    python models/train.py ship      --work work --to specsim/models/builtin

A stage that was stopped goes on from its last checkpoint. The learning rate follows the clock, not a step
count, so that it reaches zero when the minutes are over, however fast the machine is.
"""

import argparse
from pathlib import Path

import torch
from corpus import CONTEXT, batch, streams, train_tokenizer
from distil import imitation, log_laws, sample
from loop import run
from networks import build, trained
from ship import ship
from transformers import LlamaForCausalLM


def cross_entropy(model: LlamaForCausalLM, rows: torch.Tensor) -> torch.Tensor:
    """Return the mean surprise, in nats a token, of rows given the tokens before."""
    logits = model(rows[:, :-1]).logits
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), rows[:, 1:].flatten())


def train(args: argparse.Namespace) -> None:
    """Train the target or the draft on the text itself."""
    data, model = streams(args.work), build(args.stage)
    compiled = torch.compile(cross_entropy, dynamic=False)

    def batches(step: int, done: float) -> torch.Tensor:
        length = window(done)
        return batch(data, args.tokens // length, length, step)

    run(args.stage, args, model, lambda rows, done: compiled(model, rows), batches)


def window(done: float) -> int:
    """Return the length of the windows: short ones are cheaper, the last 30 % have full context."""
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
