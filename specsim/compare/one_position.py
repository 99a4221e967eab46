"""What is exact at one position, because both laws are known there, at any size of the vocabulary.

>>> laws = Laws(target=np.array([[0.5, 0.3, 0.2]]), draft=np.array([[0.2, 0.5, 0.3]]))
>>> one_position_tokens(rules.get("token"), Shape((0, 0)), laws).round(6)
array([1.76])
>>> gap, too_often = next_token_bias(rules.get("lossy:target_on_rejection"), laws)
>>> gap.round(6), too_often
(array([0.15]), array([[False,  True,  True]]))
"""

from dataclasses import dataclass

import numpy as np

from .. import theory
from ..core import Draft, Shape, rules, siblings
from ..core.arrays import normalised, positive, total
from .record import Front


@dataclass(frozen=True)
class Laws:
    """The next-token laws of both models after each context, (C, V)."""

    target: np.ndarray
    draft: np.ndarray


def one_position_tokens(rule: rules.Rule, shape: Shape, laws: Laws) -> np.ndarray | None:
    """Tokens per round (C,) by the formula for siblings, or for one token; None where there is none."""
    k = len(shape.parent)
    if shape.parent != siblings(k):
        return None
    if k == 1 and rule.one_token is not None:
        return 1 + (rule.one_token(laws.target, laws.draft)[0] * laws.draft).sum(axis=1)
    try:
        return 1 + theory.siblings_acceptance(rule, laws.target, laws.draft, k, how=shape.how)
    except ValueError:
        return None


def next_token_bias(rule: rules.Rule, laws: Laws) -> tuple[np.ndarray, np.ndarray]:
    """Total variation of the next token's law from the target's, (C,), and which tokens come too often.

    For an exact rule, 0, and the tokens that the draft offers too often: a wrong one would show there.
    """
    if rule.exact:
        return np.zeros(len(laws.target)), laws.draft > laws.target
    excess = positive(emitted_law(rule, laws) - laws.target)
    return excess.sum(axis=1), excess > 0


def emitted_law(rule: rules.Rule, laws: Laws) -> np.ndarray:
    """The law (C, V) of the next token where one token is drafted.

        emitted(x) = accept(x) draft(x) + sum over y of (1 - accept(y)) draft(y) replacement(x | y)

    >>> laws = Laws(np.array([[0.5, 0.3, 0.2]]), np.array([[0.2, 0.5, 0.3]]))
    >>> emitted_law(rules.get("lossy:target_on_rejection"), laws)
    array([[0.35, 0.39, 0.26]])
    """
    if rule.one_token is None:
        return np.stack([_listed_law(rule, *both) for both in zip(laws.target, laws.draft)])
    accept, weights = rule.one_token(laws.target, laws.draft)
    return accept * laws.draft + total((1 - accept) * laws.draft) * normalised(weights, laws.target)


def _listed_law(rule: rules.Rule, target: np.ndarray, draft: np.ndarray) -> np.ndarray:
    """The same (V,) for one context, asking the rule about every token that may be drafted."""
    plan = rule.kernel(_repeated(target, len(target), 2), _each_token(draft, np.arange(len(draft))))
    accept = plan.stop[:, 1]
    lost = (1 - accept) * draft
    some = np.flatnonzero(lost > 0)
    plan = rule.kernel(_repeated(target, len(some), 2), _each_token(draft, some))
    instead = plan.weights(np.zeros(len(some), int))
    return accept * draft + lost[some] @ (instead / instead.sum(axis=1, keepdims=True))


def _each_token(law: np.ndarray, tokens: np.ndarray) -> Draft:
    return Draft(tokens[:, None], _repeated(law, len(tokens), 1), (0,))


def _repeated(law: np.ndarray, rows: int, nodes: int) -> np.ndarray:
    """The same law (V,) for all rows and nodes, in no memory of its own."""
    return np.broadcast_to(law, (rows, nodes, len(law)))


def most(shape: Shape, laws: Laws) -> float | None:
    """The most tokens per round of any exact verifier of k siblings; None where it is not known."""
    k = len(shape.parent)
    if shape.parent != siblings(k) or shape.how not in ("independent", "distinct"):
        return None
    try:
        kept = theory.optimal_acceptance(
            laws.target, laws.draft, k, replacement=shape.how == "independent" or k == 1
        )
    except ValueError:
        return None
    return 1 + float(np.mean(kept))


def one_token_front(laws: Laws) -> Front:
    """Tokens per round against bias for one drafted token: the mean of the lines of all contexts."""
    front = theory.pareto_front(laws.target, laws.draft)
    tokens, bias = 2 - front.rejected.mean(axis=0), front.bias.mean(axis=0)
    return Front("chain:1", tokens[::-1].tolist(), bias[::-1].tolist())
