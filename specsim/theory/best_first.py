"""The likeliest nodes first: draft trees by a heap.

A tree yields the sum over its nodes of the chance that each is kept. If chances only fall along a path and
from sibling to sibling, the n likeliest nodes of all form a tree, and no other tree of n nodes yields more.
A limit on depth or branching only leaves nodes out, so the argument holds with limits too.

`best_first_tree` takes chances from positional acceptances. Without replacement a second child may well be
likelier than the first; then the heap, which sees one node ahead, would miss what `optimal_tree` finds.

`likely_tree` takes them from a model: the chance of a node is the probability of its text. Verified by
`match` (the target's own sample, looked up in the tree) a node is kept with the target's probability of its
text, so

    tokens = 1 + sum over nodes of target(text of the node).

EAGLE-2 and OPT-Tree grow the tree along the draft's probabilities in the hope that they are near the
target's.

>>> from specsim.models import Pair, iid
>>> pair = Pair(iid([0.5, 0.25, 0.25]), iid([0.625, 0.125, 0.25]))
>>> grown = likely_tree(pair.draft, 3)
>>> grown
TokenTree(parent=(0, 1, 0), tokens=(0, 0, 2))
>>> text_tokens(pair.draft, grown), text_tokens(pair.target, grown)        # hoped for, and true
(2.265625, 2.0)
"""

import heapq
from collections.abc import Callable, Iterator, Sequence
from itertools import count, islice, pairwise
from typing import Any, NamedTuple

import numpy as np

from specsim.core.draft import Parent, paths
from specsim.core.grow import Model

from .positions import whole
from .trees import acceptance_rows, row_at


class TokenTree(NamedTuple):
    """A draft tree of chosen tokens: parent as in `specsim.core.Draft`, tokens (n,)."""

    parent: Parent
    tokens: tuple[int, ...]


def best_first_tree(
    acceptances: Any, nodes: int, *, depth: int | None = None, branching: int | None = None
) -> tuple[Parent, Any]:
    """A tree as good as that of `optimal_tree`, for acceptances that do not rise from child to child.

    Arguments and result as there; fractions stay exact. Work grows with nodes * log nodes.
    Raises ValueError also where an acceptance exceeds the one before it.

    >>> best_first_tree([0.5, 0.25], 4, depth=2)
    ((0, 0, 1, 2), 2.125)
    """
    rows = acceptance_rows(acceptances)
    for row in rows if isinstance(rows[0], list) else [rows]:
        if any(later > earlier for earlier, later in pairwise(row)):
            raise ValueError(
                f"best first needs acceptances that never rise from child to child, got {row}; "
                "use optimal_tree"
            )
    most = None if branching is None else whole("branching", branching)

    def chances(path: tuple[int, ...]) -> Sequence[Any]:
        return row_at(rows, len(path))[:most]

    found = list(islice(_likeliest(chances, depth), whole("nodes", nodes)))
    return tuple(above for above, _, _ in found), 1 + sum(chance for _, _, chance in found)


def likely_tree(
    model: Model,
    nodes: int,
    *,
    context: Sequence[int] = (),
    depth: int | None = None,
    branching: int | None = None,
) -> TokenTree:
    """The tree of the `nodes` texts that the model holds most likely after the context, the likeliest first.

    model: the draft's, as a decoder must, or the target's for the best there is. depth: the longest text;
    branching: the most children of a node. Texts of probability 0 are left out. The model is called once a
    node. Raises ValueError for nodes < 1.

    >>> from specsim.models import iid
    >>> likely_tree(iid([0.5, 0.25, 0.25]), 4, branching=1)
    TokenTree(parent=(0, 1, 2, 3), tokens=(0, 0, 0, 0))

    Wang et al. 2024 (OPT-Tree, 2406.17276); Li et al. 2024 (EAGLE-2, 2406.16858).
    """
    orders: dict[tuple[int, ...], list[int]] = {}
    most = None if branching is None else whole("branching", branching)

    def chances(path: tuple[int, ...]) -> Sequence[Any]:
        text = [orders[path[:i]][place] for i, place in enumerate(path)]
        law = model(np.array([[*context, *text]], dtype=int))[0].tolist()
        orders[path] = sorted(range(len(law)), key=lambda token: -law[token])[:most]
        return [law[token] for token in orders[path] if law[token] > 0]

    found = list(islice(_likeliest(chances, depth), whole("nodes", nodes)))
    tokens = (orders[path[:-1]][path[-1]] for _, path, _ in found)
    return TokenTree(tuple(above for above, _, _ in found), tuple(tokens))


def text_tokens(model: Model, tree: TokenTree, *, context: Sequence[int] = ()) -> Any:
    """1 + the sum over nodes of the model's probability of the text of the node.

    With the target this is what a round with `match` yields from this tree, exactly; with the draft it is the
    guess that grew the tree. Different nodes must hold different texts.

    >>> from specsim.models import iid
    >>> text_tokens(iid([0.5, 0.25, 0.25]), TokenTree((0, 0, 1), (0, 1, 0)))
    2.0

    Svirschevski et al. 2024 (SpecExec, 2406.02532), for the target.
    """
    chances: list[Any] = [1]
    for above, token in zip(tree.parent, tree.tokens):
        text = [tree.tokens[node - 1] for node in paths(tree.parent)[above]]
        law = model(np.array([[*context, *text]], dtype=int))[0].tolist()
        chances.append(chances[above] * law[token])
    return sum(chances)


def _likeliest(
    chances: Callable[[tuple[int, ...]], Sequence[Any]], depth: int | None
) -> Iterator[tuple[int, tuple[int, ...], Any]]:
    """The nodes of a tree as (parent, path, chance), the likeliest first.

    chances(path): those of the children of the node that the path leads to, given that it is kept, falling. A
    path lists which child is taken at each step.
    """
    limit = np.inf if depth is None else whole("depth", depth)
    heap: list[tuple[Any, int, int, tuple[int, ...], Any, Sequence[Any]]] = []
    ticket = count()

    def offer(above: int, path: tuple[int, ...], reached: Any, row: Sequence[Any]) -> None:
        if path[-1] < len(row):
            heapq.heappush(heap, (-reached * row[path[-1]], next(ticket), above, path, reached, row))

    offer(0, (0,), 1, chances(()))
    for node in count(1):
        if not heap:
            return
        chance, _, above, path, reached, row = heapq.heappop(heap)
        yield above, path, -chance
        offer(above, (*path[:-1], path[-1] + 1), reached, row)
        if len(path) < limit:
            offer(node, (*path, 0), -chance, chances(path))
