"""Bad arguments raise ValueError with advice, and leave the generator untouched."""

import numpy as np
import pytest

from specsim.core import Plan, chain, tree
from specsim.models import iid, load_pair
from specsim.simulate import run, sequences
from specsim.simulate.setting import progress_bar

PAIR = load_pair("toy")


def model(*law):
    """A model that nobody has checked."""
    return lambda tokens: np.tile(np.array(law), (len(tokens), 1))


class Loose:
    """A pair that nobody has checked."""

    def __init__(self, target, draft):
        self.target, self.draft = target, draft


BAD = [
    ({"rule": "tokens"}, "there is no rule 'tokens'"),
    ({"rule": 3}, "a rule is one of"),
    ({"rule": "block", "shape": tree(2)}, "block verifies a single chain"),
    ({"rule": lambda target, draft: Plan(target[:, :, 0], target)}, "stop law of the rule"),
    ({"pair": 3}, "a pair needs a model .target"),
    ({"pair": Loose(model(0.5, 0.5), 3)}, "a pair needs a model .draft"),
    ({"pair": Loose(model(0.5, 0.5), model(0.2, 0.3, 0.5))}, "must share one vocabulary, got 2 and 3"),
    ({"pair": Loose(model(0.5, 0.6), model(0.5, 0.5))}, "target law at 0 sums to 1.1, expected 1"),
    ({"pair": Loose(model(0.5, 0.5), model(-0.5, 1.5))}, "draft law at 0 has an entry -0.5"),
    ({"pair": Loose(model(0.5, np.nan), model(0.5, 0.5))}, "target law at 0 has an entry nan"),
    ({"pair": Loose(lambda tokens: np.ones(1), model(1.0))}, r"must return laws \(B, V\)"),
    ({"shape": (1,)}, "must hang below"),
    ({"context": [3]}, "must lie in 0..2"),
    ({"context": [0.5]}, "one sequence of token ids"),
    ({"context": [[0]]}, "one sequence of token ids"),
    ({"backend": "jax"}, 'backend must be "numpy" or "torch"'),
    ({"rng": None}, "rng must be a numpy.random.Generator or a seed"),
    ({"rng": -1}, "rng must be a numpy.random.Generator or a seed"),
]
BAD_ROUNDS = [({"rounds": 0}, "rounds must be"), ({"rounds": 2.5}, "rounds must be")]
BAD_SEQUENCES = [
    ({"length": 0}, "length must be"),
    ({"sequences": 0}, "sequences must be"),
    ({"last_draft": "after"}, "last_draft must be one of before, at, beyond"),
    ({"warm_up": 5}, "warm_up must lie in 0..4"),
    ({"warm_up": -1}, "warm_up must lie in 0..4"),
]


def called(function, rule="token", pair=PAIR, shape=chain(2), **chosen):  # noqa: B008
    return function(rule, pair, shape, **chosen)


def each(cases):
    return pytest.mark.parametrize("bad, message", cases, ids=[message for _, message in cases])


@each(BAD + BAD_ROUNDS)
def test_run_refuses(bad, message):
    with pytest.raises(ValueError, match=message):
        called(run, **{"rounds": 10, "rng": 1} | bad)


@each(BAD + BAD_SEQUENCES)
def test_sequences_refuses(bad, message):
    with pytest.raises(ValueError, match=message):
        called(sequences, **{"length": 5, "sequences": 2, "rng": 1} | bad)


@pytest.mark.parametrize("bad", [{"rule": "block", "shape": tree(2)}, {"context": [7]}], ids=str)
def test_no_random_number_is_used_before(bad):
    rng = np.random.default_rng(1)
    for function, numbers in ((run, {"rounds": 1}), (sequences, {"length": 2, "sequences": 2})):
        with pytest.raises(ValueError):
            called(function, **numbers | {"rng": rng} | bad)
    assert rng.random() == np.random.default_rng(1).random()


def test_a_model_that_fails_later_is_found_then():
    def grumpy(tokens):
        return np.tile([0.5, 0.5] if tokens.shape[1] < 4 else [0.5, 0.6], (len(tokens), 1))

    with pytest.raises(ValueError, match=r"target law at .* sums to 1.1"):
        sequences("token", Loose(grumpy, iid([0.5, 0.5])), chain(1), length=9, sequences=2, rng=1)


@pytest.mark.parametrize("asked, hidden", [(None, True), (True, False), (False, True)])
def test_the_bar_hides_where_there_is_no_terminal_unless_asked_for(asked, hidden):
    with progress_bar(1, "round", asked) as bar:
        assert bar.disable == hidden
