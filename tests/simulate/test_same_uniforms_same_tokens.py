"""Results depend on the uniforms alone: not on the batch, the way rounds are played, or the kind of array."""

from collections import Counter

import numpy as np
import pytest

from specsim.core import chain, siblings, tree
from specsim.core.arrays import invert
from specsim.simulate import plan_table, run, sequences
from specsim.simulate.batches import Batches
from specsim.simulate.inversion import Inversion
from specsim.simulate.setting import setting
from specsim.simulate.streams import Streams

from . import twin
from .pairs import PAIRS, TABLED

SHAPES = [chain(1), chain(3), siblings(2), tree(2, 1)]


def same(one, other):
    """Whether two results of `sequences` are equal in every entry."""
    fields = ("rounds", "rejections", "emitted", "tokens")
    return all((getattr(one, name) == getattr(other, name)).all() for name in fields)


def never_look_up(monkeypatch):
    monkeypatch.setattr(plan_table, "LARGEST", 0)


WEIGHTS = np.array(
    [[0.3, 0, 0.7, 0, 0], [0, 0, 0, 0, 2], [5e-324, 0, 0, 0, 0], [1e-308, 1e-308, 0.1, 1 / 3, 0]]
)


def test_looking_up_a_law_equals_inverting_it():
    edges = [0.0, 2.0**-53, 0.3, 0.5, 1 - 2.0**-53]
    uniforms = np.concatenate([edges, np.random.default_rng(4).random(200)])
    row, uniform = np.repeat(np.arange(len(WEIGHTS)), len(uniforms)), np.tile(uniforms, len(WEIGHTS))
    assert (Inversion.of(WEIGHTS)(row, uniform) == invert(WEIGHTS[row], uniform)).all()


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", ["toy", "zeros", "table"])
@pytest.mark.parametrize("rule", ["token", "match"])
def test_rounds_equal_those_of_a_plain_loop(name, rule, shape):
    pair, rows = PAIRS[name], np.random.default_rng(5).random((200, len(shape) + 2))
    emitted = [twin.play_round(rule, pair, shape, [], row)[0] for row in rows]
    result = run(rule, pair, shape, rounds=200, rng=5)
    assert result.emitted == Counter(emitted)
    assert result.counts[1:].tolist() == [
        sum(len(one) == m for one in emitted) for m in range(1, len(result.counts))
    ]


@pytest.mark.parametrize("last_draft", ["before", "at", "beyond"])
@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("rule", ["token", "block"])
@pytest.mark.parametrize("warm_up", [0, 3])
def test_sequences_equal_those_of_a_plain_loop(warm_up, name, rule, last_draft):
    length, count, gamma, context = 7, 4, 2, [1]
    result = sequences(
        rule, PAIRS[name], chain(gamma), length=length, sequences=count, rng=6, context=context,
        last_draft=last_draft, warm_up=warm_up, keep=True,
    )  # fmt: skip
    streams = Streams(np.random.default_rng(6))
    for i in range(count):
        rows = streams.of(i, length, gamma + 2)
        made = twin.play_sequence(rule, PAIRS[name], gamma, length, rows, last_draft, warm_up, context)
        found = (result.tokens[i].tolist(), result.rounds[i], result.rejections[i], result.emitted[i])
        assert found == made


@pytest.mark.parametrize(
    "shape", [*SHAPES, tree(2, 2), siblings(2, how="distinct"), tree(2, 1, how="top")], ids=str
)
@pytest.mark.parametrize("name", TABLED)
def test_looking_up_rounds_equals_playing_them(name, shape, monkeypatch):
    looked_up = run("token", TABLED[name], shape, rounds=3000, rng=7, context=[1])
    never_look_up(monkeypatch)
    played = run("token", TABLED[name], shape, rounds=3000, rng=7, context=[1])
    assert looked_up.emitted == played.emitted


@pytest.mark.parametrize("context", [[], [1], [0, 1, 1]], ids=str)
@pytest.mark.parametrize("name", TABLED)
def test_looking_up_sequences_equals_playing_them(name, context, monkeypatch):
    asked = {"length": 20, "sequences": 200, "rng": 8, "context": context, "keep": True}
    looked_up = sequences("block", TABLED[name], chain(3), **asked)
    never_look_up(monkeypatch)
    assert same(looked_up, sequences("block", TABLED[name], chain(3), **asked))


@pytest.mark.parametrize("name", ["toy", "by position"])
def test_rounds_do_not_depend_on_how_they_are_grouped(name):
    rng = np.random.default_rng(9)
    parts = [run("token", PAIRS[name], chain(3), rounds=n, rng=rng) for n in (1, 99, 900)]
    whole = run("token", PAIRS[name], chain(3), rounds=1000, rng=np.random.default_rng(9))
    assert sum((Counter(part.emitted) for part in parts), Counter()) == whole.emitted


@pytest.mark.parametrize("name", ["markov", "table"])
def test_a_sequence_does_not_depend_on_those_beside_it(name):
    asked = {"length": 12, "rng": 10, "keep": True}
    few, many = (sequences("token", PAIRS[name], chain(3), sequences=n, **asked) for n in (3, 50))
    assert (few.tokens == many.tokens[:3]).all()
    assert (few.rounds == many.rounds[:3]).all()


@pytest.mark.parametrize("name", ["markov", "table"])
def test_sequences_do_not_depend_on_how_they_are_grouped(name):
    known = setting("token", PAIRS[name], chain(2), [], "numpy")
    batches, streams, bar = Batches(known, 9, 10, "at"), Streams(np.random.default_rng(1)), Silent()
    whole, parts = batches.play(0, 10, 0, streams, bar), [batches.play(i, 5, 0, streams, bar) for i in (0, 5)]
    for together, *apart in zip(whole, *parts):
        assert (together == np.concatenate(apart)).all()


@pytest.mark.parametrize("name", PAIRS)
def test_torch_draws_what_numpy_draws(name):
    pytest.importorskip("torch")
    asked = {"rounds": 500, "rng": 11, "context": [1]}
    one, other = (run("block", PAIRS[name], chain(2), backend=b, **asked) for b in ("numpy", "torch"))
    assert (one.emitted, one.counts.tolist()) == (other.emitted, other.counts.tolist())
    asked = {"length": 8, "sequences": 40, "rng": 12, "context": [1], "keep": True}
    assert same(*(sequences("token", PAIRS[name], chain(2), backend=b, **asked) for b in ("numpy", "torch")))


def test_a_plain_function_is_a_rule():
    from specsim.core import rules

    named = run("block", PAIRS["toy"], chain(2), rounds=100, rng=1)
    plain = run(lambda target, draft: rules.block(target, draft), PAIRS["toy"], chain(2), rounds=100, rng=1)
    assert named.emitted == plain.emitted


class Silent:
    """A progress bar that nobody sees."""

    def update(self, count):
        pass
