"""Verification of one drafted block on an LLM's vocabulary, against transformers' `_speculative_sampling`.

Batch 1, gamma 5, float32 on the CPU. All begin at logits and end with the kept tokens and the next one. The
last two contenders get the draft laws as laws, as a decoder has them that drew the draft from them.

Claims: `token` at least twice as fast, `block` no slower.

Then what each lossy rule costs beside `token`, both from known draft laws. Claim: no more than five times as
much, `mentored` aside, which solves for its law.
"""

import numpy as np
import torch
from common import RATIO, Contender, Timing, microseconds, ratio_of, save, settle_memory, show, take_turns
from transformers.generation.utils import _speculative_sampling

from specsim.core import Draft, chain, draw, rules

GAMMA = 5
VOCABULARIES = (50_257, 151_936)


class Block:
    """A drafted block, and what verifies it; uniforms differ from call to call."""

    def __init__(self, vocabulary: int) -> None:
        generator = torch.Generator().manual_seed(0)
        self.target = 2 * torch.randn(1, GAMMA + 1, vocabulary, generator=generator)
        self.draft = self.target[:, :GAMMA] + torch.randn(1, GAMMA, vocabulary, generator=generator)
        self.laws = self.draft.softmax(-1)
        self.tokens = torch.multinomial(self.laws[0], 1, generator=generator).T
        self.text = torch.cat([torch.zeros(1, 3, dtype=torch.long), self.tokens], dim=1)
        self.rng = np.random.default_rng(1)

    def transformers(self) -> float:
        """The peer."""
        _speculative_sampling(self.text, self.draft, GAMMA, self.target, False)
        return 1

    def ours(self, rule: str, known: bool) -> Contender:
        """A rule of the core, from draft laws or from draft logits."""
        verify = rules.get(rule).kernel

        def once() -> float:
            laws = self.laws if known else self.draft.softmax(-1)
            plan = verify(self.target.softmax(-1), Draft(self.tokens, laws, chain(GAMMA)))
            draw(plan, torch.from_numpy(self.rng.random((1, 2))))
            return 1

        return once


def exact_rules(block: Block) -> list[Timing]:
    """The exact rules of chains against the peer."""
    contenders: dict[str, Contender] = {
        "transformers": block.transformers,
        "token": block.ours("token", known=False),
        "block": block.ours("block", known=False),
        "token, draft laws known": block.ours("token", known=True),
        "block, draft laws known": block.ours("block", known=True),
    }
    return take_turns(contenders, "transformers", turns=200)


def lossy_rules(block: Block) -> list[Timing]:
    """Every lossy rule against `token`."""
    names = ("token", *rules.lossy.names())
    return take_turns({name: block.ours(name, known=True) for name in names}, "token", turns=20)


def main() -> None:
    torch.set_num_threads(1)
    settle_memory()
    results, claims = {}, {}
    cost = {"cost, token = 1": lambda one: f"{1 / one.ratio:.1f}"}
    with torch.inference_mode():
        for vocabulary in VOCABULARIES:
            block, title = Block(vocabulary), f"{vocabulary:,}"
            timings = exact_rules(block)
            show(f"Vocabulary {title}, gamma {GAMMA}", timings, microseconds("round") | RATIO)
            claims[f"{title}: token at least twice as fast"] = ratio_of(timings, "token") >= 2
            claims[f"{title}: block no slower"] = ratio_of(timings, "block") >= 1
            lossy = lossy_rules(block)
            show(f"Lossy rules, vocabulary {title}", lossy, microseconds("round") | cost)
            quick = [one for one in lossy if one.name != "lossy:mentored"]
            claims[f"{title}: lossy rules within 5 times token"] = all(one.ratio >= 1 / 5 for one in quick)
            results |= {str(vocabulary): timings, f"{vocabulary}, lossy": lossy}
    save("bench_verification", results, claims)


if __name__ == "__main__":
    main()
