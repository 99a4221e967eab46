"""The audit of the draws of libraries: what is right passes, what is known to be off is named."""

import numpy as np
import pytest

from specsim.conformance.engine import audit, exact_law
from specsim.conformance.engine.lattice import LATTICES
from specsim.conformance.engine.races import Noise, race

torch = pytest.importorskip("torch")


def test_small_types_are_off_and_large_ones_are_not():
    off = {finding.primitive for finding in audit(vocab=2000, draws=40).off}
    assert {"torch rand float16", "torch rand bfloat16"} <= off
    assert not off & {
        "numpy random float64",
        "numpy choice",
        "torch rand float32",
        "torch multinomial float64",
    }


def test_a_float32_running_sum_is_off_at_the_vocabulary_of_a_language_model():
    off = {finding.primitive for finding in audit(vocab=151_936, draws=2).off}
    assert {"numpy cumsum, float32", "torch cumsum, float32"} <= off
    assert "numpy cumsum, float64" not in off


@pytest.mark.parametrize("kind", ["float32", "float16", "bfloat16"])
def test_lattices_are_those_of_torch(kind):
    """Real draws have no value outside of the lattice, and its zeros as often (false alarm 1e-6)."""
    numbers = torch.rand(400_000, dtype=getattr(torch, kind), generator=torch.Generator().manual_seed(1))
    lattice = LATTICES[kind]
    chance = next(k for k in range(lattice.points) if lattice.value(k) > 0) / lattice.points
    spread = max(5.0, 4.9 * np.sqrt(400_000 * chance))
    assert abs((numbers == 0).sum().item() - 400_000 * chance) <= spread
    assert (numbers < 1).all()


def test_equal_races_have_equal_laws():
    weights = np.array([1.0, 2.0, 5.0])
    forms = [
        ([Noise("inverse", w) for w in weights], True),
        ([Noise("linear", 1 / w) for w in weights], False),
        ([Noise("power", 1 / w) for w in weights], True),
        ([Noise("log", np.log(w), -1.0) for w in weights], True),
        ([Noise("log", -np.log(w), 1.0) for w in weights], False),
    ]
    for terms, largest in forms:
        assert race(terms, largest) == pytest.approx(weights / 8, abs=1e-15)
        assert race(terms, not largest) is None


def test_a_guard_in_the_noise_is_bounded():
    rng = np.random.default_rng(0)
    law = exact_law(lambda: int(np.argmax(-np.log(-np.log(rng.random(4) + 1e-9)))))
    assert 0 < law.unexplored <= 1e-8
    assert law.chances == pytest.approx(dict.fromkeys(range(4), 0.25), abs=1e-12)
