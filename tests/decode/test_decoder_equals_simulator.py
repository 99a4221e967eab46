"""The same uniforms give the same texts in the decoder and in the simulator of whole sequences."""

import numpy as np
import pytest

from specsim.core import chain
from specsim.decode import generate
from specsim.models import load_pair
from specsim.simulate import sequences
from specsim.simulate.streams import Streams

LENGTH, TEXTS, SEED = 20, 4, 5


@pytest.mark.parametrize("rule", ["token", "block", "match", "greedy"])
@pytest.mark.parametrize("gamma", [1, 3])
@pytest.mark.parametrize("name", ["toy", "regimes"])
def test_a_decoded_text_is_a_simulated_sequence(name, gamma, rule):
    pair, streams = load_pair(name), Streams(np.random.default_rng(SEED))
    simulated = sequences(
        rule, pair, chain(gamma), length=LENGTH, sequences=TEXTS, rng=SEED, context=[0],
        last_draft="before", keep=True,
    )  # fmt: skip
    for i in range(TEXTS):
        rows = streams.of(i, LENGTH, gamma + 2)
        made = generate(
            pair.target, pair.draft, [0], gamma=gamma, rule=rule, max_new_tokens=LENGTH, uniforms=rows
        )
        assert made.tokens == tuple(simulated.tokens[i].tolist())
        assert len(made.rounds) == simulated.rounds[i]
