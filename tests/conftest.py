"""What all tests share: three kinds of numbers, one thread, Hypothesis profiles, and when to skip."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import settings

os.environ.setdefault("OMP_NUM_THREADS", "1")

settings.register_profile("quick", deadline=None, derandomize=True, max_examples=20, database=None)
settings.register_profile("explore", deadline=None, max_examples=1000, print_blob=True)
settings.load_profile("quick")


@dataclass(frozen=True)
class Kind:
    """One kind of numbers: how to make its arrays, and how to read them."""

    name: str
    array: Callable[[np.ndarray], Any]

    @property
    def exact(self) -> bool:
        return self.name == "fractions"

    def same(self, a: Any, b: Any) -> bool:
        """Whether two arrays agree: `==` on fractions, else within 1e-12."""
        a, b = np.asarray(a), np.asarray(b)
        if a.shape != b.shape:
            return False
        return bool((a == b).all()) if self.exact else bool((abs(a - b) <= 1e-12).all())


def _floats(x: np.ndarray) -> np.ndarray:
    return x.astype(float) if x.dtype == object else x


def _tensor(x: np.ndarray) -> Any:
    import torch

    torch.set_num_threads(1)
    return torch.from_numpy(np.ascontiguousarray(_floats(x)))


KINDS = [Kind("fractions", lambda x: x), Kind("numpy", _floats), Kind("torch", _tensor)]


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name, scope="session")
def xp(request: pytest.FixtureRequest) -> Kind:
    """Runs a test on fractions, on NumPy floats and on torch tensors: write laws as fractions, pass them
    through `xp.array`, compare with `xp.same`."""
    return request.param


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Several threads beside another busy process can cost a factor of 20."""
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests marked `gpu` are skipped where there is no CUDA device."""
    marked = [item for item in items if item.get_closest_marker("gpu")]
    if not marked:
        return
    import torch

    if not torch.cuda.is_available():
        for item in marked:
            item.add_marker(pytest.mark.skip(reason="needs a CUDA device, and torch sees none"))
