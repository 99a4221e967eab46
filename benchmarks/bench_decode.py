"""Tokens per second of the decoder against `transformers`, on the same models: plain, with a draft model, and
with prompt look-up.

    python benchmarks/bench_decode.py                                 the built-in pair
    python benchmarks/bench_decode.py --pair smollm2 --gamma 2        after: specsim pairs fetch smollm2

Peers: `generate` of transformers, its assisted generation, its prompt look-up. All draw at one temperature
from the whole vocabulary, and what transformers does otherwise is levelled: top_k=0 (there 50), exactly gamma
drafted tokens per round (there 20, ended below a confidence of 0.4), both set on the draft's own generation
config, the only place where they are read; suffixes of at most 2 tokens are looked up, as there. End tokens
are off: all arms write equally many. What remains: theirs copies from the first place where the suffix stood,
ours from the last.

Two kinds of text: *prose*, prompts that the target wrote, so that what follows is its own law; and
*repetitive*, a passage of the held-out text twice and its beginning once more. *Packed* is the same network
with `specsim.models.kernels.with_kernels(target, "packed")`, and *int8* with kernels "int8", which is another
target.

Claims, of smollm2: plain decoding no slower than theirs; with a draft model, and with look-up, at least 1.25
times as fast as theirs, with the best kernels of the same weights in float32.
"""

import argparse
from collections.abc import Callable
from itertools import count
from typing import Any

import numpy as np
import torch
from common import Contender, Timing, against, race, rate, ratio_of, save, show
from transformers import GenerationConfig

from specsim.decode import autoregressive, generate, prompt_lookup
from specsim.models import Pair, load_pair
from specsim.models.kernels import with_kernels
from specsim.models.pairs import BUILTIN

Prompts = list[list[int]]
Decode = Callable[[list[int], int], int]
"""From a prompt and a seed to the number of tokens added."""

SUFFIX = 2
"""The longest suffix that is looked up: the default of transformers."""

WAYS = {"plain": "generate", "speculative": "assisted", "look-up": "look-up"}
"""What ours and theirs call the same way of decoding."""


def main() -> None:
    """Race all arms on both kinds of text, print tables and claims."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pair", default="builtin")
    parser.add_argument("--gamma", type=int, default=2)
    parser.add_argument("--turns", type=int, default=10)
    parser.add_argument("--tokens", type=int, default=48)
    parser.add_argument("--temperature", type=float, default=1.0, help="1, or 0 for greedy decoding")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    pair = load_pair(asked.pair)
    sampling = {"max_new_tokens": asked.tokens, "eos": (), "temperature": asked.temperature}
    level(pair, asked.gamma, asked.tokens, asked.temperature)
    ways = arms(pair, asked.gamma, sampling)
    texts = {"prose": prose(pair, asked.turns), "repetitive": repetitive(pair, asked.turns)}
    results: dict[str, list[Timing]] = {}
    for text, prompts in texts.items():
        seconds = race({name: in_turns(way, prompts) for name, way in ways.items()}, asked.turns)
        found = {peer: against(seconds, peer) for peer in ("specsim plain", *map(peer_of, ways))}
        results |= {f"{text}, against {peer}": timings for peer, timings in found.items()}
        title = (
            f"{asked.pair}, {text}; {', '.join(f'{k} {v}' for k, v in vars(asked).items() if k != 'pair')}"
        )
        show(title, found["specsim plain"], rate("token") | columns(found))
    save(
        f"decode_{asked.pair}",
        results,
        claims(results) if (asked.pair, asked.temperature) == ("smollm2", 1) else {},
    )


def columns(found: dict[str, list[Timing]]) -> dict[str, Callable[[Timing], str]]:
    """Ratios to our plain decoding, and to the same way of decoding with transformers."""

    def ratio(name: str, peer: str) -> str:
        one = next(one for one in found[peer] if one.name == name)
        return f"{one.ratio:.2f} ({one.low:.2f} .. {one.high:.2f})"

    return {
        "times specsim plain": lambda one: ratio(one.name, "specsim plain"),
        "times transformers": lambda one: ratio(one.name, peer_of(one.name)),
    }


def peer_of(name: str) -> str:
    """The arm of transformers that does the same."""
    way = name.split()[-1]
    return f"transformers {WAYS.get(way, way)}"


def prose(pair: Pair, number: int, length: int = 32) -> Prompts:
    """Prompts of the target's own making, so that what follows is its own law."""
    rng = np.random.default_rng(0)
    starts = rng.integers(5, pair.vocab_size, number)
    return [
        [int(start), *autoregressive(pair.target, [start], max_new_tokens=length - 1, eos=(), rng=rng).tokens]
        for start in starts
    ]


def repetitive(pair: Pair, number: int, length: int = 64, again: int = 12) -> Prompts:
    """A passage of held-out text twice, and its beginning once more."""
    ids = pair.tokenizer.encode((BUILTIN / "heldout" / "docs.txt").read_text()[: 400 * number])
    passages = [list(ids[i * length : (i + 1) * length]) for i in range(number)]
    return [[*passage, *passage, *passage[:again]] for passage in passages]


def arms(pair: Pair, gamma: int, sampling: dict[str, Any]) -> dict[str, Decode]:
    """Our ways of decoding, with several kernels, and theirs."""
    ways: dict[str, Decode] = {}
    for kernels in ("plain", "packed", "int8"):
        name = "specsim" if kernels == "plain" else f"specsim {kernels}"
        target, draft = with_kernels(pair.target, kernels), with_kernels(pair.draft, kernels)
        ways[f"{name} plain"] = plain(target, sampling)
        ways[f"{name} speculative"] = speculative(target, draft, gamma, sampling)
        ways[f"{name} look-up"] = speculative(target, prompt_lookup(SUFFIX), gamma, sampling)
    ways["transformers generate"] = theirs(pair)
    ways["transformers assisted"] = theirs(pair, assistant_model=pair.draft.model)
    ways["transformers look-up"] = theirs(
        pair, prompt_lookup_num_tokens=gamma, max_matching_ngram_size=SUFFIX
    )
    return ways


def plain(target: Any, sampling: dict[str, Any]) -> Decode:
    """Our decoding token by token."""
    return lambda prompt, seed: len(autoregressive(target, prompt, rng=seed, **sampling).tokens)


def speculative(target: Any, draft: Any, gamma: int, sampling: dict[str, Any]) -> Decode:
    """Our speculative decoding."""
    return lambda prompt, seed: len(generate(target, draft, prompt, gamma=gamma, rng=seed, **sampling).tokens)


def theirs(pair: Pair, **how: Any) -> Decode:
    """Their `generate`."""

    def decode(prompt: list[int], seed: int) -> int:
        torch.manual_seed(seed)
        ids = torch.tensor([prompt])
        made = pair.target.model.generate(ids, attention_mask=torch.ones_like(ids), **how)
        return made.shape[1] - len(prompt)

    return decode


def level(pair: Pair, gamma: int, tokens: int, temperature: float) -> None:
    """Make transformers do the same: sample from all tokens, draft exactly gamma, never stop early."""
    same: dict[str, Any] = {"do_sample": False, "pad_token_id": 0}
    if temperature:
        same |= {"do_sample": True, "top_k": 0, "top_p": 1.0, "temperature": temperature}
    pair.target.model.generation_config = GenerationConfig(max_new_tokens=tokens, **same)
    pair.draft.model.generation_config = GenerationConfig(
        num_assistant_tokens=gamma,
        num_assistant_tokens_schedule="constant",
        assistant_confidence_threshold=0.0,
        **same,
    )


def in_turns(decode: Decode, prompts: Prompts) -> Contender:
    """Prompt after prompt, each twice, since the first run of a turn is not timed."""
    calls = count()

    def contender() -> int:
        turn = next(calls) // 2
        return decode(prompts[turn % len(prompts)], turn)

    return contender


def claims(results: dict[str, list[Timing]]) -> dict[str, bool]:
    """What the module says, with the better of the two kernels of the same weights."""
    texts = {"plain": "prose", "speculative": "prose", "look-up": "repetitive"}
    least = {"plain": 1.0, "speculative": 1.25, "look-up": 1.25}
    held = {}
    for way in WAYS:
        timings = results[f"{texts[way]}, against {peer_of(way)}"]
        best = max(ratio_of(timings, f"{name} {way}") for name in ("specsim", "specsim packed"))
        claim = f"{way}, {texts[way]}: at least {least[way]} times transformers ({best:.2f})"
        held[claim] = best >= least[way]
    return held


if __name__ == "__main__":
    main()
