"""Where training stands, in one safetensors file: parameters, the optimiser's moments, and the step.

Written whole or not at all, and without pickles, so that a checkpoint from elsewhere can be read safely.
"""

from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file


def save_checkpoint(path: Path, network: Any, optimiser: torch.optim.Optimizer, step: int) -> None:
    """Write parameters, moments and step to a file."""
    content = {}
    for name, parameter in network.named_parameters():
        content[f"parameter.{name}"] = parameter.detach()
        for moment, value in optimiser.state.get(parameter, {}).items():
            content[f"{moment}.{name}"] = value
    part = path.with_suffix(".part")
    save_file(content, part, {"step": str(step)})
    part.replace(path)


def load_checkpoint(path: Path, network: Any, optimiser: torch.optim.Optimizer) -> int:
    """Read parameters and moments back; return the step, or 0 where there is no file."""
    if not path.exists():
        return 0
    with safe_open(path, "pt") as file, torch.no_grad():
        for name, parameter in network.named_parameters():
            parameter.copy_(file.get_tensor(f"parameter.{name}"))
        for key in file.keys():  # noqa: SIM118 (the file is no mapping)
            moment, _, name = key.partition(".")
            if moment != "parameter":
                parameter = network.get_parameter(name)
                optimiser.state[parameter][moment] = file.get_tensor(key).to(parameter.device)
        return int(file.metadata()["step"])
