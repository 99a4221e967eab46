"""The random operations of torch, decided by the engine.

A draw is named by the generator's own state before it, and the generator is moved on by a real draw. So
seeding, saving, restoring and cloning of generators work by themselves: equal states give equal symbols.
Two different draws from one state share bits in a way that is not followed: Unsupported.
"""

from collections.abc import Callable, Hashable, Iterator
from typing import Any

import numpy as np
import torch

from .lattice import LATTICES, cut, integers, lattice_for
from .lazy import plain
from .numpy_arrays import boxes
from .streams import categorical_lattice, exact_cuts, exponential_of, pick_of, symbol_named, uniform_of
from .torch_shadow import REAL_NUMPY, SCALARS, Shadows, values
from .walk import the_walk

_KINDS = {
    torch.float64: "float64",
    torch.float32: "float32",
    torch.float16: "float16",
    torch.bfloat16: "bfloat16",
}


class Draws:
    """The generators that were drawn from in this run, and the operations that draw."""

    def __init__(self, shadows: Shadows) -> None:
        self.shadows = shadows
        self.before: dict[int, tuple[torch.Generator, torch.Tensor]] = {}

    def rewind(self) -> None:
        """Put every generator back to where the run found it."""
        for generator, state in self.before.values():
            generator.set_state(state)
        self.before.clear()

    def draw(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run a random operation: the real one for its errors and its shape, then the engine's numbers."""
        kind = func._schema.name.split("::")[1]
        given = bound(func, args, kwargs)
        generator = given.get("generator")
        generator = torch.default_generator if generator is None else generator
        for name in ("self", "p") if kind in ("multinomial", "bernoulli", "bernoulli_") else ():
            if isinstance(given.get(name), torch.Tensor) and not (kind == "bernoulli_" and name == "self"):
                self.shadows.force(given[name])
        before = generator.get_state()
        out = func(*args, **kwargs)
        if kind not in _MAKERS:
            if not torch.equal(before, generator.get_state()):
                raise the_walk().refuse(f"the engine does not follow torch's {func._schema.name}")
            return out  # such as dropout that is switched off
        if out.device.type != "cpu":
            raise the_walk().refuse(f"draws on {out.device} are not followed; run the function on the CPU")
        items = boxes(_MAKERS[kind](self._namer(generator, before), out, given))
        return self.shadows.put(out, items.reshape(tuple(out.shape)))

    def _namer(self, generator: torch.Generator, before: torch.Tensor) -> "Namer":
        self.before.setdefault(id(generator), (generator, before))
        return Namer(before)


class Namer:
    """Names for the numbers of one draw."""

    def __init__(self, state: torch.Tensor) -> None:
        self.state = hash(REAL_NUMPY(state).tobytes())

    def names(self, request: str, count: int) -> list[Hashable]:
        """One for each number; the same state must be asked for the same thing."""
        walk = the_walk()
        before = walk.requests.setdefault(self.state, (request, count))
        if before != (request, count):
            raise walk.refuse(
                f"two torch generators in one state were asked for different things ({before[1]} of "
                f"{before[0]}, {count} of {request}); how these share bits is not followed"
            )
        return [("torch", self.state, j) for j in range(count)]


def bound(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """The arguments of an operation by name, with their defaults."""
    schema = func._schema.arguments
    given = {entry.name: entry.default_value for entry in schema if entry.has_default_value()}
    return {**given, **dict(zip((entry.name for entry in schema), args)), **kwargs}


def _uniforms(namer: Namer, out: torch.Tensor, given: dict[str, Any]) -> list[Any]:
    kind = _KINDS[out.dtype]
    lattice = lattice_for(kind, the_walk().lattice)
    drawn = [uniform_of(symbol_named(name, lattice), kind) for name in namer.names(kind, out.numel())]
    low, high = given.get("from", 0.0), given.get("to", 1.0)
    return drawn if (low, high) == (0, 1) else [_between(u, low, high, SCALARS[out.dtype]) for u in drawn]


def _between(u: Any, low: float, high: float, cast: Any) -> Any:
    return u * cast(high - low) + cast(low)


def _exponentials(namer: Namer, out: torch.Tensor, given: dict[str, Any]) -> list[Any]:
    names = namer.names("exponential", out.numel())
    return [exponential_of(symbol_named(name, LATTICES["exponential"])) / given["lambd"] for name in names]


def _coins(namer: Namer, out: torch.Tensor, given: dict[str, Any]) -> list[Any]:
    chances = given.get("p")
    chances = given["self"] if chances is None else chances
    kind = "float64" if isinstance(chances, torch.Tensor) and chances.dtype is torch.float64 else "float32"
    lattice = lattice_for(kind, the_walk().lattice)
    if isinstance(chances, torch.Tensor):
        chances = np.broadcast_to(values(chances), tuple(out.shape)).reshape(-1).tolist()
    else:
        chances = [chances] * out.numel()
    symbols = [symbol_named(name, lattice) for name in namer.names(kind, out.numel())]
    coins = [
        (symbol, [0, cut(lattice, p, strict=True), lattice.points]) for symbol, p in zip(symbols, chances)
    ]
    return [pick_of(symbol, cuts, (1, 0), SCALARS[out.dtype]) for symbol, cuts in coins]


def _multinomial(namer: Namer, out: torch.Tensor, given: dict[str, Any]) -> list[Any]:
    rows = np.atleast_2d(values(given["self"])).astype(float)
    count = given["num_samples"]
    names = iter(namer.names(f"multinomial of {rows.shape[1]}", out.numel()))
    return [token for row in rows for token in _tokens(row.tolist(), count, given["replacement"], names)]


def _tokens(row: list[float], count: int, replacement: bool, names: Iterator[Hashable]) -> Iterator[Any]:
    """Draws from one row of weights."""
    left = list(range(len(row)))
    for place in range(count):
        cuts = exact_cuts([row[j] for j in left])
        token = pick_of(symbol_named(next(names), categorical_lattice(cuts)), cuts, left, np.int64)
        yield token
        if not replacement and place + 1 < count:
            left = [j for j in left if j != plain(token)]


def _integers(namer: Namer, out: torch.Tensor, given: dict[str, Any]) -> list[Any]:
    low, high = given.get("low", given.get("from", 0)), given.get("high", given.get("to"))
    if high is None:
        raise the_walk().refuse("random_() without bounds takes too many values to be followed")
    names = namer.names(f"integers({high - low})", out.numel())
    lattice, items = integers(high - low), range(low, high)
    return [
        pick_of(symbol_named(name, lattice), range(high - low + 1), items, SCALARS[out.dtype])
        for name in names
    ]


def _permutation(namer: Namer, out: torch.Tensor, given: dict[str, Any]) -> list[Any]:
    names = iter(namer.names("permutation", out.numel()))
    return [plain(item) for item in _tokens([1.0] * out.numel(), out.numel(), False, names)]


_MAKERS: dict[str, Callable[[Namer, torch.Tensor, dict[str, Any]], list[Any]]] = {
    "rand": _uniforms,
    "rand_like": _uniforms,
    "uniform_": _uniforms,
    "exponential_": _exponentials,
    "bernoulli": _coins,
    "bernoulli_": _coins,
    "multinomial": _multinomial,
    "randint": _integers,
    "randint_like": _integers,
    "random_": _integers,
    "randperm": _permutation,
}
