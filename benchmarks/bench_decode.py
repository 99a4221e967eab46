"""Tokens per second of the decoder against `transformers`, plain and speculative, on the same models.

    python benchmarks/bench_decode.py [--gamma 3] [--prompts 12] [--tokens 64]

Peers: `generate` of transformers for plain decoding, its assisted generation for speculative decoding.
All draw at temperature 1 from the whole vocabulary, and what transformers does otherwise is levelled:
top_k=0 (there 50), exactly gamma drafted tokens per round (there 20, ended below a confidence of 0.4),
both set on the draft's own generation config, the only place where they are read. End tokens are off:
all arms write equally many.

Arms alternate prompt by prompt on one thread. Seconds are those of the processor, so that other programs
count as little as they can. Reported are medians over prompts, of tokens per second and of ratios.
Without the built-in pair, networks of its size with random weights take its place.
"""

import argparse
import os
from collections.abc import Callable
from time import process_time
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM

from specsim.decode import autoregressive, generate
from specsim.models import Pair, load_pair
from specsim.models.transformers_model import CausalLM

Arm = Callable[[list[int], int], int]
"""From a prompt and a seed to the number of rounds that it took."""


def main() -> None:
    """Race all arms and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gamma", type=int, default=3)
    parser.add_argument("--prompts", type=int, default=12)
    parser.add_argument("--tokens", type=int, default=64)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    pair = built_in_or_random()
    arms = arms_of(pair, asked.gamma, asked.tokens)
    seconds, rounds = race(arms, prompts_for(pair, asked.prompts))
    report(pair.name, asked.gamma, asked.tokens, seconds, rounds)


def built_in_or_random() -> Pair:
    """The built-in pair, or two networks of its size."""
    try:
        return load_pair("builtin")
    except (FileNotFoundError, ValueError):
        torch.manual_seed(0)
        return Pair(random_llama(4, 256), random_llama(1, 128), "random weights, 4 x 256 and 1 x 128")


def random_llama(layers: int, width: int) -> CausalLM:
    """A Llama with random weights and 4,096 tokens."""
    config = LlamaConfig(
        vocab_size=4096,
        hidden_size=width,
        intermediate_size=8 * width // 3,
        num_hidden_layers=layers,
        num_attention_heads=4,
        max_position_embeddings=512,
        tie_word_embeddings=True,
    )
    return CausalLM(LlamaForCausalLM(config))


def prompts_for(pair: Pair, count: int, length: int = 32) -> list[list[int]]:
    """Prompts of the target's own making, so that what follows is its own law."""
    rng = np.random.default_rng(0)
    starts = rng.integers(5, pair.vocab_size, count)
    return [
        [int(start), *autoregressive(pair.target, [start], max_new_tokens=length - 1, eos=(), rng=rng).tokens]
        for start in starts
    ]


def arms_of(pair: Pair, gamma: int, tokens: int) -> dict[str, Arm]:
    """Our two decoders and their two peers."""
    level(pair, gamma, tokens)
    common = {"max_new_tokens": tokens, "eos": ()}

    def plain(prompt: list[int], seed: int) -> int:
        return len(autoregressive(pair.target, prompt, rng=seed, **common).rounds)

    def speculative(prompt: list[int], seed: int) -> int:
        return len(generate(pair.target, pair.draft, prompt, gamma=gamma, rng=seed, **common).rounds)

    def theirs(prompt: list[int], seed: int) -> int:
        return their_rounds(pair, prompt, seed, {})

    def assisted(prompt: list[int], seed: int) -> int:
        return their_rounds(pair, prompt, seed, {"assistant_model": pair.draft.model})

    return {
        "specsim plain": plain,
        "transformers generate": theirs,
        "specsim speculative": speculative,
        "transformers assisted": assisted,
    }


def level(pair: Pair, gamma: int, tokens: int) -> None:
    """Make transformers do the same: sample from all tokens, draft exactly gamma, never stop early."""
    same: dict[str, Any] = {
        "do_sample": True,
        "top_k": 0,
        "top_p": 1.0,
        "temperature": 1.0,
        "pad_token_id": 0,
    }
    pair.target.model.generation_config = GenerationConfig(max_new_tokens=tokens, **same)
    pair.draft.model.generation_config = GenerationConfig(
        num_assistant_tokens=gamma,
        num_assistant_tokens_schedule="constant",
        assistant_confidence_threshold=0.0,
        **same,
    )


def their_rounds(pair: Pair, prompt: list[int], seed: int, how: dict[str, Any]) -> int:
    """Generate with transformers; the number of passes of the target."""
    torch.manual_seed(seed)
    ids, passes = torch.tensor([prompt]), []
    counter = pair.target.model.register_forward_pre_hook(lambda *_: passes.append(1))
    try:
        pair.target.model.generate(ids, attention_mask=torch.ones_like(ids), **how)
    finally:
        counter.remove()
    return len(passes)


def race(arms: dict[str, Arm], prompts: list[list[int]]) -> tuple[dict[str, list[float]], dict[str, int]]:
    """Seconds per prompt and all rounds of each arm; the arms take turns in an order that is drawn anew."""
    for arm in arms.values():
        arm(prompts[0], 0)
    rng = np.random.default_rng(1)
    seconds: dict[str, list[float]] = {name: [] for name in arms}
    rounds = dict.fromkeys(arms, 0)
    for seed, prompt in enumerate(prompts):
        for name in rng.permutation(list(arms)):
            start = process_time()
            rounds[name] += arms[name](prompt, seed)
            seconds[name].append(process_time() - start)
    return seconds, rounds


def report(
    pair: str, gamma: int, tokens: int, seconds: dict[str, list[float]], rounds: dict[str, int]
) -> None:
    """Print medians, and the two ratios that count."""
    print(f"{pair}; gamma {gamma}, {tokens} tokens, {len(seconds['specsim plain'])} prompts, 1 thread")
    for name, took in seconds.items():
        print(
            f"{name:24}{tokens / np.median(took):8.1f} tokens/s"
            f"{tokens * len(took) / rounds[name]:8.2f} tokens/round"
        )
    for ours, peer in (
        ("specsim plain", "transformers generate"),
        ("specsim speculative", "transformers assisted"),
        ("specsim speculative", "specsim plain"),
    ):
        ratios = np.array(seconds[peer]) / np.array(seconds[ours])
        low, middle, high = np.quantile(ratios, [0.25, 0.5, 0.75])
        print(f"{ours} / {peer}: {middle:.2f} times (quartiles {low:.2f} to {high:.2f})")


if __name__ == "__main__":
    main()
