"""What does verification cost on real hardware, against batch size and context?

A pass over n new tokens for each of B requests reads all weights once, computes on B n tokens, and
reads each request's key-value cache. Weights are read while computing, caches are read on top:

    time = max(weights / bandwidth, 2 parameters B n / flops) + B context kv_bytes / bandwidth.

Below the ridge, B n < flops * bytes_per_parameter / (2 bandwidth), more tokens cost nothing, which
is what speculation lives on; above it each verified token is paid for. Reading caches costs the same
however many tokens are verified, so that some gain stays at any batch size.

>>> from specsim.theory.speedup import optimal_gamma, walltime_improvement
>>> target = ModelSize(parameters=7e9, kv_bytes=2**19)
>>> draft = ModelSize(parameters=7e9 / 50, kv_bytes=2**15)
>>> gpu = Device(bandwidth=2e12, flops=0.6 * 312e12)
>>> for batch in (1, 8, 32, 64, 128, 256):
...     c, verify_cost = pass_costs(target, draft, gpu, batch, context=1024)
...     gamma = optimal_gamma(0.8, c, verify_cost=verify_cost, max_gamma=64)
...     gain = walltime_improvement(0.8, gamma, c, verify_cost=verify_cost)
...     print(f"B = {batch:3}: gamma = {gamma:2}, {gain:.2f} times")
B =   1: gamma = 11, 3.76 times
B =   8: gamma = 10, 3.52 times
B =  32: gamma =  3, 2.28 times
B =  64: gamma =  3, 1.79 times
B = 128: gamma =  3, 1.63 times
B = 256: gamma =  3, 1.63 times

All numbers are positive reals in bytes, seconds and tokens.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .scalars import Scalar, require, within


@dataclass(frozen=True)
class ModelSize:
    """What a pass has to move and compute."""

    parameters: Scalar
    kv_bytes: Scalar  # bytes of the key-value cache per token of context
    bytes_per_parameter: Scalar = 2


@dataclass(frozen=True)
class Device:
    """What the hardware really attains, not its data sheet."""

    bandwidth: Scalar  # bytes per second
    flops: Scalar  # operations per second


def pass_time(model: ModelSize, device: Device, batch: Scalar, tokens: Scalar, context: Scalar) -> Scalar:
    """Seconds of one pass over `tokens` new tokens for each of `batch` requests.

        max(weights / bandwidth, 2 parameters B n / flops) + B context kv_bytes / bandwidth

    context: cached tokens per request. Raises ValueError where a number is negative or not finite.

    >>> pass_time(ModelSize(7e9, 2**19), Device(2e12, 2e14), batch=1, tokens=1, context=0)
    0.007
    """
    for name, value in (("batch", batch), ("tokens", tokens), ("context", context)):
        require(within(value, 0), name, "a finite number >= 0", value, "count tokens and requests")
    weights = model.parameters * model.bytes_per_parameter / device.bandwidth
    compute = 2 * model.parameters * batch * tokens / device.flops
    return max(weights, compute) + batch * context * model.kv_bytes / device.bandwidth


def ridge(device: Device, bytes_per_parameter: Scalar = 2) -> Scalar:
    """Tokens per pass, over all requests, up to which computing hides behind reading the weights.

        flops * bytes_per_parameter / (2 bandwidth)

    >>> round(ridge(Device(bandwidth=2e12, flops=0.6 * 312e12)), 1)
    93.6
    """
    return device.flops * bytes_per_parameter / (2 * device.bandwidth)


def pass_costs(
    target: ModelSize, draft: ModelSize, device: Device, batch: Scalar, context: Scalar
) -> tuple[Scalar, Callable[[Scalar], Scalar]]:
    """The cost c of a draft step and the cost v(gamma) of verification, in steps of the target alone.

        c = time(draft, 1) / time(target, 1),   v(gamma) = time(target, gamma + 1) / time(target, 1)

    They fit `walltime_improvement` and `optimal_gamma`.

    >>> sizes = ModelSize(7e9, 2**19), ModelSize(7e8, 2**16)
    >>> c, verify_cost = pass_costs(*sizes, Device(2e12, 2e14), batch=32, context=1024)
    >>> round(c, 3), round(verify_cost(2), 3), round(verify_cost(7), 3)
    (0.114, 1.0, 1.7)
    """
    plain = pass_time(target, device, batch, 1, context)

    def verify_cost(gamma: Scalar) -> Scalar:
        return pass_time(target, device, batch, gamma + 1, context) / plain

    return pass_time(draft, device, batch, 1, context) / plain, verify_cost
