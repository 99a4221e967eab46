"""Tokens that a draft decodes speculatively are tokens of the draft, at any depth; the output stays exact."""

from fractions import Fraction as F
from importlib import import_module
from itertools import pairwise, product

import numpy as np
import pytest

from specsim.core import chain, draw, rules, score
from specsim.core.arrays import invert
from specsim.core.draft import Draft, Shape
from specsim.decode import early_exit, generate, hierarchical, prompt_lookup
from specsim.decode.drafter import Opening
from specsim.decode.lengths import confidence, schedule
from specsim.decode.text import Text
from specsim.models import iid, markov, session
from specsim.theory import expected_tokens, overlap, tokens_pmf
from specsim.theory.hierarchy import collect

from .conftest import bigram, gpt2, llama
from .replay import outcomes

HIERARCHICAL = import_module("specsim.decode.hierarchical")
TARGET = markov([1, 0], [[F(1, 2), F(1, 2)], [F(1, 4), F(3, 4)]])
DRAFT = markov([1, 0], [[F(1, 3), F(2, 3)], [F(3, 5), F(2, 5)]])
INNER = markov([1, 0], [[F(1, 2), F(1, 2)], [F(4, 5), F(1, 5)]])
LEAST = iid([F(1, 3), F(2, 3)])
SOURCES = {
    "two levels": lambda: hierarchical(DRAFT, INNER, gamma=2),
    "by blocks": lambda: hierarchical(DRAFT, INNER, gamma=2, rule="block"),
    "three levels": lambda: hierarchical(DRAFT, hierarchical(INNER, LEAST, gamma=1), gamma=1),
    "look-up": lambda: hierarchical(DRAFT, prompt_lookup(2), gamma=2),
    "a draft that doubts": lambda: hierarchical(DRAFT, INNER, gamma=confidence(0.55, 2)),
}


def opened(source, gamma, batch=1):
    return source.drafter(Opening(TARGET, Shape(chain(gamma)), batch, np.asarray, session))


def after(model, tokens):
    return model(np.array([tokens]))[0]


def string_law(model, length, begun):
    """The law of the next `length` tokens."""
    found = {}
    for tokens in product(range(model.vocab_size), repeat=length):
        chance = F(1)
        for i, token in enumerate(tokens):
            chance *= after(model, (*begun, *tokens[:i]))[token]
        found[tokens] = chance
    return found


def exactly(law):
    """Copied tokens have laws in floats; all others are fractions, and stay what they are."""
    return {tokens: F(chance).limit_denominator(10**6) for tokens, chance in law.items()}


@pytest.mark.theorem("lossless")
@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
@pytest.mark.parametrize("gamma", [2, 3])
def test_drafted_tokens_have_the_drafts_own_law_and_say_so(monkeypatch, source, gamma):
    begun = (0, 1, 0)

    def proposed():
        drafter = opened(source(), gamma)
        draft = drafter.propose([Text(begun, 99, "length", ())], Shape(chain(gamma)), None, np.zeros((1, 99)))
        tokens = tuple(draft.tokens[0].tolist())
        for i, law in enumerate(draft.laws[0].tolist()):
            assert law == after(DRAFT, (*begun, *tokens[:i])).tolist()
        return tokens

    assert exactly(outcomes(monkeypatch, proposed)) == string_law(DRAFT, gamma, begun)


@pytest.mark.theorem("lossless")
@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
@pytest.mark.parametrize("rule, gamma", [("token", 2), ("block", 2), ("token", confidence(0.55, 2))])
def test_a_text_of_many_rounds_has_the_targets_law(monkeypatch, source, rule, gamma):
    def text():
        settings = {"gamma": gamma, "rule": rule, "max_new_tokens": 3}
        return generate(TARGET, source(), [0, 1], rng=0, **settings).tokens

    assert exactly(outcomes(monkeypatch, text)) == string_law(TARGET, 3, (0, 1))


def each(levels):
    """How many uniforms a token of the first level takes."""
    return 1 if len(levels) == 1 else levels[0][1] * each(levels[1:]) + 2


def by_levels(levels, begun, count, uniforms):
    """So many tokens as the first model writes them, drafted by the others, and their laws; no memory."""
    (model, gamma), *rest = levels
    tokens, laws = [], []
    for block in uniforms[: count * each(levels)].reshape(count, each(levels)):
        text = [*begun, *tokens]
        if not rest:
            laws.append(after(model, text))
            tokens.append(int(invert(laws[-1][None], block)[0]))
            continue
        size = min(gamma, count - len(tokens) - 1)
        drafted, drawn_from = by_levels(rest, text, size, block)
        shaped = np.array(drafted, int)[None], np.reshape(drawn_from, (1, size, model.vocab_size))
        draft = Draft(*shaped, chain(size) if size else ())
        given = score(model, np.array([text]), draft)
        used = size * each(rest)
        node, token = draw(rules.token(given, draft), block[None, used : used + 2])
        tokens += [*drafted[: int(node[0])], int(token[0])]
        laws += [*given[0, : int(node[0]) + 1]]
        if len(tokens) == count:
            break
    return tokens, laws


STACKS = {
    "tables": lambda: [TARGET, DRAFT, INNER],
    "networks": lambda: [llama(1), llama(2, width=8), gpt2(3)],
    "networks on n-grams": lambda: [gpt2(1), llama(2), bigram()],
    "four levels": lambda: [llama(1), gpt2(2), llama(3, width=8), bigram()],
}


@pytest.mark.parametrize("models", STACKS.values(), ids=STACKS)
def test_the_same_uniforms_give_the_tokens_of_the_core_composed_by_hand(models):
    levels = [*zip(models(), (3, 2, 2, None))]
    levels[-1] = (levels[-1][0], None)
    draft = levels[-1][0]
    for model, gamma in reversed(levels[1:-1]):
        draft = hierarchical(model, draft, gamma=gamma)
    uniforms = np.random.default_rng(8).random((25, 3 * each(levels[1:]) + 2))
    settings = {"gamma": 3, "max_new_tokens": 25, "uniforms": uniforms, "eos": ()}
    made = generate(levels[0][0], draft, [1, 0, 1], **settings)
    assert list(made.tokens) == by_levels(levels, [1, 0, 1], 25, uniforms.reshape(-1))[0]
    assert 0 < made.acceptance < 1


def stacks_of_texts():
    target, draft = llama(1, layers=2), llama(2, width=8)
    return {
        "n-grams": (target, hierarchical(draft, bigram(), gamma=2)),
        "look-up": (target, hierarchical(draft, prompt_lookup(1), gamma=3)),
        "three levels": (target, hierarchical(draft, hierarchical(gpt2(3), bigram(), gamma=2), gamma=2)),
        "its first layer": (target, hierarchical(early_exit(target, 1), prompt_lookup(2), gamma=2)),
        "a schedule": (target, hierarchical(draft, bigram(), gamma=schedule(2, 4))),
        "short windows": (gpt2(1, window=16), hierarchical(llama(2, window=12), gpt2(3, window=10), gamma=2)),
    }


def no_repeats(ids, logits):
    return logits.scatter(1, ids[:, -1:], -np.inf)


PROMPTS = [[1, 0, 1], [1], [0, 1, 1, 0, 1, 0, 0], [1, 0]]


@pytest.mark.parametrize("name", stacks_of_texts())
def test_every_text_of_a_batch_is_what_it_is_alone(name):
    target, draft = stacks_of_texts()[name]
    settings = {"gamma": 4, "max_new_tokens": 20, "eos": [5]}
    together = generate(target, draft, PROMPTS, rng=4, **settings)
    for i, (prompt, made) in enumerate(zip(PROMPTS, together)):
        own = generate(target, draft, prompt, rng=np.random.default_rng([4, i]), **settings)
        assert (made.tokens, made.stopped) == (own.tokens, own.stopped)
        assert [one.kept for one in made.rounds] == [one.kept for one in own.rounds]
    assert max(len(made.rounds) for made in together) > 2


def test_processors_are_asked_at_every_level():
    target, draft = llama(1), hierarchical(llama(2, width=8), gpt2(3), gamma=2)
    settings = {"gamma": 3, "rng": 4, "eos": ()}
    made = generate(target, draft, PROMPTS, max_new_tokens=20, processors=no_repeats, **settings)
    texts = [[prompt[-1], *one.tokens] for prompt, one in zip(PROMPTS, made)]
    assert all(token != other for text in texts for token, other in pairwise(text))
    assert len(generate(target, draft, [0], max_new_tokens=1, processors=no_repeats, **settings).tokens) == 1


def test_inner_rounds_number_what_theory_says(monkeypatch):
    draft, inner = iid([F(1, 2), F(1, 2)]), iid([F(1, 5), F(4, 5)])
    alpha = overlap(np.array(after(draft, [0])), np.array(after(inner, [0])))
    counted = []
    play = HIERARCHICAL.play_round
    monkeypatch.setattr(HIERARCHICAL, "play_round", lambda *given: (counted.append(1), play(*given))[1])

    def rounds():
        counted.clear()
        drafter = opened(hierarchical(draft, inner, gamma=2), 4)
        drafter.propose([Text((0,), 99, "length", ())], Shape(chain(4)), None, np.zeros((1, 99)))
        return len(counted)

    law = outcomes(monkeypatch, rounds)
    per_round = dict(enumerate(tokens_pmf(alpha, 2), 1))
    assert sum(count * chance for count, chance in law.items()) == collect(per_round, 4)[1]
    assert expected_tokens(alpha, 2) == sum(tokens * chance for tokens, chance in per_round.items())


def test_what_cannot_be_drafted_so_is_refused():
    with pytest.raises(ValueError, match="a hierarchical draft is a chain such as chain:5, got tree:2,1"):
        generate(TARGET, hierarchical(DRAFT, INNER), [0], shape="tree:2,1")
    with pytest.raises(ValueError, match="by token or block, got 'lossy:uno"):
        hierarchical(DRAFT, INNER, rule="lossy:uno(0.1)")
    with pytest.raises(ValueError, match="share one vocabulary"):
        generate(TARGET, hierarchical(DRAFT, iid([F(1, 3)] * 3)), [0])
