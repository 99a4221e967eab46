"""What is simulated, checked once at the door: rule, models, shape, first context, kind of array."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from array_api_compat import is_torch_array
from tqdm import tqdm

from specsim.core import Draft, Plan, Shape, as_shape, check, check_laws, check_tokens, rules
from specsim.core.arrays import Array
from specsim.core.draft import AnyShape

AnyRule = rules.Rule | str | Callable[[Array, Draft], Plan]
Laws = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Setting:
    """Checked arguments. rule: with its checks; target, draft: NumPy in, float laws in NumPy out.

    context: (1, t) what is there before the first round. vocabulary: V. order: how many of the last tokens
    both laws depend on, None where they depend on all or on the position. convert: NumPy to the kind of array
    in which rounds are verified and drawn.
    """

    rule: Callable[[Array, Draft], Plan]
    target: Laws
    draft: Laws
    shape: Shape
    context: np.ndarray
    vocabulary: int
    order: int | None
    convert: Callable[[np.ndarray], Array]


def setting(rule: AnyRule, pair: Any, shape: AnyShape, context: Sequence[int], backend: str) -> Setting:
    """The checked arguments; ValueError for each that will not do."""
    target, draft, row = _model(pair, "target"), _model(pair, "draft"), _row(context)
    vocabulary, other = _vocabulary(target, row, "target"), _vocabulary(draft, row, "draft")
    if vocabulary != other:
        raise ValueError(f"target and draft must share one vocabulary, got {vocabulary} and {other} tokens")
    check_tokens(row, vocabulary, "context")
    return Setting(
        _rule(rule), target, draft, as_shape(shape), row, vocabulary, _order(pair), _converter(backend)
    )


def generator(rng: np.random.Generator | int) -> np.random.Generator:
    """A generator from a generator or a seed."""
    if isinstance(rng, np.random.Generator):
        return rng
    if isinstance(rng, int | np.integer) and rng >= 0:
        return np.random.default_rng(rng)
    raise ValueError(f"rng must be a numpy.random.Generator or a seed such as 7, got {rng!r}")


def whole(value: Any, name: str) -> int:
    """A whole number of at least 1."""
    if not isinstance(value, int | np.integer) or value < 1:
        raise ValueError(f"{name} must be a whole number of at least 1, got {value!r}")
    return int(value)


def progress_bar(total: int, unit: str, show: bool | None) -> Any:
    """A bar that appears after two seconds; show: True, False, or None for terminals only."""
    return tqdm(total=total, unit=unit, delay=2, leave=False, disable=None if show is None else not show)


def host(x: Array) -> np.ndarray:
    """An array of any kind as a NumPy array."""
    return x.cpu().numpy() if is_torch_array(x) else np.asarray(x)


def _rule(rule: AnyRule) -> Callable[[Array, Draft], Plan]:
    found = rules.find(rule)
    if isinstance(found, rules.Rule):
        return found

    def checked(target: Array, draft: Draft) -> Plan:
        check(target, draft)
        plan = found(target, draft)
        check_laws(plan.stop, "stop law of the rule")
        return plan

    return checked


def _model(pair: Any, part: str) -> Laws:
    model = getattr(pair, part, None)
    if not callable(model):
        raise ValueError(
            f"a pair needs a model .{part}, a function from tokens (B, t) to laws (B, V), got {pair!r}"
        )
    return lambda tokens: _floats(model(tokens))


def _floats(laws: Array) -> np.ndarray:
    found = host(laws)
    return found.astype(float) if found.dtype == object else found


def _row(context: Sequence[int]) -> np.ndarray:
    row = np.asarray(context)
    if row.ndim != 1 or (row.size and row.dtype.kind not in "iu"):
        raise ValueError(f"context must be one sequence of token ids such as (0, 1), got {context!r}")
    return row.astype(np.int64)[None]


def _vocabulary(model: Laws, row: np.ndarray, part: str) -> int:
    laws = model(row)
    if laws.ndim != 2 or len(laws) != 1:
        raise ValueError(
            f"the {part} must return laws (B, V) for tokens (B, t), got {laws.shape} for {row.shape}"
        )
    check_laws(laws, f"{part} law")
    return laws.shape[-1]


def _order(pair: Any) -> int | None:
    order = 0
    for model in (pair.target, pair.draft):
        if not getattr(model, "homogeneous", False) or model.order is None:
            return None
        order = max(order, model.order)
    return order


def _converter(backend: str) -> Callable[[np.ndarray], Array]:
    if backend == "numpy":
        return np.asarray
    if backend == "torch":
        import torch

        return lambda x: torch.as_tensor(x, device=torch.get_default_device())
    raise ValueError(f'backend must be "numpy" or "torch", got {backend!r}')
