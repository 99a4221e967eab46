"""Slips as they are made in tensors: masks, gathers and races instead of a loop. Two of them are exact."""

from typing import Any

from .exhibit import exhibit

SLIP = "plausible"


def _kept(target: Any, draft: Any, tokens: Any, rng: Any) -> int:
    """How many tokens are kept: the number of coins before the first failure."""
    import torch

    at = torch.arange(len(tokens))
    coins = torch.rand(len(tokens), generator=rng)
    passed = coins * draft[at, tokens] < target[at, tokens]
    return int(passed.long().cumprod(0).sum())


def _rest(target: Any, draft: Any, kept: int) -> Any:
    """The weights of the last token: the residual after a rejection, else the target."""
    if kept == len(draft):
        return target[kept]
    rest = (target[kept] - draft[kept]).clamp(min=0)
    return rest if rest.sum() > 0 else target[kept]


@exhibit("C13", None, "Chen et al. 2023 (2302.01318), Algorithm 2", array="torch")
def verifies_in_tensors(target: Any, draft: Any, tokens: Any, rng: Any) -> list[int]:
    """All coins are thrown at once, and a cumulative product finds the first failure."""
    import torch

    kept = _kept(target, draft, tokens, rng)
    last = torch.multinomial(_rest(target, draft, kept), 1, generator=rng)
    return [*tokens[:kept].tolist(), int(last)]


@exhibit("C14", None, "vllm-project/vllm, rejection sampler", array="torch")
def draws_by_a_race(target: Any, draft: Any, tokens: Any, rng: Any) -> list[int]:
    """The last token wins a race for the largest weight / exponential: a draw from the weights."""
    import torch

    kept = _kept(target, draft, tokens, rng)
    weights = _rest(target, draft, kept)
    noise = torch.empty_like(weights).exponential_(generator=rng)
    return [*tokens[:kept].tolist(), int((weights / noise).argmax())]


@exhibit("X31", "acceptance", SLIP, array="torch", seen_by="two drafted tokens")
def counts_coins_behind_a_failure(target: Any, draft: Any, tokens: Any, rng: Any) -> list[int]:
    """The number of kept tokens is the number of passed tests, without a cumulative product.

    Where the first test fails and the second passes, the first token is kept: the one that was rejected.
    """
    import torch

    at = torch.arange(len(tokens))
    coins = torch.rand(len(tokens), generator=rng)
    kept = int((coins * draft[at, tokens] < target[at, tokens]).sum())
    last = torch.multinomial(_rest(target, draft, kept), 1, generator=rng)
    return [*tokens[:kept].tolist(), int(last)]


@exhibit("X32", "correction", SLIP, array="torch")
def races_on_weights_for_logits(target: Any, draft: Any, tokens: Any, rng: Any) -> list[int]:
    """Gumbel noise is added to the weights of the last token instead of to their logarithms."""
    import torch

    kept = _kept(target, draft, tokens, rng)
    weights = _rest(target, draft, kept)
    noise = -torch.empty_like(weights).exponential_(generator=rng).log()
    return [*tokens[:kept].tolist(), int((weights + noise).argmax())]


@exhibit("X33", "arithmetic", SLIP, array="torch")
def throws_coins_in_bfloat16(target: Any, draft: Any, tokens: Any, rng: Any) -> list[int]:
    """Coins and ratios are bfloat16: the coin has 256 values, and is 0 once in 512 throws."""
    import torch

    at = torch.arange(len(tokens))
    coins = torch.rand(len(tokens), generator=rng, dtype=torch.bfloat16)
    ratio = (target[at, tokens] / draft[at, tokens]).bfloat16()
    kept = int((coins <= ratio).long().cumprod(0).sum())
    last = torch.multinomial(_rest(target, draft, kept), 1, generator=rng)
    return [*tokens[:kept].tolist(), int(last)]


@exhibit("X34", "bonus", SLIP, array="torch", seen_by="tokens after a draft that was kept in full")
def gathers_with_a_clamped_index(target: Any, draft: Any, tokens: Any, rng: Any) -> list[int]:
    """The row of the last token is gathered at an index clamped to the draft's length, bonus included."""
    import torch

    kept = _kept(target, draft, tokens, rng)
    row = min(kept, max(len(draft) - 1, 0))
    weights = target[row] if kept == len(draft) else _rest(target, draft, row)
    last = torch.multinomial(weights, 1, generator=rng)
    return [*tokens[:kept].tolist(), int(last)]


@exhibit("X35", "correction", SLIP, array="torch")
def guards_the_residual_with_an_epsilon(target: Any, draft: Any, tokens: Any, rng: Any) -> list[int]:
    """The residual is clamped at 0.001 so that multinomial never fails."""
    import torch

    kept = _kept(target, draft, tokens, rng)
    weights = target[kept] if kept == len(draft) else (target[kept] - draft[kept]).clamp(min=1e-3)
    last = torch.multinomial(weights, 1, generator=rng)
    return [*tokens[:kept].tolist(), int(last)]


@exhibit("X36", "row", SLIP, array="torch")
def softmax_over_the_wrong_axis(target: Any, draft: Any, tokens: Any, rng: Any) -> list[int]:
    """The target's rows are renormalised along positions instead of along tokens."""
    import torch

    mixed = torch.softmax(torch.log(target), dim=0)
    kept = _kept(mixed, draft, tokens, rng)
    last = torch.multinomial(_rest(mixed, draft, kept), 1, generator=rng)
    return [*tokens[:kept].tolist(), int(last)]
