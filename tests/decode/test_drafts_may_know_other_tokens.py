"""A draft with another vocabulary: the model's own words in the target's tokens; texts stay exact."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from specsim.core import chain, draw, paths, rules
from specsim.core.arrays import invert
from specsim.core.draft import Draft
from specsim.decode import generate, hierarchical, string_match
from specsim.models import iid, markov, session
from specsim.models.vocabularies import fitted, token_level
from specsim.models.vocabularies.retelling import retelling
from specsim.models.vocabularies.surfaces import in_common, says

from .conftest import llama
from .enumeration import close, string_law
from .replay import outcomes
from .tokenizers_of_letters import AB, BC, Told, tokenizer, with_tokenizer

TEXTS = st.lists(st.integers(0, 3), min_size=1, max_size=10)


def table(size, seed):
    laws = np.random.default_rng(seed).dirichlet(np.ones(size), size)
    return markov(np.ones(size) / size, laws)


TARGET, DRAFT = Told(table(4, 1), AB), Told(table(6, 2), BC)


def network(own, seed, make=llama):
    return with_tokenizer(make(seed, vocabulary=len(own)) if make is llama else make(seed), own)


# what tokens say


def test_tokens_are_compared_by_what_they_say():
    letters = tokenizer(["Ġ", "Ġthe", "Ċ", "Ã©", "x"])
    pieces = tokenizer(["<0x0A>", "<0x20>", "▁", "▁the", "é", "y"])
    assert says(letters.get_vocab())[3] == "é".encode()
    ours, theirs = in_common(letters, pieces)
    names = [letters.convert_ids_to_tokens(ours.tolist()), pieces.convert_ids_to_tokens(theirs.tolist())]
    assert {*zip(*names)} == {("Ġ", "▁"), ("Ġthe", "▁the"), ("Ċ", "<0x0A>"), ("Ã©", "é")}


@given(TEXTS)
def test_a_retold_text_is_the_same_text(ids):
    own = retelling(AB, BC)(ids)
    assert own[0] == BC.bos_token_id
    assert BC.decode(own, skip_special_tokens=True) == AB.decode(ids)
    assert own == BC(AB.decode(ids))["input_ids"]


def test_special_tokens_are_carried_over_by_name_or_left_out():
    told = tokenizer(["<s>", "</s>", "a", "b"], start="<s>")
    told.add_special_tokens({"eos_token": "</s>"})
    assert retelling(told, BC)([0, 2, 1, 3]) == [0, 4, 3]
    assert retelling(told, AB)([0, 2, 1, 3]) == [0, 1]
    assert retelling(told, AB)([0]) == [0]  # of nothing, something has to be read


# laws


def restricted(law):
    """A law over BC in the numbers of AB: a, b, c are common."""
    common = np.array([law[4], law[3], law[2], 0])
    return common / common.sum()


def told_law(model, text, hanging=()):
    """The law behind a text, and behind drafted tokens that stand one for one."""
    own = BC(AB.decode(text))["input_ids"] + [{0: 4, 1: 3, 2: 2}[token] for token in hanging]
    return restricted(model(np.array([own]))[0])


MODELS = {"a table": lambda: DRAFT, "a network": lambda: network(BC, 5)}


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_laws_are_those_of_the_model_among_the_common_tokens(model):
    model = model()
    draft, text = token_level(model, TARGET), [0, 1, 3, 2, 0, 0, 1, 2, 1]
    expected = np.array([told_law(model, text[: i + 1]) for i in range(len(text))])
    assert np.allclose(session(draft).extend(np.array([text]))[0], expected)
    assert np.allclose(draft(np.array([text]))[0], expected[-1])


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_a_session_may_read_trees_go_back_and_go_on(model):
    model, rng = model(), np.random.default_rng(3)
    reader, texts = session(token_level(model, TARGET), batch=2), [[], []]
    for _ in range(12):
        added = rng.integers(0, 4, (2, 2))
        nodes = rng.integers(0, 3, (2, 4))
        laws = reader.extend(np.concatenate([added, nodes], axis=1), keep=5, parent=(0, 1, 0, 3))
        texts = [[*text, *row] for text, row in zip(texts, added.tolist())]
        for row, text in enumerate(texts):
            for node, path in enumerate(paths((0, 1, 0, 3))):
                hanging = [int(nodes[row, i - 1]) for i in path]
                assert np.allclose(laws[row, node], told_law(model, text, hanging))
        reader.settle([(1, 2), (3,)])
        texts = [[*texts[0], *nodes[0, :2].tolist()], [*texts[1], int(nodes[1, 2])]]
        assert reader.lengths == [*map(len, texts)]
        lengths = [int(rng.integers(1, len(text) + 1)) for text in texts]
        reader.rewind(lengths)
        texts = [text[:length] for text, length in zip(texts, lengths)]


def test_networks_of_one_family_may_have_tables_of_different_sizes():
    target, draft = network(AB, 1), with_tokenizer(llama(2, vocabulary=6), AB)
    assert fitted(network(AB, 3), target).vocab_size == 4
    law = draft(np.array([[0, 3, 1]]))[0, :4]
    assert np.allclose(fitted(draft, target)(np.array([[0, 3, 1]]))[0], law / law.sum())
    law = target(np.array([[0, 3, 1]]))[0]
    assert np.allclose(fitted(target, draft)(np.array([[0, 3, 1]]))[0], [*law, 0, 0])


def test_a_model_over_the_same_tokens_stays_what_it_is():
    target, draft = network(AB, 1), network(AB, 2)
    assert fitted(draft, target) is draft
    assert fitted(iid([0.5, 0.5]), target).vocab_size == 2


def test_a_text_longer_than_the_window_is_read_from_later_on():
    draft = token_level(with_tokenizer(llama(2, vocabulary=6, window=16), BC), TARGET)
    text = np.random.default_rng(1).integers(0, 3, 40).tolist()
    reader = session(draft)
    laws = reader.extend(np.array([text]))[0]
    own = BC(AB.decode(text))["input_ids"]
    expected = [
        restricted(draft.model(np.array([own[start:]]))[0]) for start in range(len(own) - 15, len(own))
    ]
    assert any(np.allclose(laws[-1], law) for law in expected)
    made = generate(network(AB, 1), draft, text, gamma=4, max_new_tokens=20, rng=0, eos=())
    assert len(made.tokens) == 20


@pytest.mark.parametrize("matched", [lambda draft: draft, string_match], ids=["tokens", "strings"])
def test_drafts_are_no_deeper_than_the_window_has_room_for(matched):
    draft = matched(with_tokenizer(llama(2, vocabulary=6, window=16), BC))
    made = generate(network(AB, 1), draft, [0, 1] * 20, gamma=12, max_new_tokens=20, rng=0, eos=())
    assert len(made.tokens) == 20
    assert 1 < max(one.drafted for one in made.rounds) <= 12


# texts


ON_DRAFT = hierarchical(DRAFT, Told(table(4, 3), AB), gamma=1)
TOKENS = [(DRAFT, "token", 3), (DRAFT, "block", 3), (ON_DRAFT, "token", 2)]
STRINGS = [(string_match(DRAFT), "token", 3), (string_match(DRAFT), "match", 3)]


@pytest.mark.theorem("lossless")
@pytest.mark.parametrize("draft, rule, length", TOKENS + STRINGS)
def test_a_text_of_many_rounds_has_the_targets_law(monkeypatch, draft, rule, length):
    def text():
        return generate(TARGET, draft, [0, 1], gamma=2, rule=rule, max_new_tokens=length, rng=0).tokens

    assert close(outcomes(monkeypatch, text), string_law(TARGET, length, None, (0, 1)))


def by_hand(target, draft, prompt, gamma, uniforms, length):
    """Chains drawn from told laws, decided by the core; no memory."""
    text, end = list(prompt), len(prompt) + length
    for row in uniforms:
        size, drafted, laws = min(gamma, end - len(text) - 1), [], []
        for u in row[:size]:
            laws.append(told_law(draft, text, drafted))
            drafted.append(int(invert(laws[-1][None], np.array([u]))[0]))
        given = [target(np.array([text + drafted[:i]]))[0] for i in range(size + 1)]
        shaped = np.array(drafted, int)[None], np.reshape(laws, (1, size, 4))
        plan = rules.token(np.array([given]), Draft(*shaped, chain(size) if size else ()))
        node, token = draw(plan, row[None, size : size + 2])
        text += [*drafted[: int(node[0])], int(token[0])]
        if len(text) == end:
            return text[len(prompt) :]
    raise AssertionError("too few uniforms")


def test_the_same_uniforms_give_the_tokens_of_the_core_composed_by_hand():
    target, draft, uniforms = network(AB, 1), network(BC, 2), np.random.default_rng(2).random((30, 5))
    made = generate(target, draft, [0, 1, 3], gamma=3, max_new_tokens=30, uniforms=uniforms, eos=())
    assert list(made.tokens) == by_hand(target, draft, [0, 1, 3], 3, uniforms, 30)
    assert 0 < made.acceptance < 1


def written(draft, text, gamma):
    """What the draft finds likeliest behind a text, as a dumb search tells it in tokens of AB."""
    own = BC(AB.decode(text))["input_ids"]
    for _ in range(gamma):
        own.append(int(draft(np.array([own]))[0].argmax()))
        if own[-1] == BC.bos_token_id:
            break
    said = BC.decode(own, skip_special_tokens=True)[len(AB.decode(text)) :]
    whole, known = AB(AB.decode(text) + said)["input_ids"], AB(AB.decode(text))["input_ids"]
    return whole[len(known) :] if whole[: len(known)] == known else AB(said)["input_ids"]


def test_strings_are_matched_in_the_targets_tokens():
    target, draft, met = network(AB, 1), network(BC, 9), []

    def meeting(laws, drafted):
        met.append(drafted.tokens[0].tolist())
        return rules.token(laws, drafted)

    settings = {"gamma": 3, "max_new_tokens": 30, "eos": ()}
    made = generate(target, string_match(draft), [0, 1, 3], rule=meeting, rng=3, **settings)
    text = [0, 1, 3]
    for one, drafted in zip(made.rounds, met):
        wanted = min(3, 33 - len(text) - 1)
        assert drafted == written(draft, text, wanted)[:wanted]
        text += made.tokens[len(text) - 3 :][: one.emitted]
    assert 0 < made.acceptance < 1


def test_a_model_that_is_matched_by_text_writes_no_more_than_is_wanted():
    asked = []

    class Counted(Told):
        def __call__(self, tokens):
            asked.append(len(tokens[0]))
            return super().__call__(tokens)

    for room in (1, 2, 4):
        asked.clear()
        generate(TARGET, string_match(Counted(table(6, 2), BC)), [0], gamma=9, max_new_tokens=room, rng=0)
        assert len(asked) <= room * (room - 1) / 2  # a round leaves one token less to be drafted, or more


def sure(own, following):
    """A model that always lets the same token follow a token."""
    return Told(markov(np.ones(len(own)) / len(own), np.eye(len(own))[following]), own)


def test_the_same_text_in_other_tokens_is_kept_whole():
    target = sure(AB, [0, 2, 1, 3])  # b c b c
    draft = sure(BC, [0, 1, 1, 2, 4, 5])  # bc bc bc, and behind a b: c
    made = generate(target, string_match(draft), [1, 2], gamma=4, max_new_tokens=20, rng=0)
    assert made.tokens == (1, 2) * 10
    assert made.acceptance == 1


def no_repeats(ids, logits):
    return logits.scatter(1, ids[:, -1:], -np.inf)


PROMPTS = [[1, 0, 1], [1], [0, 3, 1, 0, 1, 0, 0], [1, 2]]
DRAFTS = {
    "a chain": (lambda draft: draft, {"gamma": 3}),
    "a tree": (lambda draft: draft, {"shape": "tree:2,1,1", "rule": "traversal"}),
    "hierarchical": (lambda draft: hierarchical(draft, Told(table(6, 4), BC), gamma=2), {"gamma": 3}),
    "strings": (string_match, {"gamma": 3}),
    "processors": (lambda draft: draft, {"gamma": 3, "processors": no_repeats}),
}


@pytest.mark.parametrize("source, settings", DRAFTS.values(), ids=DRAFTS)
def test_every_text_of_a_batch_is_what_it_is_alone(source, settings):
    target, draft = network(AB, 1), source(network(BC, 2))
    chosen = {"eos": [2], "max_new_tokens": 20, **settings}
    together = generate(target, draft, PROMPTS, rng=4, **chosen)
    for i, (prompt, made) in enumerate(zip(PROMPTS, together)):
        own = generate(target, draft, prompt, rng=np.random.default_rng([4, i]), **chosen)
        assert (made.tokens, made.stopped) == (own.tokens, own.stopped)
        assert [one.kept for one in made.rounds] == [one.kept for one in own.rounds]


@pytest.mark.parametrize("sampling", [{"temperature": 0}, {"temperature": 0.5, "top_k": 2}], ids=str)
def test_settings_of_sampling_hold_for_the_common_tokens(sampling):
    target, draft = network(AB, 1), network(BC, 2)
    made = generate(target, draft, [0, 1], gamma=2, max_new_tokens=12, rng=1, eos=(), **sampling)
    own = generate(target, target, [0, 1], gamma=2, max_new_tokens=12, rng=1, eos=(), **sampling)
    assert made.tokens == own.tokens or sampling["temperature"]
    assert len(made.tokens) == 12


def test_what_cannot_be_told_is_refused():
    with pytest.raises(ValueError, match="no token in common"):
        generate(TARGET, Told(table(2, 1), tokenizer(["x", "y"])), [0])
    with pytest.raises(ValueError, match="the target has none"):
        token_level(DRAFT, iid([0.5, 0.5]))
    with pytest.raises(ValueError, match="needs a tokenizer, and Markov has none"):
        string_match(table(2, 1))
    with pytest.raises(ValueError, match="so the target needs a tokenizer"):
        generate(table(4, 1), string_match(DRAFT), [0])
    with pytest.raises(ValueError, match="a chain such as chain:5, got tree:2,1"):
        generate(TARGET, string_match(DRAFT), [0], shape="tree:2,1")
