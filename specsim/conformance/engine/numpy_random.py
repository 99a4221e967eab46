"""numpy.random's generators with their draws decided by the engine."""

from typing import Any

import numpy as np

from .drawing import REAL_GENERATOR, REAL_STATE, Drawing, only
from .lazy import plain
from .streams import Stream
from .walk import the_walk

_bits = np.random.PCG64(0)
_checker = REAL_GENERATOR(_bits)  # called for its errors, never for its numbers


class FakeGenerator(Drawing, REAL_GENERATOR):
    """A numpy Generator whose numbers the engine decides."""

    def __init__(self, stream: Stream) -> None:
        REAL_GENERATOR.__init__(self, _bits)
        self.stream = stream

    def random(self, size: Any = None, dtype: Any = np.float64, out: Any = None) -> Any:
        only(out is None, "out=")
        return self._uniforms(size, np.dtype(dtype).name)

    def integers(
        self, low: Any, high: Any = None, size: Any = None, dtype: Any = np.int64, endpoint: bool = False
    ) -> Any:
        low, high = plain(low), plain(high)
        _checker.integers(low, high, None, dtype, endpoint)
        low, high = (0, low) if high is None else (low, high)
        kind = dtype if dtype in (int, bool) else np.dtype(dtype).type
        return self._integers(low, high + endpoint, size, kind)

    def permuted(self, x: Any, *, axis: int | None = None, out: Any = None) -> Any:
        only(axis is None and out is None, "permuted along an axis")
        return np.reshape(self.permutation(np.ravel(x)), np.shape(x))

    def spawn(self, n_children: int) -> list[REAL_GENERATOR]:
        fresh = the_walk().fresh
        return [FakeGenerator(Stream(fresh(f"child of {self.stream.key}"))) for _ in range(n_children)]

    @property
    def bit_generator(self) -> Any:
        return FakeBits(self.stream)

    def __deepcopy__(self, memo: Any) -> "FakeGenerator":
        return copied(self)

    __copy__ = __deepcopy__


class FakeState(Drawing, REAL_STATE):
    """A numpy RandomState whose numbers the engine decides."""

    def __init__(self, stream: Stream) -> None:
        REAL_STATE.__init__(self, _bits)
        self.stream = stream

    def _check_choice(self, a: Any, size: Any, replace: bool, p: Any) -> None:
        REAL_STATE(_bits).choice(a, size, replace, p)

    def random_sample(self, size: Any = None) -> Any:
        return self._uniforms(size)

    random = random_sample

    def rand(self, *shape: int) -> Any:
        return self._uniforms(shape or None)

    def randint(self, low: Any, high: Any = None, size: Any = None, dtype: Any = int) -> Any:
        low, high = plain(low), plain(high)
        REAL_STATE(_bits).randint(low, high, None, dtype)
        low, high = (0, low) if high is None else (low, high)
        return self._integers(low, high, size, dtype if dtype in (int, bool) else np.dtype(dtype).type)

    def seed(self, seed: Any = None) -> None:
        from .numpy_module import seeded

        self.stream.state = (seeded("RandomState", seed), 0)

    def get_state(self, legacy: bool = True) -> Any:
        return ("engine", self.stream.state)

    def set_state(self, state: Any) -> None:
        self.stream.state = state[1]

    def __deepcopy__(self, memo: Any) -> "FakeState":
        return copied(self)

    __copy__ = __deepcopy__


def copied(fake: Any) -> Any:
    """Another generator in the same state."""
    twin = type(fake)(Stream(fake.stream.key))
    twin.stream.state = fake.stream.state
    return twin


class FakeBits:
    """The bit generator of a FakeGenerator: only its state can be read and set."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream

    @property
    def state(self) -> Any:
        return {"engine": self.stream.state}

    @state.setter
    def state(self, state: Any) -> None:
        self.stream.state = state["engine"]

    def __getattr__(self, name: str) -> Any:
        raise the_walk().refuse(f"the engine does not follow bit_generator.{name}")


def _forbid(fake: type, real: type) -> None:
    """Every public method that is not decided by the engine refuses."""
    for name in dir(real):
        if not name.startswith("_") and not any(name in vars(base) for base in (fake, Drawing)):

            def method(self: Any, *args: Any, name: str = name, **kwargs: Any) -> Any:
                raise the_walk().refuse(f"the engine does not follow {real.__name__}.{name}")

            setattr(fake, name, method)


_forbid(FakeGenerator, REAL_GENERATOR)
_forbid(FakeState, REAL_STATE)
