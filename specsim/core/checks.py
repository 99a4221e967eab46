"""The public door: laws, shapes and ids are checked here once, before any random number is used.

Every message says what must hold, what came and what to do. Values are read where that costs nothing but
reading: in host memory. Tensors on another device, and code under `torch.compile`, are checked for shapes
only, so that the core never waits for a device.
"""

import sys

import numpy as np
from array_api_compat import is_torch_array

from .arrays import Array, at, describe, is_exact, namespace, total
from .draft import Draft, children, is_chain


def readable(x: Array) -> bool:
    """Whether looking at values is free of waiting: host memory, numbers, not while being compiled."""
    if not is_torch_array(x):
        return not (is_exact(x) and any(hasattr(value, "free_symbols") for value in x.flat))
    return x.device.type == "cpu" and not sys.modules["torch"].compiler.is_compiling()


def tolerance(laws: Array) -> float:
    """How far the sum of a law may be from 1: 0 for fractions, 1e-9 in float64, 1e-4 below."""
    if is_exact(laws):
        return 0
    return 1e-9 if "64" in str(laws.dtype) else 1e-4


def check_laws(laws: Array, name: str = "law") -> None:
    """Raise ValueError unless each row along the last axis is a law: finite, non-negative, sum 1."""
    if not hasattr(laws, "dtype") or laws.ndim == 0 or laws.shape[-1] == 0 or not _real(laws):
        raise ValueError(f"{name} must be an array (..., V) of numbers, V >= 1, got {describe(laws)}")
    if not readable(laws):
        return
    xp = namespace(laws)
    flat = xp.reshape(laws, (-1, laws.shape[-1]))
    lowest, sums = xp.min(flat, axis=-1), total(flat)[:, 0]
    wrong = np.flatnonzero(np.asarray(~((lowest >= 0) & (abs(sums - 1) <= tolerance(laws)))))
    if not len(wrong):
        return
    row = int(wrong[0])
    where = tuple(int(i) for i in np.unravel_index(row, laws.shape[:-1])) if laws.ndim > 1 else ()
    place = f" at {where if len(where) != 1 else where[0]}" if where else ""
    if not lowest[row] >= 0:
        raise ValueError(f"{name}{place} has an entry {lowest[row]}; {_ADVICE}")
    raise ValueError(f"{name}{place} sums to {sums[row]}, expected 1; {_ADVICE}")


_ADVICE = "pass probabilities, not logits (softmax them first)"


def check_tokens(tokens: Array, vocabulary: int, name: str = "tokens") -> None:
    """Raise ValueError unless these are integers in 0..vocabulary - 1."""
    if not hasattr(tokens, "dtype") or not _integral(tokens):
        raise ValueError(f"{name} must be integers, got {describe(tokens)}")
    if not readable(tokens) or 0 in tokens.shape:
        return
    xp = namespace(tokens)
    low, high = int(xp.min(tokens)), int(xp.max(tokens))
    if low < 0 or high >= vocabulary:
        raise ValueError(
            f"{name} must lie in 0..{vocabulary - 1}, got {low if low < 0 else high}; "
            "do both models share one vocabulary?"
        )


def check_shapes(target: Array, draft: Draft) -> None:
    """Raise ValueError unless target (..., n + 1, V) has one row per node of the draft."""
    nodes, vocabulary = len(draft.parent) + 1, draft.laws.shape[-1]
    expected = (*draft.tokens.shape[:-1], nodes, vocabulary)
    if tuple(getattr(target, "shape", ())) != tuple(expected):
        raise ValueError(
            f"target laws must have one row per node, shape {tuple(expected)} for this draft, got "
            f"{describe(target)}; target and draft must share one vocabulary"
        )


def check(target: Array, draft: Draft) -> None:
    """Raise ValueError unless target laws and draft are fit to be verified."""
    check_shapes(target, draft)
    if not namespace(target) is namespace(draft.laws) is namespace(draft.tokens):
        kinds = ", ".join(type(x).__name__ for x in (target, draft.laws, draft.tokens))
        raise ValueError(f"target laws, draft laws and tokens must be arrays of one library, got {kinds}")
    check_laws(target, "target law")
    if not draft.parent:
        return
    check_laws(draft.laws, "draft law")
    check_tokens(draft.tokens, draft.laws.shape[-1], "drafted tokens")
    if readable(draft.laws):
        impossible = np.argwhere(np.asarray(at(draft.laws, draft.tokens) == 0))
        if len(impossible):
            token = int(draft.tokens[tuple(impossible[0])])
            raise ValueError(
                f"token {token} was drafted at node {int(impossible[0][-1]) + 1} but its draft law is 0 "
                "there; were tokens and laws taken at different temperatures?"
            )


def check_uniforms(uniforms: Array, count: int) -> None:
    """Raise ValueError unless uniforms (..., count) lie in [0, 1)."""
    if tuple(getattr(uniforms, "shape", ()))[-1:] != (count,):
        raise ValueError(f"uniforms must be an array of shape (..., {count}), got {describe(uniforms)}")
    if readable(uniforms) and not bool(((uniforms >= 0) & (uniforms < 1)).all()):
        raise ValueError("uniforms must lie in [0, 1); draw them with rng.random(...)")


def check_chain(name: str, draft: Draft) -> None:
    """Raise ValueError unless the draft is a single chain."""
    if not is_chain(draft.parent):
        raise ValueError(
            f"{name} verifies a single chain such as chain(3), got parent={draft.parent}; "
            "for trees use rules.token"
        )


def check_one_law(name: str, draft: Draft) -> None:
    """Raise ValueError unless siblings were drawn from one law."""
    if not readable(draft.laws):
        return
    for below in filter(None, children(draft.parent)):
        first, *others = (draft.laws[..., child - 1, :] for child in below)
        if any(bool((abs(law - first) > tolerance(law)).any()) for law in others):
            raise ValueError(
                f"{name} needs siblings drawn independently from one law, those at nodes {below} have "
                "different laws; for other drafts use rules.token"
            )


def _real(x: Array) -> bool:
    return any(kind in str(x.dtype) for kind in ("float", "int", "object"))


def _integral(x: Array) -> bool:
    return "int" in str(x.dtype)
