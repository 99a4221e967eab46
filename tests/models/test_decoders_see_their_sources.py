"""With its source given an encoder-decoder network is a model of the text that it writes."""

import numpy as np
import pytest
import torch

from specsim.models import load, session
from tests.encoder_decoders import NETWORKS, bart, t5, umt5

SOURCES = [[3, 4, 5], [6, 5], [3, 1, 1, 1, 4]]


@pytest.fixture(params=NETWORKS)
def model(request):
    return NETWORKS[request.param]()


@pytest.fixture(params=["t5", "mt5"])
def placed(request):
    """Networks that can be told what tokens see."""
    return NETWORKS[request.param]()


def law(model, source, written):
    """The law after what is written, straight from the network."""
    with torch.inference_mode():
        logits = model.model(
            input_ids=torch.tensor([source]), decoder_input_ids=torch.tensor([written])
        ).logits
    return logits[0, -1].softmax(-1).numpy()


def close(found, expected):
    return np.abs(found - expected).max() < 1e-12


def test_a_call_gives_the_networks_own_law(model):
    assert close(model.given([[3, 4, 5]])([[0, 1, 3]])[0], law(model, [3, 4, 5], [0, 1, 3]))


def test_a_session_remembers_and_takes_back_what_is_written_and_never_the_source(model):
    reader = session(model.given([[3, 4, 5]]))
    assert close(reader.extend(np.array([[0, 1, 3]]))[0, 1], law(model, [3, 4, 5], [0, 1]))
    reader.rewind(1)
    assert close(reader.extend(np.array([[5, 4]]))[0, 1], law(model, [3, 4, 5], [0, 5, 4]))


def test_sources_of_different_lengths_stand_side_by_side(model):
    laws = model.given(SOURCES)(np.array([[0, 1, 3]] * 3))
    for row, source in zip(laws, SOURCES):
        assert close(row, law(model, source, [0, 1, 3]))


def test_rows_of_a_batch_may_fall_behind_and_leave(model):
    reader = session(model.given(SOURCES), batch=3)
    reader.extend(np.zeros((3, 1), int))
    new, there = np.array([[1, 2, 5], [4, 5, 1], [6, 3, 1]]), np.array([[1, 1, 1], [0, 1, 0], [0, 0, 1]])
    laws = reader.extend(new, present=there.astype(bool))
    written = [[0, *row[own > 0].tolist()] for row, own in zip(new, there)]
    for row, (i, source) in enumerate(zip((2, 1, 2), SOURCES)):
        assert close(laws[row, i], law(model, source, written[row]))
    reader.select([2, 1])
    for row, found in zip((2, 1), reader.extend(np.array([[3, 4], [3, 4]]))):
        assert close(found[1], law(model, SOURCES[row], [*written[row], 3, 4]))


def test_trees_are_read_in_one_pass(placed):
    reader = session(placed.given(SOURCES), batch=3)
    reader.extend(np.array([[0, 1, 2, 3, 4]] * 3), present=np.tri(5, dtype=bool)[[4, 2, 3]])
    texts = [[0, 1, 2, 3, 4], [0, 1, 2], [0, 1, 2, 3]]
    laws = reader.extend(np.array([[1, 5, 3, 6]] * 3), parent=(0, 1, 0, 3))
    for row, (source, text) in enumerate(zip(SOURCES, texts)):
        for node, path in enumerate(([1], [1, 5], [3], [3, 6])):
            assert close(laws[row, node], law(placed, source, [*text, *path]))
    reader.settle([(1, 2), (3,), (3, 4)])
    found = reader.extend(np.full((3, 1), 2))
    for row, path in enumerate(([1, 5], [3], [3, 6])):
        assert close(found[row, 0], law(placed, SOURCES[row], [*texts[row], *path, 2]))


@pytest.mark.parametrize("network, why", [(bart, "passes over"), (umt5, "each of its layers counts")])
def test_decoders_that_cannot_be_told_what_tokens_see_say_so(network, why):
    model = network(1) if network is bart else network(1, 2)
    reader = session(model.given([[3, 4]]))
    reader.extend(np.array([[0]]))
    with pytest.raises(ValueError, match=f"cannot read a tree.*{why}"):
        reader.extend(np.array([[1, 2]]), parent=(0, 0))


def test_a_folder_is_loaded_as_what_it_holds(tmp_path):
    model = t5(1)
    model.model.save_pretrained(tmp_path / "net")
    found = load(tmp_path / "net", dtype="float64")
    assert (found.start, found.eos_token_ids, found.vocab_size) == (0, (2,), 7)
    assert close(found.given([[3, 4]])([[0, 1]]), model.given([[3, 4]])([[0, 1]]))


@pytest.mark.parametrize(
    "source, message",
    [([], "at least one token"), ([7], "must lie in 0..6, got 7"), ([[1]], "one row of token ids")],
)
def test_what_is_no_source_is_refused(source, message):
    with pytest.raises(ValueError, match=message):
        t5(1).given([source])


def test_sources_must_fit_the_context():
    with pytest.raises(ValueError, match="context holds 16 tokens, got 17"):
        bart(1).given([[3] * 17])


def test_without_a_source_there_is_no_law():
    model = t5(1)
    for asked in (lambda: model([[0]]), lambda: session(model)):
        with pytest.raises(ValueError, match="has a law only for a source"):
            asked()


def test_a_session_has_a_row_for_each_source():
    with pytest.raises(ValueError, match="as many rows, got batch=1"):
        session(t5(1).given(SOURCES))


def test_a_network_without_a_first_token_is_refused():
    model = t5(1)
    model.model.generation_config.decoder_start_token_id = None
    model.model.config.decoder_start_token_id = None
    with pytest.raises(ValueError, match="names no decoder_start_token_id"):
        _ = model.start
