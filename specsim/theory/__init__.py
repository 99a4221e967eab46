"""What speculative decoding does, exactly: in rationals, floats and symbols.

    one token       overlap, total_variation, divergence_lk, residual, intersection_overlap
    one round       output_law, tokens_law, tokens_per_round, completed, string_law: any rule, any shape
    the long run    round_start_law, long_run_tokens_per_round, mean_overlap: Markov and n-gram pairs
    constant alpha  expected_tokens, tokens_pmf, tokens_variance, accepted_per_round
    speed           walltime_improvement, operations_factor, optimal_gamma, break_even_alpha
    several drafts  siblings_acceptance by rule, optimal_acceptance, optimal_rule
    rejections      expected_rejections, batch_rejections, oracle_calls, rejection_rate_limit
    lossy           rule_bias, rounds_bias, pareto_front, optimal_replacement, decoding_opt, lenient_law
    trees           tree_tokens, optimal_tree, best_first_tree, fastest_tree, likely_tree, most_accepted
    the optimum     most_tokens, shortfalls, lost_by_rule, most_tokens_by_bias: any verifier of a small tree
    systems         pass_time, pass_costs (roofline), batches, hierarchies, adaptive drafts, beam search

`specsim.theory.symbolic` and `specsim.theory.cells` hold pairs with parameters; they load sympy when used.

>>> expected_tokens(0.8, 5), overlap([0.5, 0.5], [0.75, 0.25])
(3.68928, 0.75)
"""

from importlib import import_module
from typing import Any

from .adaptive import discard_law, schedule_improvement, schedule_law, schedule_tokens, stopping_rule
from .batch_drafts import batch_rejections, leftover, oracle_calls, rejection_chances, rejection_rate_limit
from .batching import expected_rounds, lockstep_tokens
from .beam import beam_budget, beam_search, beam_steps_kept
from .best_first import TokenTree, best_first_tree, likely_tree, text_tokens
from .biased import (
    bias,
    decoding_opt,
    decoding_uno,
    decoding_uno_as_listed,
    emitted_law,
    optimal_replacement,
    over_accept,
    rejected,
)
from .biased_text import text_bias, text_trade
from .hierarchy import hierarchical_improvement, substituted_improvement
from .iid_drafts import bernoulli_all_rejected, iid_rejections, uniform_all_rejected
from .inverse import alpha_from_ratio, alpha_from_tokens
from .lenience import lenient_greedy_accepts, lenient_law, lenient_overlap, one_shot_acceptance
from .lossy import RuleBias, divergence, rounds_bias, rounds_law, rule_bias, token_rule
from .lossy_optimum import TokensFront, most_tokens_by_bias
from .multidraft import siblings_acceptance
from .multistep_optimum import Shortfall, lost_by_rule, most_tokens, shortfalls
from .optimal_rule import optimal_rule
from .optimal_transport import optimal_acceptance
from .output import output_law, tokens_law, tokens_per_round, tokens_per_round_variance
from .overlap import divergence_lk, overlap, residual, total_variation
from .pareto import pareto_front, text_pareto_front
from .rejections import expected_rejections
from .roofline import Device, ModelSize, pass_costs, pass_time, ridge
from .rounds import long_run_tokens_per_round, mean_overlap, round_start_law
from .rule_cost import rule_cost
from .speed_of_light import entropy, most_accepted, most_accepted_asymptote, most_accepted_slope_bound
from .speedup import (
    break_even_alpha,
    operations_factor,
    optimal_gamma,
    oracle_improvement,
    speedup_possible,
    walltime_improvement,
)
from .strings import completed, string_law
from .tokens import (
    acceptance_ratio,
    accepted_per_round,
    expected_tokens,
    oracle_tokens,
    tokens_pmf,
    tokens_variance,
)
from .tree_choice import TreeChoice, fastest_tree
from .tree_search import optimal_tokens_by_size, optimal_tree
from .trees import positional_acceptances, tree_tokens
from .vocabularies import intersection_overlap

__all__ = [
    "acceptance_ratio",
    "accepted_per_round",
    "alpha_from_ratio",
    "alpha_from_tokens",
    "batch_rejections",
    "beam_budget",
    "beam_search",
    "beam_steps_kept",
    "bernoulli_all_rejected",
    "best_first_tree",
    "bias",
    "break_even_alpha",
    "completed",
    "decoding_opt",
    "decoding_uno",
    "decoding_uno_as_listed",
    "Device",
    "discard_law",
    "divergence",
    "divergence_lk",
    "emitted_law",
    "entropy",
    "expected_rejections",
    "expected_rounds",
    "expected_tokens",
    "fastest_tree",
    "hierarchical_improvement",
    "iid_rejections",
    "intersection_overlap",
    "leftover",
    "lenient_greedy_accepts",
    "lenient_law",
    "lenient_overlap",
    "likely_tree",
    "lockstep_tokens",
    "long_run_tokens_per_round",
    "lost_by_rule",
    "mean_overlap",
    "ModelSize",
    "most_accepted",
    "most_accepted_asymptote",
    "most_accepted_slope_bound",
    "most_tokens",
    "most_tokens_by_bias",
    "one_shot_acceptance",
    "operations_factor",
    "optimal_acceptance",
    "optimal_gamma",
    "optimal_replacement",
    "optimal_rule",
    "optimal_tokens_by_size",
    "optimal_tree",
    "oracle_calls",
    "oracle_improvement",
    "oracle_tokens",
    "output_law",
    "over_accept",
    "overlap",
    "pareto_front",
    "pass_costs",
    "pass_time",
    "positional_acceptances",
    "rejected",
    "rejection_chances",
    "rejection_rate_limit",
    "residual",
    "ridge",
    "round_start_law",
    "rounds_bias",
    "rounds_law",
    "rule_bias",
    "rule_cost",
    "RuleBias",
    "schedule_improvement",
    "schedule_law",
    "schedule_tokens",
    "Shortfall",
    "shortfalls",
    "siblings_acceptance",
    "speedup_possible",
    "stopping_rule",
    "string_law",
    "substituted_improvement",
    "text_bias",
    "text_pareto_front",
    "text_tokens",
    "text_trade",
    "token_rule",
    "tokens_law",
    "tokens_per_round",
    "tokens_per_round_variance",
    "tokens_pmf",
    "tokens_variance",
    "TokensFront",
    "TokenTree",
    "total_variation",
    "tree_tokens",
    "TreeChoice",
    "uniform_all_rejected",
    "walltime_improvement",
]

_ON_USE = ("cells", "symbolic", "yin_figures")


def __getattr__(name: str) -> Any:
    if name in _ON_USE:
        return import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_ON_USE})
