"""One door for everything that can be checked: verifiers, generators, drafters; walked, injected or sampled.

>>> from specsim.conformance.gallery import GALLERY
>>> check_any(GALLERY["M41"].run).diagnosis.kind                                   # a generator
'stopping'
>>> check_any(GALLERY["M01"].run, method="sample", max_tokens=4000).diagnosis.kind   # a verifier
'correction'
"""

import inspect
from collections.abc import Callable
from typing import Any

from .report import Report
from .roles import LAWS, role_of, words_of

HOW = ("exact", "inject", "sample")
"""By the exact law; by uniforms that are passed in; by sampling."""


def check_any(
    subject: Callable[..., Any], *, declared: Any = None, method: str = "exact", **options: Any
) -> Report:
    """The report of the check that fits a subject.

    subject: a verifier, a generator (it is asked for a text), or a drafter (`declared` is given: its law).
    method: one of HOW. options: those of `check`, `check_state`, `check_drafter`, `check_injected`,
        `check_generator` or `check_rounds`; contract="generator" or "drafter" where the names of the
        parameters do not tell.
    Raises ValueError for a method that is none, and for options that the check does not take.
    """
    if method not in HOW:
        raise ValueError(f"a method is one of {', '.join(HOW)}, got {method!r}")
    contract = options.get("contract")
    if contract == "drafter" and declared is None:
        raise ValueError(
            "a drafter is checked against its declared law: give `declared`, a function or a law"
        )
    if declared is not None:
        options["declared_law"] = declared
    kind = "drafter" if declared is not None else contract
    if kind not in ("drafter", "generator"):
        kind = "generator" if contract is None and is_generator(subject) else "verifier"
    run = _check(kind, method)
    if kind != "verifier" or method != "exact":
        options.pop("contract", None)
    known = inspect.signature(run).parameters
    if strange := sorted(name for name in options if name not in known):
        raise ValueError(
            f"checking a {kind} ({method}) takes no option {strange[0]!r}; it takes {_names(known)}"
        )
    return run(subject, **options)


def is_generator(subject: Callable[..., Any]) -> bool:
    """Whether it is asked for a text, by the names of its parameters, and not handed drafted tokens.

    >>> is_generator(lambda target, draft, prompt, max_new_tokens, rng: None)
    True
    >>> is_generator(lambda candidate_ids, candidate_logits, candidate_length, new_logits: None)
    False
    """
    try:
        names = [name for name in inspect.signature(subject).parameters if not set(words_of(name)) & LAWS]
    except (TypeError, ValueError):
        return False
    roles = set(map(role_of, names))
    return "length" in roles or ("context" in roles and "tokens" not in roles)


def _check(kind: str, method: str) -> Callable[..., Report]:
    from . import check, check_drafter, check_generator, check_injected
    from .sampled import check_rounds
    from .state import check_state

    if method == "inject":
        return check_injected
    if kind == "drafter":
        return check_drafter
    if kind == "generator":
        return check_state if method == "exact" else check_generator
    return check if method == "exact" else check_rounds


def _names(known: Any) -> str:
    return ", ".join(list(known)[1:])
