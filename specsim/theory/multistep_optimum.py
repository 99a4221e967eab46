"""How many tokens could any exact verifier yield from this draft tree?

A verifier of a drafted tree keeps a node and emits one token after it. Whatever it does is given by

    x(draft, y) = chance of this draft, and of emitting the tuple y: the tokens of a path in it and one more.

It is exact if and only if going on with the target after y gives the target's law of strings: for all z of
height + 1 tokens

    sum over drafts, and over prefixes y of z, of x(draft, y) target(rest of z | y) = target(z).

All this is linear in x, and so is the expected length of y: the best verifier is the solution of a linear
programme. It may look at the whole tree and at both models everywhere, so that no exact rule can beat it. The
rules of the core decide with less. On a chain `block` loses nothing by that:

>>> from specsim.models import Pair, iid
>>> pair = Pair(iid([F(1, 3), F(2, 3)]), iid([F(2, 3), F(1, 3)]))
>>> round(most_tokens(pair, (0, 1)), 9), 20 / 9
(2.222222222, 2.2222222222222223)

It is the optimum of one round of which the rest of the text is the target's own. A verifier that owed
something to later rounds could keep more in this one.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction as F  # noqa: F401  (for the examples)
from typing import Any, NamedTuple

import numpy as np

from specsim.core import Shape, as_shape, every, grow, height, paths, rules
from specsim.core.draft import AnyShape, is_chain

from .output import tokens_per_round
from .strings import add, check_size, completed, string_law

Text = tuple[int, ...]


def most_tokens(pair: Any, shape: AnyShape, context: Sequence[int] = ()) -> float:
    """The most tokens per round, the extra one included, of any exact verifier of this draft.

    pair: has `.target` and `.draft`; shape: as for `output_law`. For small cases: there are V^nodes drafts
    and V^(height + 1) constraints. Solved in floats with the HiGHS solver of scipy, to about 1e-9.
    Raises ValueError where too much were to be listed.

    >>> from specsim.models import Pair, iid
    >>> pair = Pair(iid([0.5, 0.3, 0.2]), iid([0.2, 0.5, 0.3]))
    >>> round(most_tokens(pair, (0, 0)), 6), round(tokens_per_round("token", pair, (0, 0)), 6)
    (1.86, 1.76)

    For one position it is the optimal transport of Sun et al. 2023 (SpecTr, 2310.15141); on a chain the
    optimum that Sun et al. 2024 (2403.10444), Theorem 2, prove of block verification.
    """
    from scipy.optimize import linprog

    lengths, constraints = programme(pair, shape, context)
    precise = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
    found = linprog(-lengths, **constraints, bounds=(0, None), method="highs", options=precise)
    if not found.success:
        raise ValueError(f"a programme has a solution if both models give laws, got: {found.message}")
    return -float(found.fun)


def programme(pair: Any, shape: AnyShape, context: Sequence[int]) -> tuple[np.ndarray, dict[str, Any]]:
    """The tokens that each unknown stands for, and the constraints, as scipy's linprog takes them."""
    drafts = _drafts(pair, shape, context)
    columns = _columns(drafts, _vocabulary(pair, context))
    lengths = np.array([len(emitted) for _, emitted in columns], dtype=float)
    return lengths, _constraints(pair.target, drafts, columns, height(shape) + 1, context)


class Shortfall(NamedTuple):
    """Tokens per round of a rule, and the share that it loses of the most possible."""

    tokens: float
    lost: float


def shortfalls(pair: Any, shape: AnyShape, context: Sequence[int] = ()) -> dict[str, Shortfall]:
    """How far each exact rule of the core that takes this shape is from `most_tokens`.

    Returns {name: (tokens, lost)} with lost = 1 - tokens / most_tokens, the best rule first. `greedy`,
    exact at temperature 0 only, is left out. Arguments and errors as for `most_tokens`.

    >>> from specsim.models import Pair, iid
    >>> pair = Pair(iid([F(1, 3), F(2, 3)]), iid([F(2, 3), F(1, 3)]))
    >>> table = shortfalls(pair, (0, 1))
    >>> {name: f"{table[name].lost:.1%}".lstrip("-") for name in ("block", "token", "match")}
    {'block': '0.0%', 'token': '5.0%', 'match': '26.1%'}
    """
    most = most_tokens(pair, shape, context)
    found = {
        rule.name: float(tokens_per_round(rule, pair, shape, context))
        for rule in rules.RULES.values()
        if _comparable(rule, as_shape(shape))
    }
    best_first = sorted(found.items(), key=lambda entry: (-entry[1], entry[0]))
    return {name: Shortfall(tokens, 1 - tokens / most) for name, tokens in best_first}


def lost_by_rule(cases: Mapping[str, tuple[Any, AnyShape]]) -> dict[str, dict[str, float]]:
    """The shares that exact rules lose of the most possible, on several pairs and shapes: a table.

    cases: {name: (pair, shape)}. Returns {rule: {name: lost}}, without an entry where a rule does not take
    the shape. Errors as for `most_tokens`.

    >>> from specsim.models import load_pair
    >>> pair = load_pair("bernoulli")
    >>> table = lost_by_rule({"chain": (pair, (0, 1)), "siblings": (pair, (0, 0))})
    >>> {name: round(abs(lost), 3) for name, lost in table["token"].items()}, list(table["block"])
    ({'chain': 0.05, 'siblings': 0.059}, ['chain'])
    """
    found: dict[str, dict[str, float]] = {}
    for name, (pair, shape) in cases.items():
        for rule, short in shortfalls(pair, shape).items():
            found.setdefault(rule, {})[name] = short.lost
    return dict(sorted(found.items()))


def _comparable(rule: rules.Rule, shape: Shape) -> bool:
    fits = shape.how in rule.how and (is_chain(shape.parent) or not rule.chains_only)
    return rule.exact and rule is not rules.greedy and fits


def _vocabulary(pair: Any, context: Sequence[int]) -> int:
    return pair.target(np.array([tuple(context)], dtype=int)).shape[-1]


def _drafts(pair: Any, shape: AnyShape, context: Sequence[int]) -> dict[frozenset[Text], float]:
    """The chance of each set of drafted texts; by convexity the order in which they came cannot matter."""
    shape = as_shape(shape)
    check_size(_vocabulary(pair, context) ** len(shape.parent))
    chance, draft = grow(pair.draft, np.array([tuple(context)], dtype=int), shape, every)
    found: dict[frozenset[Text], float] = {}
    for p, tokens in zip(chance.tolist(), draft.tokens.tolist()):
        texts = (tuple(tokens[node - 1] for node in path) for path in paths(shape.parent))
        add(found, frozenset(texts), float(p))
    return found


def _columns(drafts: dict[frozenset[Text], float], vocabulary: int) -> list[tuple[int, Text]]:
    """The unknowns: which draft, and what is emitted."""
    return [
        (place, (*kept, token))
        for place, texts in enumerate(drafts)
        for kept in sorted(texts)
        for token in range(vocabulary)
    ]


def _constraints(
    target: Any,
    drafts: dict[frozenset[Text], float],
    columns: list[tuple[int, Text]],
    length: int,
    context: Sequence[int],
) -> dict[str, Any]:
    """Each draft has its chance, each string of this length at most that of the target.

    Chances of drafts and of strings both sum to 1, so that "at most" is "exactly"; two sets of equations
    would contradict each other by rounding.
    """
    carried_on = {emitted: completed({emitted: 1.0}, target, length, context) for _, emitted in columns}
    wanted: dict[Text, Any] = {string: 0.0 for law in carried_on.values() for string in law}
    wanted.update(string_law(target, length, context))
    row_of = {string: row for row, string in enumerate(wanted)}
    drafted = [(place, column, 1.0) for column, (place, _) in enumerate(columns)]
    written = [
        (row_of[string], column, float(p))
        for column, (_, emitted) in enumerate(columns)
        for string, p in carried_on[emitted].items()
    ]
    return {
        "A_eq": _sparse(drafted, len(drafts), len(columns)),
        "b_eq": np.array(list(drafts.values())),
        "A_ub": _sparse(written, len(wanted), len(columns)),
        "b_ub": np.array(list(wanted.values()), dtype=float),
    }


def _sparse(entries: list[tuple[int, int, float]], height: int, width: int) -> Any:
    from scipy.sparse import coo_array

    rows, columns, values = zip(*entries)
    return coo_array((values, (rows, columns)), shape=(height, width))
