"""Where arrays live: NumPy on the host, or torch on the device of the models."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core.arrays import Array

Place = Callable[[np.ndarray], Array]
"""From NumPy to the kind of array, and the device, of the models."""


def placing(models: Sequence[Any]) -> Place:
    """How to bring values to these models; they stay in NumPy if none of the models is a network."""
    devices = [model.device for model in models if hasattr(model, "device")]
    if not devices:
        return np.asarray
    import torch

    return lambda values: torch.from_numpy(values).to(devices[0])
