"""The acceptance rule of transformers alone, called with logits in a precision of your choice.

`generate` hands it float32. Called directly with half precision, coins are half too, and one in 2^9
(bfloat16) or 2^12 (float16) is exactly 0, which keeps anything.
"""

from dataclasses import replace
from typing import Any

from ..checking import check
from ..report import Report

PRECISIONS = ("float32", "float16", "bfloat16")


def check_rule(precision: str = "float32", *, seconds: float = 60.0) -> Report:
    """The report on transformers' `_speculative_sampling` with logits of this precision.

    Raises ImportError where the installed release has no such function, ValueError for another precision.
    """
    if precision not in PRECISIONS:
        raise ValueError(f"a precision is one of {', '.join(PRECISIONS)}, got {precision!r}")
    import torch
    from transformers.generation import utils

    if not hasattr(utils, "_speculative_sampling"):
        raise ImportError(
            "this release of transformers has no transformers.generation.utils._speculative_sampling"
        )
    kind = getattr(torch, precision)

    def rule(target: Any, draft: Any, tokens: Any) -> Any:
        if not len(tokens):
            return [int(torch.multinomial(target[0], 1))]
        ids = torch.as_tensor(tokens)[None]
        logits = [rows.log().to(kind)[None] for rows in (draft, target)]
        valid, kept = utils._speculative_sampling(ids, logits[0], len(tokens), logits[1])
        return valid[0, : int(kept) + 1].tolist()

    report = check(
        rule, contract="chain", array="torch", vocab=(3,), gammas=(1, 2), search=False, seconds=seconds
    )
    return replace(report, subject=f"_speculative_sampling, {precision}")
