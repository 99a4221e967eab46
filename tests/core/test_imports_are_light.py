"""Theory needs no deep learning framework: what an import loads stays small."""

import subprocess
import sys

import pytest

HEAVY = {"torch", "transformers", "tokenizers", "matplotlib", "hypothesis", "scipy.stats", "sympy", "pandas"}


@pytest.mark.parametrize("module", ["specsim", "specsim.core", "specsim.theory"])
def test_importing_loads_nothing_heavy(module):
    program = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not HEAVY & set(done.stdout.split())
