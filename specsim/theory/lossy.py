"""What a rule that is not exact emits, how often it rejects, and how far it is from the target.

At one position a rule is asked about every token that could have been drafted: what it keeps, and what it
emits instead, is read off its plan. So the numbers are of the rule that decodes, not of a formula beside it.

>>> target, draft = [F(1, 2), F(3, 10), F(1, 5)], [F(1, 5), F(1, 2), F(3, 10)]
>>> found = rule_bias("lossy:target_on_rejection", target, draft)
>>> found.emitted
array([Fraction(7, 20), Fraction(39, 100), Fraction(13, 50)], dtype=object)
>>> found.rejected, found.total_variation
(Fraction(3, 10), Fraction(3, 20))

Over a text the errors add up, and the token after a round that keeps everything is the target's own, so the
law of a text depends on the length of the drafts. `rounds_law` lists it, round after round; `text_trade` and
`text_bias` with `partial(token_rule, rule)` do without that last token, for drafts without end.
"""

from collections.abc import Sequence
from fractions import Fraction as F  # noqa: F401  (for the examples)
from typing import Any, NamedTuple

from specsim.core import Draft, rules
from specsim.core.arrays import Array, is_exact, like_indices, namespace, normalised
from specsim.core.draft import AnyShape

from .biased import TokenRule, bias, emitted_law, rejected
from .laws import plain
from .output import output_law
from .overlap import checked
from .strings import Law, add, check_size, listed, string_law


class RuleBias(NamedTuple):
    """A rule at one position: what it emits (..., V), its rejections, and its distances, each (...)."""

    emitted: Array
    rejected: Any
    total_variation: Any
    divergence: Any
    """KL(target || emitted) in nats: infinite where a token of the target is never emitted."""


def rule_bias(rule: Any, target: Any, draft: Any) -> RuleBias:
    """What a rule emits where one token is drafted, and how far that is from the target.

        emitted(x) = draft(x) stop_1(x) + sum over y of draft(y) stop_0(y) residual_0(x | y)

    rule: a rule for chains, its name, or any function from target laws and a Draft to a Plan. target, draft:
    (..., V) laws. Every drafted token is tried, so this is for V up to about 1,000. Raises ValueError for
    what is no law, and for a vocabulary that is too large.

    >>> rule_bias("token", [F(1, 2), F(1, 2)], [F(3, 4), F(1, 4)])
    RuleBias(emitted=array([Fraction(1, 2), Fraction(1, 2)], dtype=object), rejected=Fraction(1, 4),
             total_variation=Fraction(0, 1), divergence=0.0)
    """
    decided = token_rule(rule, target, draft)
    target, draft = checked(target, draft)
    emitted = emitted_law(draft, decided)
    gap = bias(target, draft, decided)
    return RuleBias(emitted, rejected(draft, decided.accept), gap, divergence(target, emitted))


def token_rule(rule: Any, target: Any, draft: Any) -> TokenRule:
    """A rule on one drafted token as acceptance and replacement, (..., V) each.

    The replacement is the mean over the tokens that are rejected. Arguments and errors as for `rule_bias`.

    >>> token_rule("lossy:lenient(0.5)", [F(1, 10), F(9, 10)], [F(9, 10), F(1, 10)])
    TokenRule(accept=array([Fraction(2, 9), Fraction(1, 1)], dtype=object),
              replacement=array([Fraction(0, 1), Fraction(1, 1)], dtype=object))
    """
    target, draft = checked(target, draft)
    verify = rules.find(rule)
    verify = getattr(
        verify, "kernel", verify
    )  # unchecked: it is asked about tokens that are never drafted too
    xp, lead, size = namespace(draft), tuple(draft.shape[:-1]), draft.shape[-1]
    plan = verify(_for_each(target, 2), Draft(_all_tokens(draft), _for_each(draft, 1), (0,)))
    accept = xp.reshape(plan.stop[:, 1], (*lead, size))
    residual = xp.reshape(plan.residual[:, 0], (*lead, size, size))
    lost = xp.sum(((1 - accept) * draft)[..., None] * residual, axis=-2)
    return TokenRule(accept, normalised(lost, target))


def _for_each(laws: Array, nodes: int) -> Array:
    """Each law once for every token that may be drafted, at each of the nodes: (rows * V, nodes, V)."""
    xp, size = namespace(laws), laws.shape[-1]
    check_size(laws.reshape(-1).shape[0] * nodes * size)
    wide = xp.broadcast_to(laws[..., None, None, :], (*laws.shape[:-1], size, nodes, size))
    return xp.reshape(wide, (-1, nodes, size))


def _all_tokens(laws: Array) -> Array:
    """Every token for every law, (rows * V, 1)."""
    xp = namespace(laws)
    each = like_indices(range(laws.shape[-1]), laws)
    return xp.reshape(xp.broadcast_to(each, laws.shape), (-1, 1))


def divergence(target: Any, emitted: Any) -> Any:
    """KL(target || emitted) = sum over x of target(x) log(target(x) / emitted(x)), in nats, as float; (...).

    Infinite where a token of the target is never emitted. Raises ValueError for what is no law.

    >>> round(divergence([0.5, 0.5], [0.75, 0.25]), 6)
    0.143841
    """
    target, emitted = checked(target, emitted)
    target, emitted = (law.astype(float) if is_exact(law) else law for law in (target, emitted))
    xp = namespace(target)
    never = (target > 0) & (emitted == 0)
    logs = xp.log(xp.where(target > 0, target, 1)) - xp.log(xp.where(emitted > 0, emitted, 1))
    return plain(xp.where(never, xp.inf, target * logs).sum(-1))


def rounds_law(rule: Any, pair: Any, shape: AnyShape, length: int, context: Sequence[int] = ()) -> Law:
    """The law of the first `length` tokens that rounds of a rule write, one round after the other.

    Arguments and errors as for `output_law`. For an exact rule it is the `string_law` of the target. Returns
    {string: probability}. Every round from every text is listed: this is for a few tokens.

    >>> from specsim.models import Pair, iid
    >>> pair = Pair(target=iid([F(1, 2), F(1, 2)]), draft=iid([F(1), F(0)]))
    >>> rounds_law("lossy:target_on_rejection", pair, (0,), 1)
    {(0,): Fraction(3, 4), (1,): Fraction(1, 4)}
    """
    ends: list[Law] = [{(): 1}, *({} for _ in range(length))]
    for start in range(length):
        for text, p in ends[start].items():
            for emitted, q in output_law(rule, pair, shape, (*context, *text)).items():
                longer = (*text, *emitted)[:length]
                add(ends[len(longer)], longer, p * q)
    return listed(ends[length].items())


def rounds_bias(rule: Any, pair: Any, shape: AnyShape, length: int, context: Sequence[int] = ()) -> Any:
    """Total variation between what rounds of a rule write and what the target writes, over `length` tokens.

        sum over strings of (target(string) - written(string))_+

    Arguments and errors as for `rounds_law`.

    >>> from specsim.models import load_pair
    >>> [round(rounds_bias(name, load_pair("toy"), (0, 1), 2), 4) for name in ("block", "lossy:opt(0.1)")]
    [0.0, 0.24]
    """
    written = rounds_law(rule, pair, shape, length, context)
    wanted = string_law(pair.target, length, context)
    return sum(max(p - written.get(text, 0), 0) for text, p in wanted.items())
