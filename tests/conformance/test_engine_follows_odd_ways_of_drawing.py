"""Random numbers are drawn in many ways; each has the law that it should have, or is refused."""

# ruff: noqa: B008, NPY002 (generators in odd places are what is tested)

import bisect
import copy
import functools
import math
import random
import time
from random import choices
from random import random as toss

import numpy as np
import pytest
from numpy.random import default_rng

from specsim.conformance.engine import Unsupported, exact_law, numpy_rng

MINE = default_rng(5)
PARTS = [1, 2, 1]
RUNNING = np.cumsum([0.25, 0.5, 0.25])
TOOLS = {"rng": np.random.default_rng(6), "draw": random.Random(7).random}
QUARTERS = {0: 0.25, 1: 0.5, 2: 0.25}


def closure():
    hidden = np.random.default_rng(1)

    def draw():
        return int(hidden.choice(3, p=[0.25, 0.5, 0.25]))

    return draw


def default(rng=np.random.default_rng(2)):
    return int(np.searchsorted(RUNNING, rng.random(), side="right"))


class Sampler:
    """Keeps its generator to itself."""

    shared = random.Random(4)

    def __init__(self):
        self._rng = np.random.RandomState(3)

    def __call__(self):
        return int(self._rng.choice(3, p=[0.25, 0.5, 0.25]))

    def of_the_class(self):
        return bisect.bisect(RUNNING[:-1].tolist(), self.shared.random())


def walrus():
    return 0 if (u := MINE.random()) < 0.25 else 1 if u < 0.75 else 2


def swapped():
    u = MINE.random()
    return int(u >= 0.25) + int(not u < 0.75)


def vectors():
    pair = np.where(MINE.random(2) < np.array([0.5, 0.5]), 1, 0)
    return int(pair.sum())


def while_loop():
    while True:
        token = MINE.integers(4)
        if toss() < [0.5, 1.0, 0.5, 0.0][token]:
            return token


def logarithm():
    energy = -math.log(1 - toss())
    return 0 if energy > math.log(4) else 1 if energy > math.log(4 / 3) else 2


def scaled():
    point = MINE.random() * sum(PARTS)
    for place, weight in enumerate(PARTS):
        if point < weight:
            return place
        point -= weight
    raise AssertionError


def floors():
    return [0, 1, 1, 2][int(MINE.random() * 4)]


def remainder():
    return [0, 1, 1, 2][int(((MINE.random() * 4) % 4) // 1)]


def first_larger():
    return int(np.argmax(np.cumsum([0.25, 0.5, 0.25]) > MINE.random()))


def count_below():
    return int((np.cumsum([0.25, 0.5, 0.25]) <= np.random.rand()).sum())


def folded():
    return 2 - int(abs(MINE.random() - 0.5) < 0.25) - 2 * int(toss() < 0.5) * int(MINE.random() < 0)


WAYS = {
    "closure": closure(),
    "default argument": default,
    "attribute": Sampler(),
    "attribute of the class": Sampler().of_the_class,
    "partial": functools.partial(default, rng=np.random.default_rng(8)),
    "in a dictionary": lambda: int(TOOLS["rng"].choice(3, p=[0.25, 0.5, 0.25])),
    "bound method": lambda: bisect.bisect(RUNNING[:-1].tolist(), TOOLS["draw"]()),
    "made inside": lambda: int(default_rng().choice(3, p=[0.25, 0.5, 0.25])),
    "the generator class": lambda: int(np.random.Generator(np.random.PCG64()).choice([0, 1, 1, 2])),
    "legacy": lambda: int(np.random.choice(3, p=[0.25, 0.5, 0.25])),
    "legacy state": lambda: (
        (int(np.random.RandomState().randint(0, 4) // 2 + np.random.randint(2)) % 3 and 1) or 0
    ),
    "choices": lambda: random.choices(range(3), weights=PARTS)[0],
    "cumulative weights": lambda: choices([0, 1, 2], cum_weights=[1, 3, 4], k=2)[1],
    "choice": lambda: random.choice([0, 1, 1, 2]),
    "randrange": lambda: [0, 1, 1, 2][random.randrange(4)],
    "sample": lambda: random.sample([0, 1, 1, 2], 4)[0],
    "shuffle": lambda: (pack := [0, 1, 1, 2], random.shuffle(pack))[0][-1],
    "permutation": lambda: int(MINE.permutation([0, 1, 1, 2])[1]),
    "multinomial": lambda: int(np.argmax(MINE.multinomial(1, [0.25, 0.5, 0.25]))),
    "binomial": lambda: int(MINE.binomial(2, 0.5)),
    "integers": lambda: int(MINE.integers(2, size=2).sum()),
    "uniform": lambda: int(MINE.uniform(-1, 3) // 1 + 2) // 2,
    "digitize": lambda: int(np.digitize(MINE.random(), RUNNING)),
    "float": lambda: int(float(MINE.random()) >= 0.25) + int(float(MINE.random(1)[0]) < 0.0) or 0,
    "an array of numbers": lambda: int(sum(np.array([toss(), toss()]) < 0.5)),
    "sorted by keys": lambda: [0, 1, 1, 2][int(np.argsort(MINE.random(4))[0])],
    "gumbel": lambda: int(np.argmax(np.log([0.25, 0.5, 0.25]) + MINE.gumbel(size=3))),
    "exponential": lambda: int(np.argmin(MINE.standard_exponential(3) / [0.25, 0.5, 0.25])),
    "powers": lambda: int(np.argmax(MINE.random(3) ** (1 / np.array([0.25, 0.5, 0.25])))),
    "guarded gumbel": lambda: int(np.argmax(np.log(PARTS) - np.log(-np.log(MINE.random(3) + 1e-20)))),
    **{
        way.__name__: way
        for way in (walrus, swapped, vectors, while_loop, logarithm, scaled, floors, remainder)
    },
    **{way.__name__: way for way in (first_larger, count_below)},
}
OTHER = {
    "legacy state": {0: 0.25, 1: 0.75},
    "float": {0: 0.25, 1: 0.75},
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_quarters_are_quarters(way, request):
    law = exact_law(way, leaves=2000)
    expected = OTHER.get(request.node.callspec.id, QUARTERS)
    assert {int(k) for k in law.chances} == set(expected)
    assert all(-1e-12 <= expected[k] - law.chances[k] <= law.unexplored + 1e-12 for k in expected)
    assert law.unexplored <= (0.02 if way is while_loop else 1e-18)


def test_a_distance_from_the_middle_is_folded():
    assert exact_law(lambda: abs(MINE.random() - 0.5) < 0.25).chances[True] == pytest.approx(0.5, abs=1e-15)


def test_a_number_used_twice_is_the_same_number():
    law = exact_law(lambda: ((u := toss()) < 0.3, u < 0.6, u * u < 0.25))
    expected = {(True, True, True): 0.3, (False, True, True): 0.2, (False, True, False): 0.1}
    expected[False, False, False] = 0.4
    assert law.chances == pytest.approx(expected, abs=1e-12)


def test_a_coin_that_also_picks_the_token_is_seen():
    def verify():
        coin = MINE.random()
        return "kept" if coin < 0.5 else int(np.searchsorted([0.5, 1.0], coin, side="right"))

    assert exact_law(verify).chances == {"kept": 0.5, 1: 0.5}


def test_seeding_again_repeats_the_numbers():
    law = exact_law(lambda: (default_rng(0).random() < 0.3, default_rng(0).random() < 0.6))
    assert law.chances == pytest.approx(
        {(True, True): 0.3, (False, True): 0.3, (False, False): 0.4}, abs=1e-12
    )
    assert any("seed 0" in note for note in law.notes)


def test_choice_and_coin_of_one_seed_share_their_uniform():
    law = exact_law(lambda: (int(default_rng(4).choice(2, p=[0.3, 0.7])), default_rng(4).random() < 0.6))
    assert law.chances == pytest.approx({(0, True): 0.3, (1, True): 0.3, (1, False): 0.4}, abs=1e-12)


def test_copies_and_saved_states_repeat_the_numbers():
    def copied():
        rng = numpy_rng()
        twin = copy.deepcopy(rng)
        return rng.random() < 0.5, twin.random() < 0.5

    def saved():
        state = random.getstate()
        first = random.random() < 0.5
        random.setstate(state)
        return first, random.random() < 0.5

    def numpy_state():
        rng = numpy_rng()
        state = rng.bit_generator.state
        first = rng.random() < 0.5
        rng.bit_generator.state = state
        return first, rng.random() < 0.5

    for way in (copied, saved, numpy_state):
        assert exact_law(way).chances == {(True, True): 0.5, (False, False): 0.5}


def test_two_generators_in_one_state_are_one():
    left, right = default_rng(11), default_rng(11)
    assert exact_law(lambda: (left.random() < 0.5) == (right.random() < 0.5)).chances == {True: 1.0}


def test_a_seed_that_was_drawn_makes_an_independent_generator():
    law = exact_law(lambda: (random.random() < 0.5, random.Random(random.getrandbits(32)).random() < 0.5))
    assert set(law.chances.values()) == {0.25}


REFUSED = {
    "sorting": lambda: int(np.sort(MINE.random(3))[0] < 0.2),
    "comparing two": lambda: toss() < toss(),
    "sum of two": lambda: toss() + toss() < 1,
    "a clock as a seed": lambda: default_rng(time.time_ns()).random() < 0.5,
    "seconds as a seed": lambda: random.Random(int(time.time())).random() < 0.5,
    "entropy": lambda: random.SystemRandom().random() < 0.5,
    "not monotone": lambda: math.sin(7 * toss()) < 0.5,
    "into a float array": lambda: bool(np.array([toss()], dtype=float)[0] < 0.5),
    "normal": lambda: bool(MINE.normal() < 0),
    "the number itself": toss,
    "one race for two picks": lambda: (int(np.argmax(g := MINE.gumbel(size=3))), int(np.argmin(g))),
    "a float and an integer from one state": lambda: (
        default_rng(0).random() < 0.5,
        int(default_rng(0).integers(3)),
    ),
}


@pytest.mark.parametrize("way", REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_followed_is_refused(way):
    with pytest.raises(Unsupported):
        exact_law(way)


def test_refusal_cannot_be_swallowed():
    def careless():
        try:
            return bool(MINE.normal() < 0)
        except Exception:
            return False

    with pytest.raises(Unsupported):
        exact_law(careless)


def test_state_that_survives_a_call_is_noticed():
    calls = []

    def counting():
        calls.append(1)
        return len(calls) % 2 == 0 and toss() < 0.5

    with pytest.raises(Unsupported):
        exact_law(counting)


def stream(rng):
    while True:
        yield rng.random()


@functools.lru_cache
def remembered(key):
    return MINE.random() + key


HIDDEN = {
    "in a frame": stream(np.random.default_rng(1)),
    "in another": stream(random.Random(2)),
}


@pytest.mark.parametrize("numbers", HIDDEN.values(), ids=HIDDEN.keys())
def test_a_generator_that_cannot_be_found_is_noticed(numbers):
    with pytest.raises(Unsupported):
        exact_law(lambda: next(numbers) < 0.5)


def test_a_number_that_outlives_its_call_is_noticed():
    with pytest.raises(Unsupported):
        exact_law(lambda: remembered(1) < 1.5)


def test_outside_the_domain_of_a_root_the_answer_is_that_of_nan():
    with np.errstate(invalid="ignore"):
        law = exact_law(lambda: bool(np.sqrt(MINE.random() - 0.5) < 0.5))
    assert law.chances == {True: 0.25, False: 0.75}


def test_generators_are_left_as_they_were():
    numpy_state, python_state = np.random.get_state()[1].tolist(), random.getstate()
    mine = MINE.bit_generator.state
    exact_law(lambda: (np.random.rand() < 0.5, random.random() < 0.5, MINE.random() < 0.5))
    assert np.random.get_state()[1].tolist() == numpy_state
    assert random.getstate() == python_state
    assert MINE.bit_generator.state == mine
    assert type(MINE) is np.random.Generator
    assert isinstance(MINE.random(), float)
    assert np.random.default_rng is default_rng


def test_outside_of_a_walk_the_generator_is_an_ordinary_one():
    assert numpy_rng().random() == numpy_rng().random()
    assert isinstance(numpy_rng().random(), float)
