"""The cases of a check: every contract with rows of its own everywhere, then the edges one by one.

Small vocabularies and short drafts show almost every mistake, since code does not know how large they are.
Some mistakes need room: five drafted tokens in a row, a vocabulary beyond the filters (top-k 50 is a common
default), the empty draft. So a few cases are long, wide, or empty.
"""

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np

from specsim.core import Shape, chain, siblings, tree
from specsim.core.draft import AnyShape, as_shape

from .cases import Case, Context, Pair, table_pair
from .row_kinds import KINDS_OF_ROWS, Rows

GAMMAS = (1, 2, 3)
VOCABULARIES = (2, 3)
TREES: tuple[AnyShape, ...] = (
    chain(2),
    siblings(2),
    siblings(3, how="distinct"),
    tree(2, 1),
    tree(2, 1, how="distinct"),
    Shape((0, 0, 1, 2, 0)),
)
"""Shapes on which a tree verifier is tried unless told otherwise."""

ALL = tuple(KINDS_OF_ROWS)


def chains_suite(gammas: Sequence[int], vocabularies: Sequence[int]) -> Iterator[Case]:
    """Cases for a verifier of chains: generic ones, each kind of edge, and long, wide and empty ones."""
    for gamma, vocab in product(gammas, vocabularies):
        yield _chain("generic rows", gamma, (table_pair(vocab, 100 + gamma),))
    gamma, vocab = sorted(gammas)[len(gammas) // 2], max(vocabularies)
    for number, kind in enumerate(ALL[1:]):
        pair = table_pair(vocab, 200 + number, (kind, kind, "generic"))
        yield _chain(kind, min(gamma, 2), (pair,), context=(0,))
    yield _chain("all kinds of rows", max(gammas), (table_pair(2, 300, ALL),))
    if gammas == GAMMAS:
        yield _chain("a long draft", 5, (table_pair(2, 301, ("generic", "near", "ties")),))
    if vocabularies == VOCABULARIES:
        yield _chain("a wide vocabulary", 1, (wide_pair(70, 3, 302),))
        yield Case("a vocabulary of one token", (table_pair(1, 303),), Shape(chain(2)), corner=True)
    yield Case("nothing drafted", (table_pair(max(vocabularies), 304),), None, corner=True)


def batches_suite(gammas: Sequence[int], vocabularies: Sequence[int]) -> Iterator[Case]:
    """Cases for a verifier of batches: requests with laws of their own, and a batch of one."""
    vocab = min(vocabularies)
    for number, gamma in enumerate(sorted(gammas)[:2]):
        requests = tuple(table_pair(vocab, 400 + 10 * number + row) for row in range(2))
        yield _chain("requests with laws of their own", gamma, requests)
    yield _chain("three requests", 1, tuple(table_pair(2, 420 + row) for row in range(3)))
    yield _chain("a batch of one", min(2, max(gammas)), (table_pair(max(vocabularies), 430),))
    for number, kind in enumerate(ALL[1:]):
        mixed = (table_pair(2, 440 + number, (kind,)), table_pair(2, 460 + number))
        yield _chain(kind, 1, mixed)


def trees_suite(shapes: Sequence[AnyShape], vocabularies: Sequence[int]) -> Iterator[Case]:
    """Cases for a verifier of trees."""
    for number, shape in enumerate(map(as_shape, shapes)):
        for vocab in sorted({max(vocab, least_vocabulary(shape)) for vocab in vocabularies}):
            yield Case("generic rows", (table_pair(vocab, 500 + number),), shape)
    for number, kind in enumerate(ALL[1:]):
        shape = as_shape(shapes[number % len(shapes)])
        vocab = max(least_vocabulary(shape), *vocabularies)
        yield Case(kind, (table_pair(vocab, 520 + number, (kind, "generic")),), shape)


def _chain(name: str, gamma: int, pairs: tuple[Pair, ...], context: Context = ()) -> Case:
    return Case(name, pairs, Shape(chain(gamma)) if gamma else None, context)


def least_vocabulary(shape: Shape) -> int:
    """The smallest vocabulary in which siblings that must differ can."""
    return 2 if shape.how == "independent" else max(2, *(shape.parent.count(node) for node in shape.parent))


def wide_pair(vocab: int, drafted: int, seed: int) -> Pair:
    """A pair over many tokens whose draft proposes only a few of them, so that its drafts can be listed."""

    def laws(context: Context) -> Rows:
        rng = np.random.default_rng([seed, len(context), *context])
        target, draft = rng.exponential(size=vocab), np.zeros(vocab)
        draft[rng.choice(vocab, drafted, replace=False)] = 1 + rng.random(drafted)
        return target / target.sum(), draft / draft.sum()

    return Pair(vocab, laws)
