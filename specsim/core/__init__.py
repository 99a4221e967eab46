"""The verification core: drafts, rules that return plans, and the two interpreters of a plan.

    Model --grow--> Draft --rule--> Plan --law--> exact law
                                        \\--draw--> tokens

Nothing here imports anything else of specsim; theory, simulation and real models all go through it.
"""

from . import rules
from .checks import check, check_laws, check_tokens, check_uniforms
from .draft import Draft, Shape, as_shape, chain, chains, height, paths, siblings, tree
from .grow import along, every, grow, score
from .plan import Plan, draw, law

__all__ = [
    "Draft",
    "Plan",
    "Shape",
    "along",
    "as_shape",
    "chain",
    "chains",
    "check",
    "check_laws",
    "check_tokens",
    "check_uniforms",
    "draw",
    "every",
    "grow",
    "height",
    "law",
    "paths",
    "rules",
    "score",
    "siblings",
    "tree",
]
