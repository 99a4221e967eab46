"""Drafts by name: what `--draft` says in the shell.

lookup, lookup:N    copy what followed the last N tokens before
exit:K              the target's own first K layers
match:MODEL         a model with any tokenizer, matched by text
MODEL               a folder, a fetched name, a name on the hub, a GGUF or .npz file
A,B                 A drafts for the target, and B, which may again have a comma, drafts for A
"""

from typing import Any

from .drafter import Source
from .early_exit import early_exit
from .hierarchical import hierarchical
from .lookup import prompt_lookup
from .string_match import string_match


def find_draft(name: str, target: Any, **loading: Any) -> Any:
    """The draft that "lookup", "lookup:3", "exit:4", "match:MODEL", "A,B" or "MODEL" means for this target.

    loading: how models are loaded, as for `specsim.models.load`. Raises ValueError for numbers that are none,
    and where A is no model, and whatever loading a model does.

    >>> find_draft("lookup", None), find_draft("lookup:5", None)
    (PromptLookup(n=3), PromptLookup(n=5))
    """
    first, comma, rest = (part.strip() for part in name.partition(","))
    if comma:
        return _for_each_other(find_draft(first, target, **loading), first, rest, loading)
    kind, _, what = first.partition(":")
    if kind == "match":
        return string_match(find_model(what, **loading))
    if kind not in ("lookup", "exit"):
        return find_model(first, **loading)
    if not what.isdigit() and (what or kind == "exit"):
        raise ValueError(f"write {kind}:N with a whole number N, got {name!r}")
    if kind == "exit":
        return early_exit(target, int(what))
    return prompt_lookup(int(what)) if what else prompt_lookup()


def find_model(name: str, **loading: Any) -> Any:
    """The model in a folder or file, or of that name; ValueError for an empty one."""
    from ..models import load, ngram

    if not name:
        raise ValueError("a model's name is missing; write MODEL, match:MODEL or MODEL,DRAFT")
    return ngram.load(name) if name.endswith(".npz") else load(name, **loading)


def _for_each_other(draft: Any, name: str, rest: str, loading: dict[str, Any]) -> Any:
    if isinstance(draft, Source):
        raise ValueError(f"only for a model can {rest!r} draft, and {name!r} is none; put the model first")
    return hierarchical(draft, find_draft(rest, draft, **loading))
