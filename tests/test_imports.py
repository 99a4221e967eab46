"""What importing specsim costs: neither torch nor anything else that is slow to load."""

import subprocess
import sys

import pytest

import specsim
import specsim.theory

HEAVY = {"torch", "transformers", "matplotlib", "scipy.stats", "sympy", "hypothesis"}


@pytest.mark.parametrize(
    "module", ["specsim", "specsim.theory", "specsim.core", "specsim.models", "specsim.simulate"]
)
def test_nothing_heavy_is_imported(module):
    code = f"import sys, {module}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert HEAVY.isdisjoint(loaded.split())


def test_parts_load_when_they_are_used():
    assert specsim.theory.expected_tokens(1, 3) == 4
    assert specsim.theory.symbolic.general(2).vocab_size == 2
    assert {*specsim.__all__, "__version__"} <= {*dir(specsim)}
    assert {*specsim.theory.__all__, "cells"} <= {*dir(specsim.theory)}


def test_a_version_is_known():
    assert specsim.__version__[0].isdigit()


@pytest.mark.parametrize("module", [specsim, specsim.theory])
def test_what_is_not_there_is_named(module):
    with pytest.raises(AttributeError, match=f"module '{module.__name__}' has no attribute 'nothing'"):
        _ = module.nothing


def test_every_public_name_of_theory_is_documented():
    undocumented = [name for name in specsim.theory.__all__ if not getattr(specsim.theory, name).__doc__]
    assert undocumented == []
