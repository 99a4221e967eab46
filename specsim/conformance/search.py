"""The smallest case that shows a fault, such that a pencil can follow it.

Hypothesis proposes rows of small integer weights, few tokens, few positions, and shrinks what fails: towards
two tokens, one drafted position, equal rows, weights of 0 and 1. Nothing is random about the answer: laws are
exact, and the proposals are the same every time.
"""

import time
from collections.abc import Sequence
from random import Random
from typing import Any

import numpy as np

from specsim.core import Shape, chain

from .cases import Case, Context, Pair
from .engine import Unsupported
from .readings import Unreadable
from .row_kinds import Rows
from .suites import least_vocabulary
from .trials import Trial, attempt

MOST_EXAMPLES = 60
MOST_UNPROMPTED = 30
"""How many examples are tried to find a fault, and where none is known."""
MOST_TRIALS = {"numpy": 120, "list": 120}
"""How many cases are tried, by kind of arrays. Not a time, so that a search repeats itself."""
MOST_TRIALS_OF_TENSORS = 60
HEAVIEST = 4

SHAPES = {"chain": tuple(Shape(chain(gamma)) for gamma in (1, 2)), "batch": (Shape(chain(1)),)}


def _shapes(run: Any) -> tuple[Shape, ...]:
    """The shapes to draft in: of trees the two smallest that the verifier is made for."""
    if run.found.contract != "tree":
        return SHAPES[run.found.contract]
    return tuple(sorted(run.shapes, key=lambda shape: len(shape.parent))[:2])


def smallest(run: Any, fault: Trial | None) -> Trial | None:
    """The smallest trial found that shows a fault; None where none was found or Hypothesis is missing.

    run: the check under way. fault: a trial that is known to be faulty, None where none is.
    """
    try:
        from hypothesis import HealthCheck, find, settings
        from hypothesis.errors import Flaky, NoSuchExample
    except ImportError:
        run.note("install hypothesis for the smallest case: pip install 'specsim-decoding[testing]'")
        return None
    hunt = _Hunt(run, fault)
    quiet = settings(
        max_examples=MOST_EXAMPLES if fault else MOST_UNPROMPTED,
        database=None,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    try:
        find(_cases(_shapes(run), run.found.contract), hunt.is_fault, settings=quiet, random=Random(0))
    except NoSuchExample:
        return None
    except Exception as error:  # a foreign function may fail in ways that only this search meets
        if not isinstance(error, Flaky):  # as it looks when enough was tried
            run.note(f"the search for a smaller case ended early: {type(error).__name__}")
    return hunt.best


def _is_crash(trial: Trial) -> bool:
    """Whether it is errors that a trial shows."""
    return trial.comparison.crashed > 0.5 * trial.tv and trial.comparison.crashed > 1e-6


class _Hunt:
    """Tries so many cases, and remembers the last one that failed, which is the smallest."""

    def __init__(self, run: Any, fault: Trial | None) -> None:
        self.run, self.crash = run, fault and _is_crash(fault)
        self.left = MOST_TRIALS.get(run.found.bound.style.array, MOST_TRIALS_OF_TENSORS)
        self.best: Trial | None = None

    def is_fault(self, case: Case) -> bool:
        """Whether a case shows a fault."""
        seconds = self.run.deadline - time.monotonic()
        self.left -= 1
        if seconds <= 0 or self.left < 0:
            return False
        try:
            trial = attempt(self.run.found.bound, self.run.found.reading, case, self.run.budget, seconds)
        except (Unsupported, Unreadable):
            return False
        if not self.run.is_fault(trial) or self.crash not in (None, _is_crash(trial)):
            return False
        self.best = trial
        return True


def _cases(shapes: tuple[Shape, ...], contract: str) -> Any:
    """A strategy for small cases of a contract."""
    from hypothesis import strategies as st

    @st.composite
    def cases(draw: Any) -> Case:
        shape = draw(st.sampled_from(shapes))
        vocab = max(draw(st.integers(2, 3)), least_vocabulary(shape))
        weight = st.lists(st.integers(0, HEAVIEST), min_size=vocab, max_size=vocab).filter(any)
        depth = len(shape.parent)
        pairs = [
            by_position([draw(weight) for _ in range(depth + 1)], [draw(weight) for _ in range(depth)])
            for _ in range(2 if contract == "batch" else 1)
        ]
        return Case("smallest", tuple(pairs), shape)

    return cases().filter(_can_be_drafted)


def _can_be_drafted(case: Case) -> bool:
    """Siblings that must differ need as many tokens of positive chance."""
    if case.shape is None or case.shape.how != "distinct":
        return True
    return all((pair.laws(())[1] > 0).sum() >= len(case.shape.parent) for pair in case.pairs)


def by_position(target: Sequence[Sequence[int]], draft: Sequence[Sequence[int]]) -> Pair:
    """A pair whose laws depend on the position alone, given as weights; the last row serves later ones."""
    rows = [np.array([np.array(row) / sum(row) for row in table]) for table in (target, draft)]

    def laws(context: Context) -> Rows:
        return rows[0][min(len(context), len(rows[0]) - 1)], rows[1][min(len(context), len(rows[1]) - 1)]

    return Pair(len(target[0]), laws)
