"""Algorithm 2 of Chen et al. 2023 (arXiv 2302.01318), enumerated, is the rule token.

In this paper p is the draft and q the target. One pass of the outer loop is transcribed.
"""

from fractions import Fraction as F

import pytest

from specsim.core import chain, rules
from specsim.theory import output_law

from .enumeration import flip, outcomes, positive_part
from .examples import PAIRS, law_after


def speculative_sampling_round(pair, lookahead):
    def program():
        q, p = law_after(pair.target), law_after(pair.draft)
        drafted = ()
        for _ in range(lookahead):  # sample the draft auto-regressively
            drafted += ((yield p(drafted)),)
        x = ()
        for t in range(lookahead):
            token = drafted[t]
            if (yield flip(min(F(1), q(x)[token] / p(x)[token]))):
                x += (token,)
            else:
                return (*x, (yield positive_part(q(x), p(x))))
        return (*x, (yield q(x)))  # all accepted: sample an extra token

    return program


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
@pytest.mark.parametrize("lookahead", [1, 2, 3])
def test_speculative_sampling_is_the_rule_token_on_a_chain(pair, lookahead):
    expected = output_law(rules.token, pair, chain(lookahead))
    assert outcomes(speculative_sampling_round(pair, lookahead)) == expected
