"""With what chance does each rule keep one of k drafts of the next token?

Let t be the target, d the draft. The emitted token has law t in any case; what differs is how often it is one
of the k drafts, so that the round goes on. The formulas:

    match       sum t (1 - (1 - d)^k)                           the target's sample, looked up
    naive_tree  sum min(t, d) + sum (t - d)_+ (1 - (1 - d)^(k-1))
    token       1 - product over m <= k of TV(t_m, d),          t_1 = t, t_{m+1} = norm((t_m - d)_+)
    k_seq       1 - (1 - beta)^k,                               beta = sum min(t / rho, d)
    hub         t(Top) + sum outside Top of min(t, d / (1 - d(Top)))

>>> t, d = [0.5, 0.3, 0.2], [0.2, 0.5, 0.3]
>>> for rule in ("match", "naive_tree", "token", "k_seq"):
...     print(rule, round(siblings_acceptance(rule, t, d, 2), 6))
match 0.507
naive_tree 0.76
token 0.76
k_seq 0.791355
>>> round(siblings_acceptance("hub", t, d, 2, how="hub"), 6)
0.9

On drafts from one law match <= naive_tree <= token <= k_seq <= `optimal_acceptance`. The first holds token by
token; the second by induction, as both keep a first draft with the overlap, and then naive_tree looks the
residual up where token goes on; the third because both keep min(t, c d), k_seq with the larger c.
"""

from collections.abc import Callable
from typing import Any

from specsim.core.arrays import Array, at, minimum, namespace, normalised, positive, total
from specsim.core.grow import sibling_law
from specsim.core.rules.k_seq import best_scale, expected_tries

from .batch_drafts import leftover
from .laws import plain
from .overlap import checked
from .positions import whole

PATHS = 200_000
"""How many sequences of rejected drafts are followed at most."""


def siblings_acceptance(rule: Any, target: Any, draft: Any, k: int, *, how: str = "independent") -> Any:
    """Chance that a rule keeps one of k drafts of one token, by its formula.

    rule: "match", "naive_tree", "token" or "k_seq", or the rule itself, for drafts with replacement; "token"
    also for how="distinct" (V^(k-1) operations), "match" and "hub" for how="top" and how="hub". target and
    draft: (..., V) laws. Returns (...), which equals `tokens_per_round` on siblings(k, how) less 1. Raises
    ValueError for what is no law, for k < 1, and where there is no formula.

    >>> siblings_acceptance("token", [0.5, 0.5], [0.75, 0.25], 2, how="distinct")
    1.0

    Miao et al. 2024 (2305.09781) for match and token, Jeon et al. 2024 (2402.14160) without replacement,
    Sun et al. 2023 (2310.15141) for k_seq, Hu et al. 2025 (2502.18779) for hub.
    """
    name = getattr(rule, "name", rule)
    if (name, how) not in FORMULAS:
        known = ", ".join(f'{one} with how="{way}"' for one, way in FORMULAS)
        raise ValueError(
            f'there is a formula for {known}, got {rule!r} with how="{how}"; on small vocabularies take '
            "tokens_per_round(rule, pair, siblings(k, how)) - 1"
        )
    target, draft = checked(target, draft)
    xp = namespace(target)
    target, draft = xp.broadcast_arrays(target, draft)
    lead = tuple(target.shape[:-1])
    target, draft = (xp.reshape(laws, (-1, laws.shape[-1])) for laws in (target, draft))
    found = FORMULAS[name, how](target, draft, whole("k", k))
    return plain(xp.reshape(found, lead)[()])


def _match(target: Array, draft: Array, k: int) -> Array:
    return _sum(target * (1 - (1 - draft) ** k))


def _match_top(target: Array, draft: Array, k: int) -> Array:
    return sum(at(target, token) for token in _top(draft, k))


def _naive_tree(target: Array, draft: Array, k: int) -> Array:
    return _sum(minimum(target, draft) + positive(target - draft) * (1 - (1 - draft) ** (k - 1)))


def _token(target: Array, draft: Array, k: int) -> Array:
    return 1 - _sum(leftover(target, draft, drafts=k))


def _token_distinct(target: Array, draft: Array, k: int) -> Array:
    if draft.shape[-1] ** (k - 1) > PATHS:
        raise ValueError(
            f"token without replacement follows V^(k-1) sequences of drafts, limit {PATHS}, got "
            f"V = {draft.shape[-1]} and k = {k}; take a smaller one, or simulate with specsim.simulate"
        )
    return 1 - _all_rejected(target, draft, draft, [], k)


def _all_rejected(owed: Array, law: Array, draft: Array, tried: list[Array], k: int) -> Array:
    """The chance that k drafts are rejected, the first of `law`: it is x and fails with (law - owed)_+(x)."""
    fails = positive(law - owed)
    if k == 1:
        return _sum(fails)
    after, found = normalised(positive(owed - law), owed), 0 * fails[:, 0]
    for x in range(draft.shape[-1]):
        seen = [*tried, 0 * namespace(draft).argmax(draft, axis=-1) + x]
        following = sibling_law(draft, seen, "distinct")
        found = found + fails[:, x] * _all_rejected(after, following, draft, seen, k - 1)
    return found


def _k_seq(target: Array, draft: Array, k: int) -> Array:
    rho = best_scale(target, draft, k)
    return expected_tries(target, draft, k, rho) * _sum(minimum(target / rho[:, None], draft))


def _hub(target: Array, draft: Array, k: int) -> Array:
    top = _top(draft, k - 1)
    drawn = sibling_law(draft, top, "distinct")
    return sum((at(target, token) for token in top), _sum(minimum(target, drawn)))


def _top(draft: Array, count: int) -> list[Array]:
    """The most likely tokens (B,) in order."""
    found: list[Array] = []
    for _ in range(count):
        found.append(namespace(draft).argmax(sibling_law(draft, found, "top"), axis=-1))
    return found


def _sum(x: Array) -> Array:
    return total(x)[:, 0]


FORMULAS: dict[tuple[str, str], Callable[[Array, Array, int], Array]] = {
    ("match", "independent"): _match,
    ("match", "top"): _match_top,
    ("naive_tree", "independent"): _naive_tree,
    ("token", "independent"): _token,
    ("token", "distinct"): _token_distinct,
    ("k_seq", "independent"): _k_seq,
    ("hub", "hub"): _hub,
}
