"""A tree read in one pass, or level by level, or beside other texts, gives the laws of each path alone."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import BloomConfig, BloomForCausalLM, Llama4ForCausalLM, Llama4TextConfig

from specsim.core import paths
from specsim.models import causal_session, iid, markov, ngram, session, table
from specsim.models.transformers_model import CausalLM

RNG = np.random.default_rng(11)
PARENT = (0, 0, 1, 1, 2, 5, 6)
"""Seven nodes, four levels."""

TEXT, NODES = RNG.integers(0, 17, (1, 9)), RNG.integers(0, 17, (1, 7))
CLOSE = 2e-6
"""What single precision allows for: other shapes of matrices, other orders of summation."""

PLAIN = {
    "markov": markov([1, 0, 0], RNG.dirichlet(np.ones(3), 3)),
    "by position": markov([1, 0, 0], RNG.dirichlet(np.ones(3), (40, 3))),
    "table": table({(): [1, 0, 0], (0, 1): [0, 1, 0]}, default=[0.2, 0.3, 0.5]),
    "ngram": ngram.train([RNG.integers(0, 3, 60)], 3, 4),
    "bare function": lambda tokens: np.eye(3)[(tokens.sum(axis=1) + tokens[:, -1]) % 3],
}


def along(text, nodes, path):
    return np.concatenate([text, nodes[:, [node - 1 for node in path]]], axis=1)


def laws_by_path(model, text, nodes, parent):
    """The laws at the end of the text and at every node, each from a pass of its own."""
    return np.stack([model(along(text, nodes, path))[0] for path in paths(parent)])


def trees():
    """Parents of up to five nodes, and a path to one of them."""

    def with_path(parent):
        return st.sampled_from(paths(parent)).map(lambda path: (parent, path))

    some = st.lists(st.floats(0, 0.999), max_size=5)
    return some.map(lambda found: tuple(int(u * (j + 1)) for j, u in enumerate(found))).flatmap(with_path)


@pytest.mark.parametrize("model", PLAIN.values(), ids=PLAIN)
@given(steps=st.lists(st.tuples(st.integers(1, 3), trees()), min_size=1, max_size=3), seed=st.integers(0, 99))
def test_a_plain_session_knows_every_path_and_keeps_the_one_that_is_settled(model, steps, seed):
    rng, reader, text = np.random.default_rng(seed), session(model), np.zeros((1, 0), int)
    for fresh, (parent, path) in steps:
        new, nodes = rng.integers(0, 3, (1, fresh)), rng.integers(0, 3, (1, len(parent)))
        text = np.concatenate([text, new], axis=1)
        block = np.concatenate([new, nodes], axis=1)
        laws = reader.extend(block, keep=len(parent) + 1, parent=parent)
        assert laws[0].tolist() == laws_by_path(model, text, nodes, parent).tolist()
        reader.settle([path])
        text = along(text, nodes, path)
        assert reader.length == text.shape[1]


def test_one_pass_gives_the_laws_of_every_path(network):
    block = np.concatenate([TEXT, NODES], axis=1)
    laws = network.session().extend(block, keep=8, parent=PARENT)
    assert laws[0] == pytest.approx(laws_by_path(network, TEXT, NODES, PARENT), abs=CLOSE)


def test_a_tree_may_be_read_level_by_level(network):
    reader = network.session()
    levels = [reader.extend(TEXT, keep=1)]
    for nodes, above in [((1, 2), (0, 0)), ((3, 4, 5), (1, 1, 2)), ((6,), (5,)), ((7,), (6,))]:
        levels.append(reader.extend(NODES[:, [node - 1 for node in nodes]], parent=above))
    found = np.concatenate(levels, axis=1)[0]
    assert found == pytest.approx(laws_by_path(network, TEXT, NODES, PARENT), abs=CLOSE)


@pytest.mark.parametrize("path", [(), (1, 4), (2, 5, 6, 7)], ids=str)
def test_what_is_settled_equals_a_fresh_cache_of_the_path(network, path):
    reader, fresh = network.session(), network.session()
    reader.extend(np.concatenate([TEXT, NODES], axis=1), parent=PARENT)
    reader.settle([path])
    fresh.extend(along(TEXT, NODES, path))
    assert reader.length == fresh.length == 9 + len(path)
    for ours, theirs in zip(reader._cache.layers, fresh._cache.layers):
        assert torch.allclose(ours.keys, theirs.keys, atol=CLOSE)
        assert torch.allclose(ours.values, theirs.values, atol=CLOSE)
    more = np.array([[3, 1, 4]])
    assert reader.extend(more) == pytest.approx(fresh.extend(more), abs=CLOSE)


def test_texts_of_different_lengths_are_read_side_by_side(network):
    texts, nodes = [TEXT[:, :3], TEXT[:, 2:9]], np.concatenate([NODES, NODES[:, ::-1]])
    block, present = np.zeros((2, 7), int), np.zeros((2, 7), bool)
    for row, text in enumerate(texts):
        block[row, -text.shape[1] :], present[row, -text.shape[1] :] = text, True
    reader, chosen = network.session(batch=2), [(2, 5, 6), (1,)]
    laws = reader.extend(block, keep=1, present=present)
    both = np.concatenate([laws, reader.extend(nodes, parent=PARENT)], axis=1)
    for row, text in enumerate(texts):
        expected = laws_by_path(network, text, nodes[row : row + 1], PARENT)
        assert both[row] == pytest.approx(expected, abs=CLOSE)
    reader.settle(chosen)
    assert reader.lengths == [6, 8]
    more = np.array([[3], [5]])
    laws = reader.extend(more)
    ends = [along(text, nodes[row : row + 1], chosen[row]) for row, text in enumerate(texts)]
    for row, end in enumerate(ends):
        alone = network(np.concatenate([end, more[row : row + 1]], axis=1))
        assert laws[row] == pytest.approx(alone, abs=CLOSE)
    reader.select([0])
    alone = network(np.concatenate([ends[0], more[:1], [[7]]], axis=1))
    assert reader.extend(np.array([[7]]))[0] == pytest.approx(alone, abs=CLOSE)
    assert reader.length == 8


def test_a_long_text_before_a_tree_is_read_on_its_own(tiny, monkeypatch):
    block = np.concatenate([TEXT, NODES], axis=1)
    at_once = tiny.session().extend(block, keep=8, parent=PARENT)
    monkeypatch.setattr(causal_session, "LONG", 4)
    assert tiny.session().extend(block, keep=8, parent=PARENT) == pytest.approx(at_once, abs=CLOSE)


def test_eager_attention_reads_trees_too(tiny):
    tiny.model.set_attn_implementation("eager")
    laws = tiny.session().extend(np.concatenate([TEXT, NODES], axis=1), keep=8, parent=PARENT)
    tiny.model.set_attn_implementation("sdpa")
    assert laws[0] == pytest.approx(laws_by_path(tiny, TEXT, NODES, PARENT), abs=CLOSE)


def bloom():
    return BloomForCausalLM(BloomConfig(vocab_size=17, hidden_size=16, n_layer=1, n_head=2))


def llama4():
    config = Llama4TextConfig(
        vocab_size=17,
        hidden_size=16,
        intermediate_size=16,
        intermediate_size_mlp=16,
        num_hidden_layers=4,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=8,
        num_local_experts=1,
        attention_chunk_size=4,
        pad_token_id=0,
    )
    return Llama4ForCausalLM(config)


@pytest.mark.parametrize(
    "make, why", [(bloom, "is not the library's own"), (llama4, "cut into chunks")], ids=["bloom", "llama4"]
)
def test_a_network_that_cannot_be_told_what_tokens_see_reads_chains_only(make, why):
    reader = CausalLM(make()).session()
    assert reader.extend(np.array([[1, 2, 3]]), parent=(0, 1)).shape == (1, 3, 17)
    reader.settle([(1,)])
    with pytest.raises(ValueError, match=why):
        reader.extend(np.array([[1, 2]]), parent=(0, 0))
    assert reader.length == 2


def test_what_hangs_nowhere_is_refused_and_nothing_is_remembered(tiny):
    for model in (tiny, iid([1 / 17] * 17)):
        reader = session(model)
        reader.extend(np.array([[1, 2]]))
        for parent, said in [((0, 2), "one of the nodes"), ((0, 0, 0), "the last of 2"), ((-1,), "nodes 0")]:
            with pytest.raises(ValueError, match=said):
                reader.extend(np.array([[1, 2]]), parent=parent)
        assert reader.length == 2
        reader.extend(np.array([[1, 2]]), parent=(0, 0))
        with pytest.raises(ValueError, match="settle the tree first"):
            reader.extend(np.array([[1, 2]]), parent=(0,))
        for chosen, said in [([], "one path for each of 1"), ([(1, 2)], "no path"), ([(3,)], "no path")]:
            with pytest.raises(ValueError, match=said):
                reader.settle(chosen)
        reader.settle([(2,)])
        assert reader.length == 3


def test_a_tree_that_leaves_the_context_is_refused(tiny):
    reader = tiny.session()
    reader.extend(np.ones((1, 62), int))
    assert reader.extend(np.ones((1, 4), int), parent=(0, 0, 1, 1)).shape == (1, 4, 17)
    reader.settle([()])
    with pytest.raises(ValueError, match="context holds 64 tokens, got 65"):
        reader.extend(np.ones((1, 3), int), parent=(0, 1, 2))
