"""The exact law of one round: what a rule emits on a pair of models, with no sampling at all.

List every draft with its chance, let the rule plan on each, add up what each plan emits. What comes out is
the law of the emitted tuple, the kept tokens and the one after them; from `stop` alone, the law of how many.

>>> pair = SimpleNamespace(target=lambda tokens: np.array([[F(1, 3), F(2, 3)]] * len(tokens)),
...                        draft=lambda tokens: np.array([[F(2, 3), F(1, 3)]] * len(tokens)))
>>> output_law("token", pair, (0,))
{(0, 0): Fraction(1, 9), (0, 1): Fraction(2, 9), (1,): Fraction(1, 3), (1, 0): Fraction(1, 9),
 (1, 1): Fraction(2, 9)}

The rule is exact if and only if `completed` of this is the `string_law` of the target (see `strings`).

Everything is listed, at a cost of V^nodes drafts: this is for small vocabularies and short drafts. Fractions
and symbols stay exact. What does not fit raises ValueError and points to `specsim.simulate`.
"""

from collections.abc import Sequence
from fractions import Fraction as F  # noqa: F401  (for the examples)
from types import SimpleNamespace  # noqa: F401  (for the examples)
from typing import Any

import numpy as np

from specsim.core import Draft, Plan, as_shape, check, grow, law, paths, rules, score
from specsim.core.arrays import Array
from specsim.core.draft import AnyShape
from specsim.core.grow import Model, Pick

from .strings import Law, add, check_size, listed


def output_law(rule: Any, pair: Any, shape: AnyShape, context: Sequence[int] = ()) -> Law:
    """The law of the tuple that one round emits: the tokens kept and the one after them.

    P(y) = sum over drafts of P(draft) times the sum of stop_i residual_i(x) over nodes i, tokens x
           with y = (tokens on the path to i, x)

    rule: a rule, its name, or any function from target laws and a Draft to a Plan. pair: has `.target` and
    `.draft`. shape: such as chain(3). context: the tokens before the round.
    Returns {emitted tuple: probability} in the kind of the laws. Raises ValueError where too much were to be
    listed, or what the rule raises.

    >>> from specsim.core import rules
    >>> from specsim.models import load_pair
    >>> law = output_law(rules.token, load_pair("toy"), (0,))
    >>> round(sum(p for emitted, p in law.items() if len(emitted) == 2), 3)    # both: the draft was kept
    0.7

    Leviathan et al. 2023 (2211.17192), Appendix A.1, for one token.
    """
    chance, draft, plan = _planned(rule, pair, shape, context)
    joint = law(Plan(chance[:, None] * plan.stop, plan.residual))
    rows: dict[tuple[int, ...], Array] = {}
    for node, path in enumerate(paths(draft.parent)):
        kept = draft.tokens[:, [above - 1 for above in path]]
        for prefix, row in zip(map(tuple, kept.tolist()), joint[:, node]):
            add(rows, prefix, row)
    return listed(
        ((*prefix, token), p) for prefix, row in rows.items() for token, p in enumerate(row.tolist())
    )


def tokens_law(rule: Any, pair: Any, shape: AnyShape, context: Sequence[int] = ()) -> dict[int, Any]:
    """The law of the number of tokens that one round emits, the extra token included.

    Arguments and errors as for `output_law`. Returns {number: probability}.

    >>> from specsim.models import load_pair
    >>> {n: round(p, 3) for n, p in tokens_law("token", load_pair("toy"), (0, 1)).items()}
    {1: 0.3, 2: 0.21, 3: 0.49}

    For a constant overlap alpha it is `tokens_pmf(alpha, gamma)`.
    """
    chance, draft, plan = _planned(rule, pair, shape, context)
    found: dict[int, Any] = {}
    for path, p in zip(paths(draft.parent), (chance[:, None] * plan.stop).sum(axis=0).tolist()):
        add(found, len(path) + 1, p)
    return listed(found.items())


def tokens_per_round(rule: Any, pair: Any, shape: AnyShape, context: Sequence[int] = ()) -> Any:
    """Expected number of tokens that one round emits after this context, the extra token included.

    Arguments and errors as for `output_law`. What a round yields on average over a long text depends on where
    rounds begin: see `long_run_tokens_per_round`.

    >>> from specsim.models import Pair, iid
    >>> pair = Pair(iid([F(1, 3), F(2, 3)]), iid([F(2, 3), F(1, 3)]))
    >>> tokens_per_round("token", pair, (0, 1)), tokens_per_round("block", pair, (0, 1))
    (Fraction(19, 9), Fraction(20, 9))

    Sun et al. 2024 (2403.10444), the motivating example: 10/9 and 11/9 accepted tokens, and one more.
    """
    return sum(count * p for count, p in tokens_law(rule, pair, shape, context).items())


def tokens_per_round_variance(rule: Any, pair: Any, shape: AnyShape, context: Sequence[int] = ()) -> Any:
    """Variance of the number of tokens that one round emits after this context.

    Arguments and errors as for `output_law`; for a constant overlap it is `tokens_variance(alpha, gamma)`.

    >>> from specsim.models import load_pair
    >>> round(tokens_per_round_variance("token", load_pair("toy"), (0,)), 6)
    0.21
    """
    counts = tokens_law(rule, pair, shape, context)
    mean = sum(count * p for count, p in counts.items())
    return sum((count - mean) ** 2 * p for count, p in counts.items())


def _planned(rule: Any, pair: Any, shape: AnyShape, context: Sequence[int]) -> tuple[Array, Draft, Plan]:
    """Every draft after the context, its chance, and the plan that the rule makes on it."""
    decide = rules.find(rule)
    target, draft_model = (_row_by_row(_model(pair, role), role) for role in ("target", "draft"))
    before = np.array([tuple(context)], dtype=int)
    chance, draft = grow(draft_model, before, shape, _all_of(len(as_shape(shape).parent) + 1))
    laws = score(target, np.repeat(before, len(chance), axis=0), draft)
    if not isinstance(decide, rules.Rule):  # a rule checks for itself
        check(laws, draft)
    return chance, draft, decide(laws, draft)


def _model(pair: Any, role: str) -> Model:
    model = getattr(pair, role, None)
    if not callable(model):
        raise ValueError(
            f"a pair has a model as .{role}, got {type(pair).__name__}; "
            "write specsim.models.Pair(target=..., draft=...)"
        )
    return model


def _row_by_row(model: Model, role: str) -> Model:
    """The same model; ValueError unless it answers B contexts with laws (B, V)."""

    def checked(tokens: Array) -> Array:
        laws = model(tokens)
        if tuple(getattr(laws, "shape", ()))[:-1] != (len(tokens),):
            raise ValueError(
                f"a model returns laws (B, V) for tokens (B, t); the {role} was given {len(tokens)} rows "
                f"and returned {getattr(laws, 'shape', type(laws).__name__)}"
            )
        return laws

    return checked


def _all_of(nodes: int) -> Pick:
    """Pick every token that is possible, while it can be listed; symbols count as possible."""

    def pick(laws: Array, node: int) -> tuple[Array, Array, Array]:
        row, token = np.nonzero(laws != 0)
        check_size(len(row) * nodes * laws.shape[-1])
        return row, token, laws[row, token]

    return pick
