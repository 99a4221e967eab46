"""Hypothesis strategies for laws, shapes, drafts and pairs: property tests of your own decoder.

A property test states what must hold for every input and lets Hypothesis look for one where it does not.
These strategies produce the inputs of a verifier, on fractions (so that `==` decides) or on floats, and
lean towards the awkward ones: zeros, equal laws, disjoint supports, point masses, laws one ulp apart.

The token after a rejection has to come from norm((target - draft)_+). To take it from the target is a
common mistake; nobody needs to think of an example that shows it:

>>> from hypothesis import given
>>> @given(law_pairs(tokens=2))
... def test_my_verifier_emits_the_target(pair):
...     target, draft = pair
...     kept = np.minimum(target, draft)
...     assert (kept + (1 - kept.sum()) * target == target).all()
>>> test_my_verifier_emits_the_target()
Traceback (most recent call last):
AssertionError...

See docs/testing.md for whole rounds.
"""

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from math import prod

import numpy as np

from specsim.core import Draft, Shape, as_shape, chain
from specsim.core.draft import HOW, AnyShape, children
from specsim.core.grow import sibling_law
from specsim.models import Pair, iid, markov, table

try:
    from hypothesis import strategies as st
except ImportError as missing:
    raise ImportError(
        "specsim.testing needs hypothesis, which is not installed; "
        "install it with: pip install 'specsim-decoding[testing]'"
    ) from missing

Laws = st.SearchStrategy[np.ndarray]
LawPair = tuple[np.ndarray, np.ndarray]
Drafted = tuple[np.ndarray, Draft]


@cache
def laws(tokens: int = 3, exact: bool = True) -> Laws:
    """Laws (tokens,) of one token: fractions with small denominators, or floats down to 1e-307.

    Zeros and point masses are common. Raises ValueError where tokens < 1.

    >>> from hypothesis import given
    >>> @given(laws(tokens=5))
    ... def test_laws_sum_to_one(law):
    ...     assert law.sum() == 1
    >>> test_laws_sum_to_one()
    """
    _at_least_one(tokens, "tokens")
    weights = st.lists(st.integers(0, 4), min_size=tokens, max_size=tokens).filter(any)
    rational = weights.map(_normalised)
    if exact:
        return rational
    mass = st.floats(0, 1, allow_subnormal=False)
    masses = st.lists(mass, min_size=tokens, max_size=tokens).filter(lambda row: sum(row) > 1e-300)
    return rational.map(_floats) | masses.map(lambda row: np.array(row) / np.sum(row))


@cache
def law_pairs(tokens: int = 3, exact: bool = True) -> st.SearchStrategy[LawPair]:
    """Two laws (target, draft), each (tokens,): unrelated, equal, disjoint, or one ulp apart.

    On fractions one ulp is a share 2^-53 of one token's mass, moved to another token.

    >>> from hypothesis import given
    >>> @given(law_pairs(tokens=3))
    ... def test_overlap_and_distance_sum_to_one(pair):
    ...     target, draft = pair
    ...     assert np.minimum(target, draft).sum() + abs(target - draft).sum() / 2 == 1
    >>> test_overlap_and_distance_sum_to_one()
    """
    law = laws(tokens, exact)
    near = st.tuples(law, st.integers(0, tokens - 1)).map(_one_ulp_apart)
    kinds = [st.tuples(law, law), law.map(lambda row: (row, row.copy())), near, near.map(_swapped)]
    if tokens > 1:
        kinds.append(_disjoint(tokens, exact))
    return st.one_of(kinds)


def shapes(
    max_nodes: int = 4, tokens: int = 3, how: Sequence[str] = HOW, chains_only: bool = False
) -> st.SearchStrategy[AnyShape]:
    """Draft trees of 1 to max_nodes nodes: chains, siblings, and everything between.

    tokens: siblings that must differ are never more than this. how: the ways to choose siblings that may
    come up, see `specsim.core.Shape`. chains_only: for rules that take nothing else.

    >>> from hypothesis import given
    >>> from specsim.core import height
    >>> @given(shapes(max_nodes=4))
    ... def test_no_path_is_longer_than_a_chain(shape):
    ...     assert height(shape) <= 4
    >>> test_no_path_is_longer_than_a_chain()
    """
    _at_least_one(max_nodes, "max_nodes")
    _at_least_one(tokens, "tokens")
    if chains_only:
        return st.integers(1, max_nodes).map(chain)
    parent = st.integers(1, max_nodes).flatmap(
        lambda n: st.tuples(*(st.integers(0, node) for node in range(n)))
    )
    found = st.builds(Shape, parent, st.sampled_from(tuple(how)))
    return found.filter(lambda shape: shape.how == "independent" or _widest(shape) <= tokens)


def uniforms(*shape: int) -> st.SearchStrategy[np.ndarray]:
    """Uniforms of a shape as `draw` and `along` take them; 0 and the largest float below 1 come up often.

    >>> from hypothesis import given
    >>> @given(uniforms(5, 2))
    ... def test_uniforms_stay_below_one(u):
    ...     assert u.shape == (5, 2) and (u >= 0).all() and (u < 1).all()
    >>> test_uniforms_stay_below_one()
    """
    ends = st.sampled_from([0.0, float(np.nextafter(1, 0))])
    one = st.floats(0, 1, exclude_max=True) | ends
    count = prod(shape)
    return st.lists(one, min_size=count, max_size=count).map(lambda row: np.reshape(row, shape))


@st.composite
def drafts(
    draw: st.DrawFn,
    tokens: int = 3,
    exact: bool = True,
    shape: st.SearchStrategy[AnyShape] | None = None,
    lead: tuple[int, ...] = (),
) -> Drafted:
    """What a rule is asked: target laws (*lead, n + 1, tokens) and a Draft that could have been drawn.

    shape: a strategy for its shape, `shapes(tokens=tokens)` unless given. lead: leading axes.

    >>> from hypothesis import given
    >>> from specsim.core import rules
    >>> @given(drafts(tokens=3))
    ... def test_my_rule_stops_somewhere(drafted):
    ...     target, draft = drafted
    ...     assert rules.token(target, draft).stop.sum() == 1
    >>> test_my_rule_stops_somewhere()
    """
    one = as_shape(draw(shape if shape is not None else _any_shape(tokens)))
    n = len(one.parent)
    known = [draw(_nodes(tokens, exact, n)) for _ in range(prod(lead))]
    rows = [_drafted(one, twins, wishes) for twins, wishes in known]
    target, drafted, draft_laws = (np.stack(column) for column in zip(*rows))
    return target.reshape(*lead, n + 1, tokens), Draft(
        drafted.reshape(*lead, n), draft_laws.reshape(*lead, n, tokens), one.parent
    )


@st.composite
def pairs(
    draw: st.DrawFn, tokens: int = 3, exact: bool = True, kinds: Sequence[str] = ("iid", "markov", "table")
) -> Pair:
    """Pairs of models over `tokens` tokens: independent tokens, Markov chains, tables of laws per context.

    A table lists the contexts of up to one token and falls back on one law for all longer ones.

    >>> from hypothesis import given
    >>> from specsim.core import height, rules
    >>> from specsim.theory import completed, output_law, string_law
    >>> @given(pairs(tokens=2), shapes(max_nodes=2))
    ... def test_the_output_is_the_targets(pair, shape):
    ...     length = height(shape) + 1
    ...     emitted = completed(output_law(rules.token, pair, shape), pair.target, length)
    ...     assert emitted == string_law(pair.target, length)
    >>> test_the_output_is_the_targets()
    """
    kind = draw(st.sampled_from(tuple(kinds)))
    count = {"iid": 1, "markov": tokens + 1, "table": tokens + 2}[kind]
    twins = draw(st.lists(law_pairs(tokens, exact), min_size=count, max_size=count))
    target, draft = (_model(kind, list(rows)) for rows in zip(*twins))
    return Pair(target, draft, kind)


def _model(kind: str, rows: list[np.ndarray]):  # type: ignore[no-untyped-def]
    if kind == "iid":
        return iid(rows[0])
    if kind == "markov":
        return markov(rows[0], np.stack(rows[1:]))
    contexts = [(), *((token,) for token in range(len(rows[0])))]
    return table(dict(zip(contexts, rows)), default=rows[-1])


@cache
def _any_shape(tokens: int) -> st.SearchStrategy[AnyShape]:
    return shapes(tokens=tokens)


@cache
def _nodes(tokens: int, exact: bool, n: int) -> st.SearchStrategy[tuple[list[LawPair], list[int]]]:
    """Laws for n + 1 nodes, and which of its possible tokens each drafted node is to hold."""
    wish = st.integers(0, tokens - 1)
    return st.tuples(
        st.lists(law_pairs(tokens, exact), min_size=n + 1, max_size=n + 1),
        st.lists(wish, min_size=n, max_size=n),
    )


def _drafted(shape: Shape, twins: list[LawPair], wishes: list[int]) -> tuple[np.ndarray, ...]:
    """Target laws (n + 1, V), tokens (n,) and draft laws (n, V) of one draft of this shape."""
    chosen: list[np.ndarray] = []
    found: list[np.ndarray] = []
    for node, (above, wish) in enumerate(zip(shape.parent, wishes)):
        earlier = [chosen[i] for i in range(node) if shape.parent[i] == above]
        law = sibling_law(twins[above][1][None], earlier, shape.how_at(node))[0]
        possible = np.flatnonzero(law > 0)
        chosen.append(possible[[wish % len(possible)]])
        found.append(law)
    return np.stack([target for target, _ in twins]), np.concatenate(chosen), np.stack(found)


def _widest(shape: Shape) -> int:
    return max(map(len, children(shape.parent)))


@st.composite
def _disjoint(draw: st.DrawFn, tokens: int, exact: bool) -> LawPair:
    cut, order = draw(st.integers(1, tokens - 1)), np.array(draw(st.permutations(range(tokens))))
    zero = Fraction(0) if exact else 0.0
    left, right = draw(laws(cut, exact)), draw(laws(tokens - cut, exact))
    return (
        np.concatenate([left, [zero] * (tokens - cut)])[order],
        np.concatenate([[zero] * cut, right])[order],
    )


def _one_ulp_apart(law_and_token: tuple[np.ndarray, int]) -> LawPair:
    law, token = law_and_token
    near = law.copy()
    if law.dtype == object:
        moved = law[token] / 2**53
        near[token] -= moved
        near[token - 1] += moved
    else:
        near[token] = np.nextafter(law[token], 0)
    return law, near


def _swapped(pair: LawPair) -> LawPair:
    return pair[1], pair[0]


def _normalised(weights: Sequence[int]) -> np.ndarray:
    return np.array([Fraction(weight, sum(weights)) for weight in weights])


def _floats(law: np.ndarray) -> np.ndarray:
    return law.astype(float)


def _at_least_one(value: int, name: str) -> None:
    if value < 1:
        raise ValueError(f"{name} must be at least 1, got {value}")
