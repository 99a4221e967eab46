"""Given a text of the target, the law of the rounds that wrote it: by enumeration, theory and decoding."""

from dataclasses import replace
from fractions import Fraction as F
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specsim import theory
from specsim.core import chain
from specsim.decode import generate, prompt_lookup
from specsim.decode.lengths import confidence, constant, schedule
from specsim.measure import course
from specsim.measure.asking import ask
from specsim.measure.given_text import beginnings, expected_rounds, slow_rounds, survivals
from specsim.measure.reading import compare, read
from specsim.models import Pair, iid, load_pair, markov
from specsim.models.texts import Text

TARGET = [[F(1, 2), F(1, 3), F(1, 6)], [F(1, 10), F(3, 5), F(3, 10)], [F(1, 3)] * 3]
DRAFT = [[F(1, 5), F(1, 5), F(3, 5)], [F(1, 2), F(1, 4), F(1, 4)], [F(1, 7), F(3, 7), F(3, 7)]]
CHAINS = Pair(markov([1, 0, 0], TARGET), markov([1, 0, 0], DRAFT))
COIN = Pair(iid([F(1, 3), F(2, 3)]), iid([F(2, 3), F(1, 3)]))
RULES = ("token", "block", "match")


def chances(rows, text, begun=1):
    """What a Markov chain gave each token of a text."""
    return np.array([rows[above][token] for above, token in zip((begun, *text), text)], object)


@pytest.mark.theorem("given-the-text")
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("gamma", [1, 2, 3])
def test_how_many_were_kept_is_independent_of_all_that_follows_in_the_text(rule, gamma):
    emitted = theory.output_law(rule, CHAINS, chain(gamma), (1,))
    for text in product(range(3), repeat=gamma + 2):
        target, draft = chances(TARGET, text), chances(DRAFT, text)
        reached = [1, *survivals(rule, target, draft, gamma)[0], 0]
        for kept in range(gamma + 1):
            joint = emitted.get(text[: kept + 1], 0) * np.prod(target[kept + 1 :])
            assert joint == np.prod(target) * (reached[kept] - reached[kept + 1])


def over_texts(length, value):
    """The mean of a function of coin texts, over all texts of the target's coin."""
    law, other = [F(1, 3), F(2, 3)], [F(2, 3), F(1, 3)]
    return sum(
        np.prod([law[token] for token in text])
        * value(np.array([law[x] for x in text], object), np.array([other[x] for x in text], object))
        for text in product(range(2), repeat=length)
    )


@pytest.mark.theorem("given-the-text", "ragged")
@pytest.mark.parametrize("gamma", [1, 2, 4])
def test_over_all_texts_the_rounds_are_those_of_the_closed_form(gamma):
    rounds = over_texts(5, lambda p, q: expected_rounds(survivals("token", p, q, gamma)))
    assert rounds == theory.expected_rounds(F(2, 3), gamma, 5)


def test_over_all_texts_the_slowest_of_two_is_that_of_the_closed_form():
    law, other = np.array([1 / 3, 2 / 3]), np.array([2 / 3, 1 / 3])
    texts = [np.array(text) for text in product(range(2), repeat=4)]
    found = [(law[text].prod(), survivals("token", law[text], other[text], 2)) for text in texts]
    slowest = sum(p * q * slow_rounds([one, two]) for p, one in found for q, two in found)
    assert slowest == pytest.approx(theory.expected_rounds(2 / 3, 2, 4, 2))


positive = st.lists(st.floats(0.01, 1), min_size=2, max_size=7)


@settings(deadline=None)
@given(positive, st.data(), st.integers(1, 4))
def test_block_keeps_no_less_than_token_and_token_no_less_than_match(target, data, gamma):
    draft = data.draw(st.lists(st.floats(0, 1), min_size=len(target), max_size=len(target)))
    found = [
        survivals(rule, np.array(target), np.array(draft), gamma) for rule in ("match", "token", "block")
    ]
    for less, more in pairwise(found):
        assert (less <= more + 1e-12).all()
    for one in found:
        assert (np.diff(one, axis=1) <= 1e-12).all()
        assert one.max() <= 1


@settings(deadline=None)
@given(positive, st.integers(1, 3))
def test_beginnings_are_those_of_all_ways_to_cut_the_text(draft, gamma):
    survival = survivals("match", np.ones(len(draft)), np.array(draft), gamma)

    def mass(at, place):
        """The chance that rounds from `at` on have one that begins at `place`."""
        if at >= place:
            return float(at == place)
        reached = [1, *survival[at], 0]
        return sum(
            (reached[kept] - reached[kept + 1]) * mass(at + kept + 1, place) for kept in range(gamma + 1)
        )

    assert beginnings(survival) == pytest.approx([mass(0, place) for place in range(len(draft))])


def reading_of(pair, made, source=None, gamma=3):
    text, count = Text("", np.array([*made.prompt, *made.tokens])), len(made.tokens)
    if source is None:
        return read(pair, text, count, (), lambda logits: np.eye(pair.vocab_size)[logits.argmax(-1)], None)
    laws, copies = ask(source, pair.target, text, count, lambda logits: logits, gamma)
    assert copies is not None
    return replace(compare(text, np.ones_like(laws), laws), copies=copies)


def counted(rounds):
    """How often rounds after the first drafted so many tokens."""
    found = [one.drafted for one in rounds[1:]]
    return {count: found.count(count) for count in found}


@pytest.mark.parametrize("lengths", [constant(3), schedule(2)], ids=["constant", "schedule"])
@pytest.mark.parametrize("seed", range(3))
def test_the_rounds_of_a_look_up_are_read_off_its_text(lengths, seed):
    pair = load_pair("toy")
    made = generate(
        pair.target, prompt_lookup(), [0, 1], gamma=lengths, rule="block", max_new_tokens=40, rng=seed
    )
    reading = reading_of(pair, made, prompt_lookup(), lengths.most)
    found = course.course(reading, "block", lengths, np.random.default_rng(0))
    assert {count: often for count, often in found.rounds.items() if often} == counted(made.rounds)
    reached, kept = course.asked_and_kept(made.rounds, lengths.most)
    assert (found.reached.tolist(), found.kept.tolist()) == (reached.tolist(), kept.tolist())


@pytest.mark.parametrize("lengths", [constant(2), schedule(1), confidence(0.5, 3)], ids=repr)
def test_greedy_rounds_are_read_off_their_text(word_pair, lengths):
    pair = word_pair[0]
    made = generate(pair.target, pair.draft, [1, 2], gamma=lengths, temperature=0, max_new_tokens=24, eos=())
    found = course.course(reading_of(pair, made), "token", lengths, np.random.default_rng(0))
    assert {count: often for count, often in found.rounds.items() if often} == counted(made.rounds)


def test_a_replayed_constant_keeps_what_follows_exactly_from_the_text():
    pair, rng = load_pair("regimes"), np.random.default_rng(5)
    text = Text("", rng.integers(0, 4, 30))
    reading = read(pair, text, 29, (), None, rng)
    exact = course.course(reading, "token", constant(3), rng)
    survival, room = reading.survival("token", 3), np.minimum(np.arange(29)[::-1], 3)
    played = [course._replay(constant(3), reading, survival, room, course.FREE, rng) for _ in range(2000)]
    counts = np.array([len(rounds) for rounds in played])
    assert abs(counts.mean() - exact.count) < 5 * counts.std() / np.sqrt(len(counts))


def test_rules_that_a_text_says_nothing_about_are_refused():
    with pytest.raises(ValueError, match=r"token, block, match.*got 'traversal'"):
        survivals("traversal", np.ones(2), np.ones(2), 1)
