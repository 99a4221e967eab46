"""Verification of one drafted block on an LLM's vocabulary, against transformers' `_speculative_sampling`.

Batch 1, gamma 5, float32 on the CPU. All begin at logits and end with the kept tokens and the next one. The
last two contenders get the draft laws as laws, as a decoder has them that drew the draft from them.

Claims: `token` at least twice as fast, `block` no slower.
"""

import numpy as np
import torch
from common import RATIO, Contender, microseconds, ratio_of, save, settle_memory, show, take_turns
from transformers.generation.utils import _speculative_sampling

from specsim.core import Draft, chain, draw, rules

GAMMA = 5
VOCABULARIES = (50_257, 151_936)


def contenders(vocabulary: int) -> dict[str, Contender]:
    """One verification of the same draft by each; uniforms differ from call to call."""
    generator = torch.Generator().manual_seed(0)
    target = 2 * torch.randn(1, GAMMA + 1, vocabulary, generator=generator)
    draft = target[:, :GAMMA] + torch.randn(1, GAMMA, vocabulary, generator=generator)
    laws = draft.softmax(-1)
    tokens = torch.multinomial(laws[0], 1, generator=generator).T
    text = torch.cat([torch.zeros(1, 3, dtype=torch.long), tokens], dim=1)
    rng = np.random.default_rng(1)

    def transformers() -> float:
        _speculative_sampling(text, draft, GAMMA, target, False)
        return 1

    def ours(rule: str, known: bool) -> Contender:
        verify = rules.get(rule).kernel

        def once() -> float:
            drafted = Draft(tokens, laws if known else draft.softmax(-1), chain(GAMMA))
            draw(verify(target.softmax(-1), drafted), torch.from_numpy(rng.random((1, 2))))
            return 1

        return once

    return {
        "transformers": transformers,
        "token": ours("token", known=False),
        "block": ours("block", known=False),
        "token, draft laws known": ours("token", known=True),
        "block, draft laws known": ours("block", known=True),
    }


def main() -> None:
    torch.set_num_threads(1)
    settle_memory()
    results, claims = {}, {}
    with torch.inference_mode():
        for vocabulary in VOCABULARIES:
            timings = take_turns(contenders(vocabulary), "transformers", turns=200)
            show(f"Vocabulary {vocabulary:,}, gamma {GAMMA}", timings, microseconds("round") | RATIO)
            results[str(vocabulary)] = timings
            claims[f"{vocabulary:,}: token at least twice as fast"] = ratio_of(timings, "token") >= 2
            claims[f"{vocabulary:,}: block no slower"] = ratio_of(timings, "block") >= 1
    save("bench_verification", results, claims)


if __name__ == "__main__":
    main()
