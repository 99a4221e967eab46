"""A trial as a counterexample: the rows that were handed over, and both laws side by side."""

from typing import Any

from .cases import Case
from .engine import Crash
from .report import Counterexample
from .trials import Trial

MOST_ROWS = 64


def counterexample(trial: Trial) -> Counterexample:
    """The rows of a trial and its law of texts; those of the likeliest draft where they differ by draft."""
    alone = len(trial.case.pairs) == 1
    rows = [(_outcome(key, alone), came, due) for key, came, due in trial.comparison.rows[:MOST_ROWS]]
    return Counterexample(_inputs(trial.case), tuple(rows), trial.tv)


def _outcome(key: Any, alone: bool) -> Any:
    if isinstance(key, Crash):
        return f"{key.kind}: {key.message}"
    return key[0] if alone else key


def _inputs(case: Case) -> dict[str, Any]:
    """The arguments of the call for the likeliest draft."""
    likeliest = [max(drafts, key=lambda one: one.chance) for drafts in case.drafts]
    batch = [
        {"target": one.target.tolist(), "draft": one.draft.tolist(), "tokens": list(one.tokens)}
        for one in likeliest
    ]
    if len(batch) > 1:
        return {name: [one[name] for one in batch] for name in batch[0]}
    tree = {"parent": list(likeliest[0].parent)} if case.is_tree else {}
    return {**batch[0], **tree}
