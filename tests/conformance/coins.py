"""A second way to the exact law of a function: a generator of intervals, whose choices branch.

It knows `random` and `choice` of NumPy's generators, comparisons of a uniform with numbers, and products with
numbers, which is all that the gallery uses. Uniforms are real numbers here: no lattice.
"""

from collections import Counter


class Walker:
    """Stands for a generator along one path; `path` says which branch to take at each decision."""

    def __init__(self, path):
        self.path, self.chance, self.depth, self.open = path, 1.0, 0, []

    def branch(self, weights):
        """Which of these branches is taken; those of weight 0 are not there."""
        possible = [i for i, weight in enumerate(weights) if weight > 0]
        if self.depth == len(self.path):
            self.open += [(*self.path, i) for i in possible[1:]]
            self.path = (*self.path, possible[0])
        chosen = self.path[self.depth]
        self.depth += 1
        self.chance *= weights[chosen]
        return chosen

    def random(self, size=None, dtype=None):
        return Uniform(self) if size is None else [Uniform(self) for _ in range(size)]

    def choice(self, count, p):
        if any(weight != weight for weight in p):
            raise ValueError("probabilities contain NaN")
        return self.branch([float(weight) for weight in p])


class Uniform:
    """scale * u, of whose u is known that it lies in [low, high); factors of one u share what is known."""

    __array_ufunc__ = None

    def __init__(self, walker, scale=1.0, known=None):
        self.walker, self.scale, self.known = walker, scale, known or [0.0, 1.0]

    def __mul__(self, factor):
        return Uniform(self.walker, self.scale * float(factor), self.known)

    __rmul__ = __mul__

    def __lt__(self, limit):
        if self.scale == 0:
            return limit > 0
        (low, high), at = self.known, float(limit) / self.scale
        if not low < at < high:
            return high <= at
        below = self.walker.branch([(at - low) / (high - low), (high - at) / (high - low)]) == 0
        self.known[:] = (low, at) if below else (at, high)
        return below

    def __ge__(self, limit):
        return not self < limit

    __le__ = __lt__
    __gt__ = __ge__


def law_of(run):
    """The law of run(rng): the chance of each outcome, a crash being one."""
    found, todo = Counter(), [()]
    while todo:
        walker = Walker(todo.pop())
        try:
            outcome = run(walker)
        except (ValueError, ZeroDivisionError) as crash:
            outcome = f"crash: {type(crash).__name__}"
        found[outcome] += walker.chance
        todo += walker.open
    return dict(found)
