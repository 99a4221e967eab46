"""An exhibit: one way to get speculative decoding wrong (or right), as a function that runs.

A function becomes an exhibit by its decorator; its docstring is what hangs beside it, the first sentence the
title, the rest the story. All functions keep one of the five contracts of `contracts`.

>>> from specsim.conformance.gallery import GALLERY
>>> GALLERY["M01"].title
'The correction comes from the target, not from what it still owes'
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from inspect import cleandoc, getsource
from typing import Any, Literal

Contract = Literal["chain", "batch", "tree", "generator", "drafter"]

Make = Callable[..., Any]


@dataclass(frozen=True)
class Exhibit:
    """One function with what there is to say about it.

    id: "M.." from the catalogue of what went wrong in published code, "X.." wrong in other plausible ways,
        "C.." controls, which are exact.
    title, story: what the function does, in one sentence and in full. source: where it was seen.
    contract: what it is called with, see `contracts`. kind: the class of the fault; None for a control.
    run: the function. options: the keywords of a generator with which the fault shows.
    declared: the law that a drafter says it draws from, as a function of the context.
    pair: the pair of `toys` on which it shows. how: how siblings are drawn (see specsim.core.Shape).
    array: "numpy" or "torch", what it takes. seen_by: what it takes to notice it.
    """

    id: str
    title: str
    story: str
    source: str
    contract: Contract
    kind: str | None
    run: Make
    options: Mapping[str, Any] = field(default_factory=dict)
    declared: Make | None = None
    pair: str = "toy"
    how: str = "independent"
    array: str = "numpy"
    seen_by: str = "the law of one call"

    @property
    def exact(self) -> bool:
        """Whether this is a control."""
        return self.kind is None

    @property
    def code(self) -> str:
        """The function as it is written, without decorator and docstring."""
        lines = getsource(self.run).splitlines()
        body = "\n".join(lines[next(i for i, line in enumerate(lines) if line.startswith("def ")) :])
        before, _, rest = body.partition('    """')
        return before + rest.partition('"""\n')[2]


ALL: dict[str, Exhibit] = {}
"""Every exhibit by its id, in the order in which the functions were defined."""


def exhibit(id: str, kind: str | None, source: str, contract: Contract = "chain", **more: Any) -> Any:
    """Hang a function in the gallery; `more` are fields of Exhibit."""

    def hang(run: Make) -> Make:
        title, _, story = cleandoc(run.__doc__ or "").partition("\n")
        plain = " ".join(story.split())
        ALL[id] = Exhibit(id, title.rstrip("."), plain, source, contract, kind, run, **more)
        return run

    return hang
