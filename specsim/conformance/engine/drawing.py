"""What Generator and RandomState of NumPy have in common: their draws, from a stream of the engine."""

from collections.abc import Callable
from typing import Any

import numpy as np

from .lattice import IDEAL_BITS, LATTICES, integers, lattice_for
from .lazy import plain
from .numpy_arrays import filled
from .streams import Stream
from .walk import the_walk

REAL_GENERATOR = np.random.Generator
REAL_STATE = np.random.RandomState
_checker = REAL_GENERATOR(np.random.PCG64(0))  # called for its errors, never for its numbers


def _shape(size: Any) -> tuple[int, ...]:
    return (int(size),) if isinstance(size, int | np.integer) else tuple(int(n) for n in size)


def sized(size: Any, one: Callable[[], Any]) -> Any:
    """One draw, or an array of them."""
    if size is None:
        return one()
    return filled(_shape(size), one)


class Drawing:
    """The draws that Generator and RandomState share, on a stream."""

    stream: Stream

    def _uniforms(self, size: Any, kind: str = "float64") -> Any:
        if size is None:
            return self.stream.uniform("python" if kind == "float64" else kind)
        return filled(_shape(size), lambda: self.stream.uniform(kind), kind)

    def uniform(self, low: Any = 0.0, high: Any = 1.0, size: Any = None) -> Any:
        if size is None:
            size = np.broadcast_shapes(np.shape(low), np.shape(high)) or None
        if type(low) is type(high) is float and (low, high) == (0, 1):
            return self._uniforms(size)
        return low + (high - low) * self._uniforms(size)

    def standard_exponential(
        self, size: Any = None, dtype: Any = None, method: str = "zig", out: Any = None
    ) -> Any:
        only(out is None, "out=")
        return sized(size, self.stream.exponential)

    def exponential(self, scale: Any = 1.0, size: Any = None) -> Any:
        return scale * sized(np.shape(scale) or None if size is None else size, self.stream.exponential)

    def gumbel(self, loc: Any = 0.0, scale: Any = 1.0, size: Any = None) -> Any:
        if size is None:
            size = np.broadcast_shapes(np.shape(loc), np.shape(scale)) or None
        return loc + scale * -np.log(sized(size, self.stream.exponential))

    def choice(
        self,
        a: Any,
        size: Any = None,
        replace: bool = True,
        p: Any = None,
        axis: int = 0,
        shuffle: bool = True,
    ) -> Any:
        a, size = plain(a), plain(size)
        self._check_choice(a, size, replace, p)
        items = np.arange(a) if np.ndim(a) == 0 else np.asarray(a)
        n = items.shape[axis]
        count = 1 if size is None else int(np.prod(_shape(size)))
        if size is None and items.ndim == 1:
            return self._choose(n, p, items)
        if replace or count == 1:
            picked = [int(plain(self._choose(n, p, range(n)))) for _ in range(count)]
        else:
            only(shuffle, "choice(replace=False, shuffle=False)")
            picked = self._without_replacement(n, count, p)
        return np.take(items, np.reshape(picked, () if size is None else _shape(size)), axis)

    def _check_choice(self, a: Any, size: Any, replace: bool, p: Any) -> None:
        _checker.choice(a, size, replace, p)

    def _choose(self, n: int, p: Any, items: Any) -> Any:
        """One of n items, carried until somebody looks."""
        kind = np.int64 if isinstance(items, range) or (items.ndim == 1 and items.dtype == np.int64) else None
        if p is None:
            return self.stream.pick(integers(n), range(n + 1), items, kind)
        cdf = np.cumsum(np.asarray(p, dtype=np.float64))
        cdf /= cdf[-1]
        cuts = [0, *np.ceil(cdf * 2.0**53).astype(np.int64).tolist()]
        if the_walk().lattice == "native":
            return self.stream.pick(LATTICES["float64"], cuts, items, kind)
        return self.stream.pick(
            lattice_for("float64", "ideal"), [c << (IDEAL_BITS - 53) for c in cuts], items, kind
        )

    def _without_replacement(self, n: int, count: int, p: Any = None) -> list[int]:
        left = list(range(n))
        weights = np.ones(n) if p is None else np.asarray(p, dtype=float)
        picked = []
        for _ in range(count):
            item = int(plain(self.stream.categorical(weights[left].tolist(), left)))
            picked.append(item)
            left.remove(item)
        return picked

    def permutation(self, x: Any, axis: int = 0) -> Any:
        items = np.arange(x) if np.ndim(x) == 0 else np.asarray(x)
        return np.take(items, self._without_replacement(items.shape[axis], items.shape[axis]), axis)

    def shuffle(self, x: Any, axis: int = 0) -> None:
        n = len(x)
        order = self._without_replacement(n, n)
        x[:] = x[order] if isinstance(x, np.ndarray) else [x[j] for j in order]

    def multinomial(self, n: Any, pvals: Any, size: Any = None) -> Any:
        _checker.multinomial(n, pvals)
        only(np.ndim(n) == 0 and np.ndim(pvals) == 1, "multinomial with arrays of laws")
        return self._repeated(size, lambda: self._counts(int(n), np.asarray(pvals, dtype=float)))

    def _counts(self, n: int, pvals: np.ndarray) -> np.ndarray:
        law = np.append(pvals[:-1], max(0.0, 1 - pvals[:-1].sum()))
        drawn = [int(plain(self.stream.categorical(law.tolist(), range(len(law))))) for _ in range(n)]
        return np.bincount(drawn, minlength=len(law)).astype(np.int64)

    def binomial(self, n: Any, p: Any, size: Any = None) -> Any:
        _checker.binomial(n, p)
        only(np.ndim(n) == 0 and np.ndim(p) == 0, "binomial with arrays")
        return self._repeated(size, lambda: np.int64(self._counts(int(n), np.array([p, 1 - p]))[0]))

    def _repeated(self, size: Any, one: Callable[[], Any]) -> Any:
        if size is None:
            return one()
        shape = _shape(size)
        drawn = np.array([one() for _ in range(int(np.prod(shape)))])
        return drawn.reshape(shape + drawn.shape[1:])

    def _integers(self, low: Any, high: Any, size: Any, kind: Any) -> Any:
        only(np.ndim(low) == 0 and np.ndim(high) == 0, "integers with arrays of bounds")
        low, high = int(low), int(high)
        if size is None:
            return self.stream.pick(integers(high - low), range(high - low + 1), range(low, high), kind)
        return self._repeated(size, lambda: plain(self._integers(low, high, None, kind)))


def only(fine: bool, what: str) -> None:
    if not fine:
        raise the_walk().refuse(f"the engine does not follow {what}")
