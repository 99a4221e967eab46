"""The family of rules that a test runs through, and the shapes that each of them takes."""

import pytest

from specsim.core import rules
from specsim.testing import shapes

RULES = pytest.mark.parametrize("rule", rules.RULES.values(), ids=rules.RULES)


def shapes_of(rule: rules.Rule, max_nodes: int = 3, tokens: int = 3):
    """Strategy for the shapes that a rule takes."""
    return shapes(max_nodes, tokens, how=rule.how, chains_only=rule.chains_only)
