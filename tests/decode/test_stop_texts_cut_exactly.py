"""A stop text ends a text at the first token that completes it, wherever tokens and rounds begin and end."""

from itertools import accumulate, chain, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from specsim.decode import autoregressive, generate, prompt_lookup
from specsim.decode.stopping import Stops
from specsim.models import iid, load_pair

from .conftest import llama

PIECES = ["a", "b", "ab", "ba", "c", "bc", "b b"]


class Letters:
    """A tokenizer with tokens of one to three characters."""

    def __call__(self, text):
        return {"input_ids": [PIECES.index(letter) for letter in text]}

    def decode(self, ids, skip_special_tokens=True):
        return "".join(PIECES[i] for i in ids)


def networks():
    target = llama(1)
    target.tokenizer = Letters()
    return target, llama(2, width=8)


TARGET, DRAFT = networks()
stop_texts = st.lists(st.text("abc ", min_size=1, max_size=4), min_size=1, max_size=3)


def ended(tokens, stops):
    """What stop texts leave of tokens: the tokens, and the text."""
    for count in range(1, len(tokens) + 1):
        text = Letters().decode(tokens[:count])
        begins = [text.index(stop) for stop in stops if stop in text]
        if begins:
            return tokens[:count], text[: min(begins)]
    return tokens, Letters().decode(tokens)


@given(stop_texts, st.integers(0, 1000), st.sampled_from([1, 4]))
def test_the_text_is_that_without_stops_cut_before_the_first(stops, seed, gamma):
    settings = {"gamma": gamma, "max_new_tokens": 16, "eos": (), "rng": seed}
    whole = generate(TARGET, DRAFT, "abba", **settings)
    made = generate(TARGET, DRAFT, "abba", stop=stops, **settings)
    assert (made.tokens, made.text) == ended(whole.tokens, stops)
    assert made.stopped == ("stop" if any(stop in whole.text for stop in stops) else "length")


@given(stop_texts, st.integers(0, 1000))
def test_plain_decoding_stops_alike(stops, seed):
    settings = {"max_new_tokens": 16, "eos": (), "rng": seed}
    whole = autoregressive(TARGET, "abba", **settings)
    made = autoregressive(TARGET, "abba", stop=stops, **settings)
    assert (made.tokens, made.text) == ended(whole.tokens, stops)


@pytest.mark.parametrize("stops", [["ab"], ["bba"], ["aab", "b"], ["abab", "bb"]], ids=str)
def test_what_is_certain_is_never_taken_back_and_nothing_else_is_held_back(stops):
    end = Stops("".join, tuple(stops))
    for letters in product("ab", repeat=6):
        shown = ""
        for text in accumulate(letters):
            assert end.certain(text).startswith(shown)
            shown = end.certain(text)
            rest = text[len(shown) :]
            if any(stop in text for stop in stops):
                assert shown == end.cut(text)
                break
            assert not rest or any(stop.startswith(rest) for stop in stops)


def test_half_a_character_is_not_certain():
    assert Stops(str, ()).certain("caf\N{REPLACEMENT CHARACTER}") == "caf"


def test_an_end_token_before_a_stop_text_ends_the_text():
    settings = {"gamma": 4, "max_new_tokens": 16, "rng": 3}
    whole = generate(TARGET, DRAFT, "abba", eos=(), **settings)
    for eos in set(whole.tokens):
        made = generate(TARGET, DRAFT, "abba", eos=eos, stop="c", **settings)
        tokens, text = ended(whole.tokens[: whole.tokens.index(eos) + 1], ["c"])
        assert (made.tokens, made.text) == (tokens, text)
        assert made.stopped == ("stop" if "c" in Letters().decode(tokens) else "eos")


def test_texts_of_a_batch_stop_by_themselves():
    settings = {"gamma": 3, "max_new_tokens": 16, "eos": (), "stop": ["ca", "bb"]}
    for i, made in enumerate(generate(TARGET, DRAFT, ["ab", "c", "abba"], rng=5, **settings)):
        own = generate(TARGET, DRAFT, ["ab", "c", "abba"][i], rng=np.random.default_rng([5, i]), **settings)
        assert (made.tokens, made.text, made.stopped) == (own.tokens, own.text, own.stopped)


@pytest.mark.parametrize("draft", [DRAFT, prompt_lookup()], ids=["model", "lookup"])
def test_tokens_come_round_by_round_and_none_twice(draft):
    met = {0: [], 1: []}
    made = generate(
        TARGET, draft, ["ab", "c"], gamma=3, max_new_tokens=16, rng=5, stop="cab", eos=(),
        on_tokens=lambda row, ids, _: met[row].append(ids),
    )  # fmt: skip
    for row, text in enumerate(made):
        assert tuple(chain.from_iterable(met[row])) == text.tokens
        assert [len(ids) for ids in met[row]] == [one.emitted for one in text.rounds]


@pytest.mark.parametrize("decoder", [lambda stop: autoregressive(TARGET, "a", stop=stop),
                                     lambda stop: generate(TARGET, DRAFT, "a", stop=stop)])  # fmt: skip
@pytest.mark.parametrize("stop", ["", ["a", ""], [3]])
def test_stop_texts_need_a_character(decoder, stop):
    with pytest.raises(ValueError, match="at least one character"):
        decoder(stop)


def test_stop_texts_need_a_tokenizer():
    with pytest.raises(ValueError, match="stop texts need a target with a tokenizer"):
        generate(iid([0.5, 0.5]), iid([0.5, 0.5]), [0], stop="a")


def test_the_built_in_pair_stops_within_words():
    pair = load_pair("builtin")
    settings = {"max_new_tokens": 40, "rng": 2, "eos": ()}
    whole = generate(pair.target, pair.draft, "The function", **settings)
    stop = whole.text[len(whole.text) // 2 :][:3]
    made = generate(pair.target, pair.draft, "The function", stop=stop, **settings)
    assert made.text == whole.text[: whole.text.index(stop)]
    assert made.tokens == whole.tokens[: len(made.tokens)]
