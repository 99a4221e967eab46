"""Algorithm 2 of Sun et al. 2024 (arXiv 2403.10444, ICLR 2025), enumerated, is the rule block.

M_b is the target and M_s the draft. Equation 4 leaves h_i = 0 / 0 where p_i = 1 and both laws are equal;
nothing can be rejected at such a node, so it passes.
"""

from fractions import Fraction as F

import pytest

from specsim.core import chain, rules
from specsim.models import Pair, iid
from specsim.theory import output_law, tokens_per_round

from .enumeration import flip, outcomes
from .examples import PAIRS, law_after


def block_verification(pair, gamma):
    def program():
        big, small = law_after(pair.target), law_after(pair.draft)
        x = ()
        for _ in range(gamma):
            x += ((yield small(x)),)

        def excess(i, p):
            return [max(p * b - s, F(0)) for b, s in zip(big(x[:i]), small(x[:i]))]

        tau, p = 0, [F(1)]
        for i in range(1, gamma + 1):
            p.append(min(p[i - 1] * big(x[: i - 1])[x[i - 1]] / small(x[: i - 1])[x[i - 1]], F(1)))
            h = p[gamma] if i == gamma else pass_chance(sum(excess(i, p[i])), p[i])
            if (yield flip(h)):  # eta_i <= h_i; a failure does not end the loop
                tau = i
        if tau == gamma:
            return (*x, (yield big(x)))
        owed = excess(tau, p[tau])
        return (*x[:tau], (yield [value / sum(owed) for value in owed]))

    return program


def pass_chance(excess, p):
    """Equation 4."""
    return F(1) if excess + 1 - p == 0 else excess / (excess + 1 - p)


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
@pytest.mark.parametrize("gamma", [1, 2, 3])
def test_block_verification_is_the_rule_block(pair, gamma):
    assert outcomes(block_verification(pair, gamma)) == output_law(rules.block, pair, chain(gamma))


def test_it_accepts_more_tokens_than_algorithm_1_on_the_motivating_example():
    pair = Pair(iid([F(1, 3), F(2, 3)]), iid([F(2, 3), F(1, 3)]))
    emitted = outcomes(block_verification(pair, 2))
    assert sum(len(tokens) * chance for tokens, chance in emitted.items()) == F(11, 9) + 1
    assert tokens_per_round(rules.token, pair, chain(2)) == F(10, 9) + 1
