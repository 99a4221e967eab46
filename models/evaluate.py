"""Measure the built-in pair as it is shipped and write the numbers to ``models/builtin.json``.

    python models/evaluate.py --work work --pair specsim/models/builtin --out models/builtin.json

Bits per byte: held-out text in windows of 512 tokens, every token predicted once. Overlap, the sum over
tokens of min(target, draft), in two ways: teacher-forced, averaged over the positions of held-out text, and
on-policy, averaged over text that the target itself wrote from the held-out prompts at temperature 1.
Standard errors are clustered: by window, and by prompt. "undistilled" is the draft before its distillation.
"""

import argparse
import json
import math
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from corpus import CONTEXT, DOMAINS
from distil import log_laws, sample
from networks import trained
from transformers import AutoModelForCausalLM, AutoTokenizer, DynamicCache, LlamaForCausalLM

from specsim.models import ngram

Laws = Callable[[torch.Tensor], torch.Tensor]  # rows (B, t) -> laws (B, t, V)
DRAFTS = ("draft", "undistilled", "bigram", "unigram")
COPIES, NEW = 4, 192  # samples of each prompt, tokens in each


def network(folder: Path) -> LlamaForCausalLM:
    """Load shipped weights in float32."""
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()


def network_laws(model: LlamaForCausalLM) -> Laws:
    """Return the laws of a network after each position of some rows."""
    return lambda rows: log_laws(model, rows).exp()


def ngram_laws(path: Path) -> Laws:
    """Return the laws of a unigram or bigram model after each position of some rows."""
    model = ngram.load(path)

    def laws(rows: torch.Tensor) -> torch.Tensor:
        table = model(rows.reshape(-1, 1).numpy())
        return torch.from_numpy(table).float().reshape(*rows.shape, -1)

    return laws


@torch.inference_mode()
def bits_per_byte(laws: Laws, windows: list[torch.Tensor], size: int) -> float:
    """Return minus the log2 of what the laws give to all tokens of the windows, over bytes."""
    bits = 0.0
    for rows in windows:
        chances = laws(rows[:, :-1]).gather(-1, rows[:, 1:, None])
        bits -= chances.double().log2().sum().item()
    return bits / size


@torch.inference_mode()
def overlap(target: Laws, draft: Laws, batches: list[torch.Tensor], skip: int = 0) -> tuple:
    """Return the mean over batches of the overlap from position ``skip`` on, and its standard error."""
    means = []
    for rows in batches:
        both = torch.minimum(target(rows), draft(rows)).sum(-1)[:, skip:]
        means.append(both.mean().item())
    return round(float(np.mean(means)), 4), round(float(np.std(means) / math.sqrt(len(means))), 4)


def heldout_windows(stream: np.ndarray) -> list[torch.Tensor]:
    """Return windows (1, <= 513) that overlap in one token, so that each but the first is predicted."""
    ids = torch.from_numpy(stream.astype(np.int64))
    return [ids[None, i : i + CONTEXT + 1] for i in range(0, len(ids) - 1, CONTEXT)]


def written(model: LlamaForCausalLM, tokenizer, prompts: list[str]) -> list[torch.Tensor]:
    """Return, for each prompt, what the target writes from it: the tokens whose successor is drawn."""
    generator = torch.Generator().manual_seed(1)
    rows = []
    for prompt in prompts:
        ids = tokenizer(prompt, return_tensors="pt")["input_ids"]
        whole = sample(model, ids.expand(COPIES, -1), ids.shape[1] + NEW, generator)
        rows.append((whole[:, :-1], ids.shape[1] - 1))
    return rows


@torch.inference_mode()
def step_ms(model: LlamaForCausalLM, steps: int = 60) -> float:
    """Return the least milliseconds of one forward pass of one token after 64 cached ones or more."""
    cache, times = DynamicCache(config=model.config), []
    model(torch.ones(1, 64, dtype=torch.long), past_key_values=cache, use_cache=True)
    for _ in range(steps):
        start = time.perf_counter()
        model(torch.ones(1, 1, dtype=torch.long), past_key_values=cache, use_cache=True)
        times.append(time.perf_counter() - start)
    return 1e3 * min(times)


def step_times(target: LlamaForCausalLM, draft: LlamaForCausalLM, rounds: int = 9) -> dict:
    """Return the step times of both, taken in turns, and their ratio (median and range)."""
    pairs = np.array([(step_ms(target), step_ms(draft)) for _ in range(rounds)])
    ratios = pairs[:, 0] / pairs[:, 1]
    return {
        "target_ms": round(float(np.median(pairs[:, 0])), 3),
        "draft_ms": round(float(np.median(pairs[:, 1])), 3),
        "ratio": round(float(np.median(ratios)), 2),
        "ratio_range": [round(float(ratios.min()), 2), round(float(ratios.max()), 2)],
    }


def size_of(work: Path, domain: str) -> int:
    """Return the bytes of a domain's held-out text."""
    provenance = json.loads((work / "text" / "provenance.json").read_text())
    return provenance[domain]["files"]["heldout"]["text_bytes"]


def state_of(work: Path, name: str) -> dict:
    """Return steps, tokens and seconds of a training stage."""
    return torch.load(work / f"{name}.pt", weights_only=True)["state"]


def measure(work: Path, pair: Path) -> dict:
    """Return every number of the model card."""
    networks = {name: network(pair / name) for name in ("target", "draft")}
    tokenizer = AutoTokenizer.from_pretrained(pair / "target")
    laws = {name: network_laws(model) for name, model in networks.items()}
    laws["undistilled"] = network_laws(trained("draft", work, "draft"))
    laws |= {name: ngram_laws(pair / f"{name}.npz") for name in ("bigram", "unigram")}
    prompts = json.loads((pair / "prompts.json").read_text(encoding="utf-8"))
    result: dict = {
        "parameters": {n: sum(p.numel() for p in m.parameters()) for n, m in networks.items()},
        "training": {n: state_of(work, n) for n in ("target", "draft", "distil")},
        "step": step_times(networks["target"], networks["draft"]),
        "bits_per_byte": {},
        "overlap_teacher_forced": {},
        "overlap_on_policy": {},
    }
    for domain in DOMAINS:
        windows = heldout_windows(np.load(work / f"{domain}.heldout.npy"))
        inputs = [rows[:, :-1] for rows in windows]
        own = written(networks["target"], tokenizer, prompts[domain])
        result["bits_per_byte"][domain] = {
            n: round(bits_per_byte(f, windows, size_of(work, domain)), 4) for n, f in laws.items()
        }
        result["overlap_teacher_forced"][domain] = {
            n: overlap(laws["target"], laws[n], inputs) for n in DRAFTS
        }
        result["overlap_on_policy"][domain] = {n: on_policy(laws, n, own) for n in DRAFTS}
    return result


def on_policy(laws: dict[str, Laws], name: str, own: list[tuple[torch.Tensor, int]]) -> tuple:
    """Return the mean overlap, and its standard error, after the tokens that the target wrote."""
    means = [overlap(laws["target"], laws[name], [rows], skip)[0] for rows, skip in own]
    return round(float(np.mean(means)), 4), round(float(np.std(means) / math.sqrt(len(means))), 4)


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="folder of the training")
    parser.add_argument("--pair", type=Path, required=True, help="folder of the shipped files")
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write")
    args = parser.parse_args()
    torch.set_num_threads(1)
    text = json.dumps(measure(args.work, args.pair), indent=2) + "\n"
    args.out.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
