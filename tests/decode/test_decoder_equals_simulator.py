"""The same uniforms give the same texts in the decoder and in the simulator of whole sequences."""

import numpy as np
import pytest

from specsim.core import as_shape
from specsim.decode import generate
from specsim.models import load_pair
from specsim.shapes import read_shape
from specsim.simulate import sequences
from specsim.simulate.streams import Streams

LENGTH, TEXTS, SEED = 20, 4, 5


CASES = [
    ("token", "chain:1"),
    ("token", "chain:3"),
    ("block", "chain:3"),
    ("match", "chain:3"),
    ("greedy", "chain:3"),
    ("lossy:lenient(0.5)", "chain:3"),
    ("token", "tree:2,2:distinct"),
    ("traversal", "tree:2,1,1"),
    ("batch", "chains:2,3"),
    ("k_seq", "siblings:3"),
    ("hub", "siblings:3:hub"),
]


@pytest.mark.parametrize("rule, shape", CASES)
@pytest.mark.parametrize("name", ["toy", "regimes"])
def test_a_decoded_text_is_a_simulated_sequence(name, rule, shape):
    pair, shape, streams = load_pair(name), as_shape(read_shape(shape)), Streams(np.random.default_rng(SEED))
    simulated = sequences(
        rule, pair, shape, length=LENGTH, sequences=TEXTS, rng=SEED, context=[0],
        last_draft="before", keep=True,
    )  # fmt: skip
    for i in range(TEXTS):
        rows = streams.of(i, LENGTH, len(shape.parent) + 2)
        made = generate(
            pair.target, pair.draft, [0], shape=shape, rule=rule, max_new_tokens=LENGTH, uniforms=rows
        )
        assert made.tokens == tuple(simulated.tokens[i].tolist())
        assert len(made.rounds) == simulated.rounds[i]
