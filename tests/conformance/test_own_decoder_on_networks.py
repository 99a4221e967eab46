"""Our own decoder on networks: the exact law of its texts, every random number decided, is the target's.

Small Llamas with random weights in float32, as they are loaded; what is due comes from `transformers` alone,
a whole text per pass, without a cache. Every drafter meets every exact rule here, both meet chains, trees and
batches, and adaptive lengths; the profile `explore` walks the full product, over three tokens instead of two.
"""

from dataclasses import dataclass
from functools import cache
from itertools import tee

import numpy as np
import pytest
import torch
from hypothesis import settings

from specsim.conformance import check_writer
from specsim.conformance.assisted.pairs import model
from specsim.core import rules
from specsim.core.draft import Draft
from specsim.core.plan import Plan
from specsim.decode import (
    autoregressive,
    early_exit,
    generate,
    hierarchical,
    lengths,
    prompt_lookup,
    speculative,
    string_match,
)
from specsim.decode.drop_in import speculative_generate
from specsim.decode.model_drafter import ModelDrafter
from specsim.models import ngram
from specsim.models.causal_session import CausalSession
from specsim.models.kernels import with_kernels
from specsim.models.transformers_model import CausalLM

from ..decode.tokenizers_of_letters import tokenizer
from ..encoder_decoders import t5

DEEP = settings.get_current_profile_name() == "explore"
VOCABULARY = 3 if DEEP else 2
PROMPTS = ([0, 1, 0], [1, 0])
TARGET = CausalLM(model(1, VOCABULARY, layers=2), tokenizer("abc"[:VOCABULARY]))
SMALL = CausalLM(model(2, VOCABULARY))
FOREIGN = CausalLM(model(3, 4), tokenizer("dcab"))


@cache
def bigram():
    text = np.random.default_rng(3).integers(0, VOCABULARY, 200)
    return ngram.train([text.tolist()], vocab_size=VOCABULARY, order=2)


DRAFTERS = {
    "model": lambda: SMALL,
    "n-gram": bigram,
    "look-up": lambda: prompt_lookup(2),
    "early exit": lambda: early_exit(TARGET, 1),
    "hierarchical": lambda: hierarchical(SMALL, bigram(), gamma=1),
    "other tokens": lambda: FOREIGN,
    "other tokens by text": lambda: string_match(FOREIGN),
}
RULES = {
    "token": "siblings:2:distinct",
    "block": None,
    "batch": "chains:2,1",
    "traversal": "siblings:2",
    "naive_tree": "siblings:2",
    "hub": "siblings:2:hub",
    "k_seq": "siblings:2",
    "match": "siblings:2:top",
}
"""Exact rules, and a tree for each."""
POLICIES = {
    "schedule": lambda: lengths.schedule(1),
    "confidence": lambda: lengths.confidence(0.5, most=2),
    "optimal": lambda: lengths.optimal(most=2, costs=lambda gamma: 1 + gamma / 10),
}


@dataclass(frozen=True)
class Way:
    """How to decode: by name of drafter and rule, a shape, so many texts, of so many tokens at most.

    end: a token that ends a text, so that the other one goes on alone.
    """

    drafter: str
    rule: str
    shape: str
    texts: int
    length: int
    end: int | None = None

    def __str__(self):
        end = "" if self.end is None else f" up to {self.end}"
        return f"{self.drafter}, {self.rule}, {self.shape}, {self.texts} of {self.length} tokens{end}"


def ways():
    """Every drafter with every rule, now a chain, now a tree, now a batch; a deep tree, a batch of trees."""
    for i, (rule, tree) in enumerate(RULES.items()):
        for j, drafter in enumerate(DRAFTERS):
            if (i + j) % 2:
                yield Way(drafter, rule, "chain:2", 2, 2, end=1)
            elif (i + j) % 4 or not tree or not branches(drafter):
                yield Way(drafter, rule, "chain:2", 1, 2 + (not (i + j) % 3))
            else:
                yield Way(drafter, rule, tree, 1, 2)
    yield Way("n-gram", "traversal", "tree:2,1", 1, 3)
    yield Way("early exit", "token", "siblings:2:distinct", 2, 2, end=1)


def branches(drafter):
    return drafter not in ("look-up", "hierarchical", "other tokens by text")


def all_ways():
    """The full product."""
    for rule, tree in RULES.items():
        for drafter in DRAFTERS:
            yield Way(drafter, rule, "chain:2", 1, 3)
            yield Way(drafter, rule, "chain:2", 2, 2)
            yield Way(drafter, rule, "chain:2", 2, 2, end=1)
            if tree and branches(drafter):
                yield from (Way(drafter, rule, tree, texts, 2) for texts in (1, 2))
    yield Way("model", "traversal", "tree:2,1", 1, 3)


def law_of(network):
    """A network's own law, from one pass of transformers over the whole text."""

    def law(context):
        with torch.no_grad():
            return network(torch.tensor([context])).logits[0, -1].double().softmax(-1).numpy()

    return law


def report(draft, texts, length, end=None, shaping=(), target=TARGET, **how):
    """What the kit says of so many texts, of this length at most."""
    shaping, prompts, ends = dict(shaping), list(PROMPTS[:texts]), () if end is None else (end,)

    def write():
        made = generate(target, draft, prompts, max_new_tokens=length, eos=ends, **how, **shaping)
        return [one.tokens for one in made]

    return check_writer(write, law_of(target.model), prompts, length, seconds=600, eos=end, **shaping)


def passes(found):
    """Exact to float32."""
    assert found.verdict == "exact", str(found)
    assert found.tv < 1e-6
    assert found.unexplored < 1e-12


@pytest.mark.theorem("lossless")
@pytest.mark.parametrize("way", list(all_ways() if DEEP else ways()), ids=str)
def test_texts_have_the_targets_law(way):
    passes(report(DRAFTERS[way.drafter](), way.texts, way.length, way.end, shape=way.shape, rule=way.rule))


def test_texts_that_need_drafts_of_other_lengths_do_not_mix():
    """Look-up finds something in one text only, and rounds of the other end elsewhere."""
    passes(report(prompt_lookup(2), 2, 3, gamma=2))


@pytest.mark.parametrize("drafter", DRAFTERS if DEEP else ["model", "hierarchical"])
@pytest.mark.parametrize("policy", POLICIES)
def test_adaptive_lengths_change_nothing(policy, drafter):
    passes(report(DRAFTERS[drafter](), 1, 3, gamma=POLICIES[policy]()))


def test_texts_for_sources_are_exact():
    """An encoder-decoder target; the law of its texts from one pass over source and text."""
    target, draft = (t5(seed, vocabulary=VOCABULARY) for seed in (1, 2))
    sources = [[0, 1, 0], [1, 0]]

    def law(context):
        source = sources[context[0]]
        text = torch.tensor([[target.start, *context[len(source) :]]])
        with torch.no_grad():
            logits = target.model(input_ids=torch.tensor([source]), decoder_input_ids=text).logits
        return logits[0, -1].double().softmax(-1).numpy()

    def write():
        return [one.tokens for one in generate(target, draft, sources, gamma=2, max_new_tokens=2, eos=())]

    passes(check_writer(write, law, sources, 2))


def test_plain_decoding_is_exact():
    def write():
        return [one.tokens for one in autoregressive(TARGET, [*PROMPTS], max_new_tokens=2, eos=())]

    passes(check_writer(write, law_of(TARGET.model), PROMPTS, 2))


def test_generate_of_transformers_decodes_exactly_with_it():
    """Its generator is seeded by a draw of torch, which the walk follows."""
    ids, network = torch.tensor([PROMPTS[0]]), TARGET.model
    how = {"do_sample": True, "top_k": 0, "max_new_tokens": 3, "attention_mask": torch.ones_like(ids)}

    def write():
        made = network.generate(ids, custom_generate=speculative_generate, draft=SMALL, gamma=2, **how)
        return made[:, ids.shape[1] :].tolist()

    passes(check_writer(write, law_of(network), PROMPTS[:1], 3))


@pytest.mark.parametrize("kernels", ["packed", "int8"])
def test_other_kernels_are_exact_for_the_network_that_they_make(kernels):
    passes(report(bigram(), 2, 2, end=1, target=with_kernels(TARGET, kernels), gamma=2))


@pytest.mark.parametrize("shaping", [{"temperature": 0.6}, {"top_p": 0.6}, {"temperature": 0.0}], ids=str)
def test_what_shapes_the_law_shapes_it_everywhere(shaping):
    passes(report(SMALL, 1, 3, gamma=2, shaping=shaping))


def draw_otherwise(monkeypatch):
    """Tokens are drafted as ever, and declared to come from the draft at temperature 2."""
    real = ModelDrafter.propose

    def propose(*args):
        draft = real(*args)
        warm = draft.laws**0.5
        return Draft(draft.tokens, warm / warm.sum(-1, keepdims=True), draft.parent)

    monkeypatch.setattr(ModelDrafter, "propose", propose)


def keep_what_was_rejected(monkeypatch):
    """The cache is not rolled back: the next tokens are read behind the rejected ones."""
    lengths, extend, settle = CausalSession.lengths.fget, CausalSession.extend, CausalSession.settle

    def reading(self, tokens, keep=None, parent=(), present=None):
        self.size = len(parent)
        return extend(self, tokens, keep, parent, present)

    def keeping(self, chosen):
        self.surplus = getattr(self, "surplus", 0) + self.size - len(chosen[0])
        settle(self, [range(1, self.size + 1)])

    forgetful = property(lambda self: [n - getattr(self, "surplus", 0) for n in lengths(self)])
    for name, wrong in {"extend": reading, "settle": keeping, "lengths": forgetful}.items():
        monkeypatch.setattr(CausalSession, name, wrong)


def share_uniforms(monkeypatch):
    """All texts of a batch are drawn with the same random numbers."""
    real = speculative.uniform_rows

    def shared(rng, uniforms, width, texts):
        return list(tee(real(rng, uniforms, width, None)[0], texts))

    monkeypatch.setattr(speculative, "uniform_rows", shared)


def bonus_from_the_draft(target, draft):
    """Token verification, its bonus drawn from the draft's last law."""
    plan = rules.token(target, draft)
    bonus = draft.laws[:, -1:] if draft.parent else plan.residual[:, -1:]
    return Plan(plan.stop, torch.cat([plan.residual[:, :-1], bonus], dim=1))


FAULTS = {
    "drawn from another law than declared": (draw_otherwise, "token", 1),
    "cache not rolled back": (keep_what_was_rejected, "token", 1),
    "one source of uniforms for the batch": (share_uniforms, "token", 2),
    "bonus from the draft": (lambda monkeypatch: None, bonus_from_the_draft, 1),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_shows(fault, monkeypatch):
    spoil, rule, texts = FAULTS[fault]
    spoil(monkeypatch)
    found = report(bigram(), texts, 4 - texts, gamma=2, rule=rule)
    assert found.verdict == "lossy"
    assert found.diagnosis.kind != "crash"
    assert found.tv > 1e-3
