"""Monte Carlo of speculative decoding: rounds and whole sequences, for any rule and any pair.

The algorithm itself is run: drafts are drawn along uniforms, the rule plans, the plan is drawn. What a result
says is therefore independent of the formulas in `specsim.theory`, and each estimate comes with a standard
error, so that the two can be held against each other.

    run          single rounds, all after one context
    sequences    whole sequences, every round where the one before it ended
    Estimate     a mean and its standard error: z, p_value, agrees, interval
"""

from .estimates import Estimate, chi_square_p_value
from .rounds import Rounds, run
from .sequences import Sequences, sequences

__all__ = ["Estimate", "Rounds", "Sequences", "chi_square_p_value", "run", "sequences"]
