"""What stands in for the names of numpy.random while a walk is under way."""

import copy
import types
from collections.abc import Hashable
from functools import cache, lru_cache
from typing import Any

import numpy as np

from .lazy import Pick
from .numpy_random import REAL_GENERATOR, REAL_STATE, FakeGenerator, FakeState
from .streams import Stream
from .uniforms import Uniform
from .walk import current, the_walk


def state_key(bits: Any) -> Hashable:
    """A key for the state of a real bit generator: equal states, equal keys."""
    return ("numpy", repr(bits.state))


@lru_cache(maxsize=1000)
def _key_of_seed(seed: Hashable) -> Hashable:
    number: Any = list(seed) if isinstance(seed, tuple) else seed
    return state_key(np.random.PCG64(number))


def seeded(kind: str, seed: Any) -> Hashable:
    """The key of a stream that the function seeds: fresh without a seed, else known by it."""
    if seed is None:
        return the_walk().fresh(kind)
    walk = the_walk()
    if type(seed) is Pick or type(seed) is Uniform:
        walk.seeded.append((seed, (kind, "seeded by a draw", seed.symbol.name)))
        return walk.seeded[-1][1]
    if walk.replay is not None and isinstance(seed, int | float | np.integer) and seed in walk.seeds:
        return walk.seeds[seed]
    walk.note(
        f"the function seeds a generator itself ({kind} with seed {seed}); "
        "the law is taken over that stream's numbers"
    )
    return (kind, repr(seed)) if kind != "numpy" else _seed_key(seed)


def _seed_key(seed: Any) -> Hashable:
    if isinstance(seed, np.random.SeedSequence):
        return state_key(np.random.PCG64(copy.deepcopy(seed)))
    return _key_of_seed(tuple(int(n) for n in np.ravel(seed)) if np.ndim(seed) else int(seed))


def default_rng(seed: Any = None) -> Any:
    """numpy.random.default_rng under the engine."""
    if isinstance(seed, FakeGenerator):
        return seed
    if isinstance(seed, FakeState):
        return FakeGenerator(seed.stream)
    if isinstance(seed, np.random.BitGenerator):
        return FakeGenerator(Stream(state_key(seed)))
    return FakeGenerator(Stream(seeded("numpy", seed)))


class _Instances(type):
    """isinstance and issubclass as for the real class."""

    real: type
    make: Any

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        return cls.make(*args, **kwargs)

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__") or current() is None:
            raise AttributeError(name)
        raise the_walk().refuse(f"the engine does not follow {cls.real.__name__}.{name}, called on the class")

    def __instancecheck__(cls, item: Any) -> bool:
        return isinstance(item, cls.real)

    def __subclasscheck__(cls, other: type) -> bool:
        return issubclass(other, cls.real)


class GeneratorClass(metaclass=_Instances):
    """Stands in for numpy.random.Generator."""

    real = REAL_GENERATOR
    make = staticmethod(default_rng)


class StateClass(metaclass=_Instances):
    """Stands in for numpy.random.RandomState."""

    real = REAL_STATE
    make = staticmethod(lambda seed=None: FakeState(Stream(seeded("RandomState", seed))))


def stand_in(real: Any) -> Any:
    """The engine's generator in place of a real one that was found."""
    if isinstance(real, REAL_GENERATOR):
        return FakeGenerator(Stream(state_key(real.bit_generator)))
    name, words, *rest = real.get_state()
    return FakeState(Stream(("RandomState", name, words.tobytes(), *rest)))


def _bits(real: type) -> type:
    """Stands in for PCG64 and its like: without a seed, a state that nothing else has."""

    def make(seed: Any = None) -> Any:
        return real([len(real.__name__), the_walk().fresh(real.__name__)[1]] if seed is None else seed)

    return _Instances(real.__name__, (), {"real": real, "make": staticmethod(make)})


@cache
def replacements() -> list[tuple[types.ModuleType, dict[str, Any]]]:
    """Names of numpy.random, and what they are during a walk."""
    hidden = np.random.mtrand._rand
    legacy = FakeState(Stream("numpy.random"))
    names = [name for name in dir(np.random) if getattr(getattr(np.random, name), "__self__", None) is hidden]
    found: dict[str, Any] = {name: getattr(legacy, name) for name in names}
    found |= {"ranf": legacy.random_sample, "sample": legacy.random_sample}
    found |= {
        name: _bits(getattr(np.random, name)) for name in ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")
    }
    return [
        (
            np.random,
            {**found, "default_rng": default_rng, "Generator": GeneratorClass, "RandomState": StateClass},
        )
    ]
