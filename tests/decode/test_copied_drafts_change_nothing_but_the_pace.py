"""Prompt look-up copies what a dumb search finds, and the text keeps the target's law."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from specsim.core import chain, draw, law, rules, score
from specsim.core.arrays import one_hot
from specsim.core.draft import Draft
from specsim.decode import generate, prompt_lookup, warp
from specsim.decode.lookup import Index
from specsim.models import markov

from .conftest import Met, pair_named
from .enumeration import close, string_law

REPETITIVE = [1, 2, 0, 1, 2]
WARPED = {"temperature": 0.7, "top_p": 0.9}


def copied(text, n, count):
    """What followed the longest suffix that occurred before, found by looking everywhere."""
    for size in range(min(n, len(text)), 0, -1):
        for begin in reversed(range(len(text) - size)):
            if text[begin : begin + size] == text[-size:]:
                longer = list(text)
                for i in range(count):
                    longer.append(longer[begin + size + i])
                return longer[len(text) :]
    return []


def by_hand(target, prompt, n, gamma, rule, uniforms, length):
    """The decoder composed from the core and the dumb search; each round uses its first uniforms."""
    text, end = list(prompt), len(prompt) + length
    for row in uniforms:
        tokens = np.array([copied(text, n, min(gamma, end - len(text) - 1))], np.int64)
        size = tokens.shape[1]
        draft = Draft(tokens, one_hot(tokens, like=np.zeros(target.vocab_size)), chain(size) if size else ())
        plan = rule(score(target, np.array([text]), draft), draft)
        node, token = draw(plan, row[None, size : size + 2])
        text += [*tokens[0, : int(node[0])].tolist(), int(token[0])]
        if len(text) == end:
            return tuple(text[len(prompt) :])
    raise AssertionError("too few uniforms")


@given(st.lists(st.integers(0, 2), min_size=1, max_size=12), st.integers(1, 4), st.integers(1, 5))
def test_an_index_finds_what_looking_everywhere_finds(text, n, count):
    grown = Index(n)
    for length in range(1, len(text) + 1):
        assert grown.following(text[:length], count) == copied(text[:length], n, count)
    assert Index(n).following(text, count) == copied(text, n, count)


@given(st.lists(st.integers(0, 2), min_size=1, max_size=12), st.integers(0, 12), st.lists(st.integers(0, 2)))
def test_an_index_that_forgets_is_one_that_never_knew(text, length, later):
    grown, kept = Index(3), text[:length]
    grown.following(text, 1)
    grown.rewind(length)
    if kept + later:
        assert grown.following(kept + later, 3) == copied(kept + later, 3, 3)


@pytest.mark.parametrize("rule", ["token", "block", "match", "greedy"])
@pytest.mark.parametrize("name", ["toy", "regimes", "fractions", "llama, llama", "bigram, gpt2"])
def test_the_same_uniforms_give_the_tokens_of_the_core_composed_by_hand(name, rule):
    target, uniforms = pair_named(name).target, np.random.default_rng(5).random((20, 5))
    made = generate(
        target,
        prompt_lookup(2),
        [1, 0, 1],
        gamma=3,
        rule=rule,
        uniforms=uniforms,
        max_new_tokens=20,
        eos=(),
    )
    assert made.tokens == by_hand(target, [1, 0, 1], 2, 3, rules.get(rule), uniforms, 20)
    assert any(one.drafted for one in made.rounds)


def round_law(target, text, room, rule, sampling):
    """The law of what the next round emits behind this text."""
    met = Met(rules.get(rule))
    generate(
        target,
        prompt_lookup(2),
        text,
        gamma=2,
        rule=met,
        uniforms=np.full((1, 4), 0.5),
        eos=range(target.vocab_size),  # one round is enough
        max_new_tokens=room,
        **sampling,
    )
    _, draft, plan = met.rounds[0]
    for kept, row in enumerate(law(plan)[0].tolist()):
        for token, chance in enumerate(row):
            yield (*draft.tokens[0, :kept].tolist(), token), chance


def text_law(target, length, rule, sampling, begun=tuple(REPETITIVE)):
    """The law of `length` tokens, round after round."""
    if length == 0:
        return {(): 1.0}
    found = Counter()
    for emitted, chance in round_law(target, begun, length, rule, sampling):
        if chance > 0:
            after = text_law(target, length - len(emitted), rule, sampling, (*begun, *emitted))
            for rest, more in after.items():
                found[*emitted, *rest] += chance * more
    return found


@pytest.mark.theorem("lossless")
@pytest.mark.parametrize("sampling", [{}, WARPED], ids=["plain", "warped"])
@pytest.mark.parametrize("rule", ["token", "block", "match"])
def test_a_text_of_many_rounds_has_the_targets_law(rule, sampling):
    target = pair_named("three tokens").target
    expected = string_law(target, 4, warp(**sampling), tuple(REPETITIVE))
    assert close(text_law(target, 4, rule, sampling), expected)


PROMPTS = [REPETITIVE, [0], [1, 1, 1], [0, 1, 2], [2, 0]]


@pytest.mark.parametrize("name", ["regimes", "llama, llama"])
def test_every_text_of_a_batch_is_what_it_is_alone(name):
    target, settings = pair_named(name).target, {"gamma": 3, "max_new_tokens": 14, "eos": [0]}
    together = generate(target, prompt_lookup(2), PROMPTS, rng=4, **settings)
    for i, (prompt, made) in enumerate(zip(PROMPTS, together)):
        own = generate(target, prompt_lookup(2), prompt, rng=np.random.default_rng([4, i]), **settings)
        assert made.tokens == own.tokens
        assert [(one.drafted, one.kept) for one in made.rounds] == [
            (one.drafted, one.kept) for one in own.rounds
        ]


def test_nothing_is_drafted_where_nothing_can_be_copied():
    made = generate(pair_named("toy").target, prompt_lookup(), [0], max_new_tokens=1, rng=0)
    assert [one.drafted for one in made.rounds] == [0]
    assert np.isnan(made.acceptance)


def test_repetition_is_copied_at_full_depth():
    circle = markov([1, 0, 0], np.roll(np.eye(3), 1, axis=1))
    made = generate(circle, prompt_lookup(), [0, 1, 2, 0], gamma=4, max_new_tokens=20, rng=0)
    assert made.tokens_per_round == 5


def test_trees_and_suffixes_of_no_token_are_refused():
    target = pair_named("toy").target
    with pytest.raises(ValueError, match="drafts a chain such as chain:5, got tree:2,1"):
        generate(target, prompt_lookup(), [0], shape="tree:2,1")
    for n in (0, 1.5):
        with pytest.raises(ValueError, match="n >= 1"):
            prompt_lookup(n)
