"""What was drafted: tokens, the laws that they were drawn from, and how they hang together.

The drafted tokens form a tree. Node 0 is the context; node j + 1 holds token j and hangs below node
`parent[j]`. A chain of three tokens is (0, 1, 2), two alternatives for one position are (0, 0).

>>> chain(3), siblings(2), tree(2, 1)
((0, 1, 2), (0, 0), (0, 0, 1, 2))
"""

from dataclasses import dataclass
from functools import cache
from numbers import Integral

from .arrays import Array, describe

Parent = tuple[int, ...]

HOW = ("independent", "distinct", "top", "hub")
"""The ways to choose the children of a node, see Shape."""


@dataclass(frozen=True)
class Draft:
    """Drafted tokens with their laws.

    tokens: (..., n) integers; node j + 1 holds tokens[..., j], node 0 is the context.
    laws: (..., n, V) the law that each token was drawn from, given the nodes above it and the siblings
        before it; one-hot if the token was not drawn but chosen.
    parent: parent[j] <= j is the node that node j + 1 hangs below.
    Raises ValueError where these shapes do not fit together.
    """

    tokens: Array
    laws: Array
    parent: Parent

    def __post_init__(self) -> None:
        _check_parent(self.parent)
        n, tokens = len(self.parent), tuple(getattr(self.tokens, "shape", ()))
        if tokens[-1:] != (n,):
            raise ValueError(
                f"a draft on {n} nodes needs tokens of shape (..., {n}), got {describe(self.tokens)}"
            )
        if tuple(getattr(self.laws, "shape", ()))[:-1] != tokens:
            raise ValueError(
                "draft laws need the shape of tokens and a last axis over the vocabulary, got "
                f"{describe(self.laws)} for tokens {tokens}"
            )


@dataclass(frozen=True)
class Shape:
    """A draft tree and how the children of one node are chosen.

    parent: as in Draft. how: "independent" draws (with replacement), "distinct" draws (without
    replacement), "top": the most likely tokens in order, not drawn at all, or "hub": the most likely ones
    and as last child one drawn from the rest.

    >>> [Shape((0, 0, 0), "hub").how_at(j) for j in range(3)]
    ['top', 'top', 'distinct']
    """

    parent: Parent
    how: str = "independent"

    def __post_init__(self) -> None:
        _check_parent(self.parent)
        if self.how not in HOW:
            raise ValueError(
                f'children are chosen "independent", "distinct", "top" or "hub", got {self.how!r}'
            )

    def how_at(self, j: int) -> str:
        """How token j is chosen among its siblings: a hub is "top" children and a last one of "distinct"."""
        if self.how != "hub":
            return self.how
        return "distinct" if children(self.parent)[self.parent[j]][-1] == j + 1 else "top"


AnyShape = Shape | Parent


def as_shape(shape: AnyShape) -> Shape:
    """A shape from a shape or from its tuple of parents."""
    return shape if isinstance(shape, Shape) else Shape(tuple(shape))


def chain(gamma: int) -> Parent:
    """gamma tokens one after the other.

    >>> chain(3)
    (0, 1, 2)
    """
    return tuple(range(_count(gamma, "gamma")))


def siblings(k: int, how: str = "independent") -> AnyShape:
    """k alternatives for one position, drawn with replacement unless `how` says otherwise (see Shape).

    >>> siblings(2)
    (0, 0)
    >>> siblings(2, how="distinct")
    Shape(parent=(0, 0), how='distinct')
    """
    return _with((0,) * _count(k, "k"), how)


def chains(count: int, length: int) -> Parent:
    """`count` chains of `length` tokens that part at the root, one after the other.

    >>> chains(2, 3)
    (0, 1, 2, 0, 4, 5)
    """
    count, length = _count(count, "count"), _count(length, "length")
    return tuple(0 if j % length == 0 else j for j in range(count * length))


def tree(*branching: int, how: str = "independent") -> AnyShape:
    """Every node at depth i has branching[i] children; nodes are numbered level by level.

    >>> tree(2, 2)
    (0, 0, 1, 1, 2, 2)
    """
    parent: list[int] = []
    level = [0]
    for width in branching:
        first = len(parent) + 1
        parent += [node for node in level for _ in range(_count(width, "branching"))]
        level = list(range(first, len(parent) + 1))
    return _with(tuple(parent), how)


def _with(parent: Parent, how: str) -> AnyShape:
    return parent if how == "independent" else Shape(parent, how)


def _check_parent(parent: Parent) -> None:
    if not isinstance(parent, tuple):
        raise ValueError(f"parent must be a tuple such as chain(3) == (0, 1, 2), got {parent!r}")
    for j, above in enumerate(parent):
        if not (isinstance(above, Integral) and 0 <= above <= j):
            raise ValueError(f"node {j + 1} must hang below one of the nodes 0..{j}, got parent={parent}")


def _count(value: int, name: str) -> int:
    if not isinstance(value, Integral) or value < 1:
        raise ValueError(f"{name} must be a whole number of at least 1, got {value!r}")
    return int(value)


@cache
def children(parent: Parent) -> tuple[tuple[int, ...], ...]:
    """The children of each node, in order.

    >>> children((0, 0, 1))
    ((1, 2), (3,), (), ())
    """
    below: list[list[int]] = [[] for _ in range(len(parent) + 1)]
    for j, above in enumerate(parent):
        below[above].append(j + 1)
    return tuple(map(tuple, below))


@cache
def paths(parent: Parent) -> tuple[tuple[int, ...], ...]:
    """The nodes from the root (left out) down to each node.

    >>> paths((0, 0, 1))
    ((), (1,), (2,), (1, 3))
    """
    found: list[tuple[int, ...]] = [()]
    for j, above in enumerate(parent):
        found.append((*found[above], j + 1))
    return tuple(found)


def height(shape: AnyShape) -> int:
    """The length of the longest path of a shape: at most height + 1 tokens come out of a round.

    >>> height(tree(2, 1))
    2
    """
    return max(map(len, paths(as_shape(shape).parent)))


@cache
def within(parent: Parent, longest: int) -> tuple[int, ...]:
    """The nodes of a tree that lie at most `longest` tokens deep, the root among them.

    >>> within((0, 0, 1, 3), 2)
    (0, 1, 2, 3)
    """
    return tuple(node for node, path in enumerate(paths(parent)) if len(path) <= longest)


def shortened(shape: Shape, longest: int) -> Shape:
    """The nodes of a shape that lie at most `longest` tokens deep, as a shape.

    >>> shortened(Shape((0, 0, 1, 3)), 2)
    Shape(parent=(0, 0, 1), how='independent')
    """
    if longest >= height(shape):
        return shape
    kept = within(shape.parent, longest)
    return Shape(tuple(kept.index(shape.parent[node - 1]) for node in kept[1:]), shape.how)


def is_chain(parent: Parent) -> bool:
    """Whether every node has at most one child and all lie on one path."""
    return parent == tuple(range(len(parent)))
