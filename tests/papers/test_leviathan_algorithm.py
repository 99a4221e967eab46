"""Algorithm 1 of Leviathan, Kalman and Matias 2023 (arXiv 2211.17192), enumerated, is the rule token.

The paper's p is the target and q the draft. It writes p_i(x); the ratio is meant at the drafted token x_i.
"""

from fractions import Fraction as F

import pytest

from specsim.core import chain, rules
from specsim.theory import output_law

from .enumeration import flip, outcomes, positive_part
from .examples import PAIRS, law_after


def speculative_decoding_step(pair, gamma):
    def program():
        p, q = law_after(pair.target), law_after(pair.draft)
        x = ()
        for _ in range(gamma):  # sample gamma guesses from M_q autoregressively
            x += ((yield q(x)),)
        # run M_p in parallel: p_1(x), ..., p_{gamma+1}(x)
        below = []
        for i in range(gamma):  # r_i ~ U(0, 1): n is the first i - 1 with r_i > p_i / q_i, or gamma
            below.append((yield flip(min(F(1), p(x[:i])[x[i]] / q(x[:i])[x[i]]))))
        n = below.index(0) if 0 in below else gamma
        last = p(x[:n])  # adjust the law from M_p if needed
        if n < gamma:
            last = positive_part(p(x[:n]), q(x[:n]))
        t = yield last
        return (*x[:n], t)

    return program


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
@pytest.mark.parametrize("gamma", [1, 2, 3])
def test_algorithm_1_is_the_rule_token_on_a_chain(pair, gamma):
    assert outcomes(speculative_decoding_step(pair, gamma)) == output_law(rules.token, pair, chain(gamma))
