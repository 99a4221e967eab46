"""A check under way: one case after the other, what was found so far, and the verdict that it comes to."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from specsim.core import Shape

from .budget import EDGE, EDGE_FLOAT32, Budget
from .cases import Case
from .conventions import Convention
from .diagnosis import diagnose
from .engine import Unsupported
from .evidence import counterexample
from .readings import Unreadable
from .report import Report
from .rounds import further_rounds
from .search import smallest
from .trials import Trial, attempt

MORE = 6
"""How many cases are tried after one that shows a fault, for the diagnosis."""

LIMITS = (
    "random numbers are taken as ideal: faults of the library that draws them are not seen",
    "shown for small vocabularies and short drafts",
)


@dataclass
class Run:
    """What a check has found so far. shapes: of the trees that the verifier is made for."""

    found: Convention
    budget: Budget
    deadline: float
    shapes: tuple[Shape, ...] = ()
    trials: list[Trial] = field(default_factory=list)
    notes: dict[str, None] = field(default_factory=dict)
    open: bool = False

    def through(self, cases: Iterable[Case]) -> None:
        """Try these cases, up to a few after the first fault."""
        left = MORE
        for case in cases:
            if not self._tried(case):
                self.open = True
                if time.monotonic() > self.deadline:
                    return
            if self.faults:
                left -= 1
            if not left:
                return

    def _tried(self, case: Case) -> bool:
        """Whether a case could be tried to its end."""
        seconds = self.deadline - time.monotonic()
        if seconds <= 0:
            self.note("out of time: not all cases were tried")
            return False
        try:
            trial = attempt(self.found.bound, self.found.reading, case, self.budget, seconds)
        except Unsupported as refused:
            self.note(f"{case.name}: {refused}")
            return case.corner
        except Unreadable:
            if case.corner:
                self.note(f"{case.name}: what is returned cannot be read")
                return True
            self.note(f"{case.name}: what was returned cannot be read as {self.found.reading.words}")
            return False
        if case.corner and trial.comparison.crashed:
            self.note(f"{case.name}: it raises an error")
            return True
        self.trials.append(trial)
        for note in trial.notes:
            self.note(note)
        return True

    def on_and_on(self) -> None:
        """Play several rounds with one instance of the verifier, which may remember what it saw."""
        seconds = max(self.deadline - time.monotonic(), 0.1)
        try:
            self.trials += further_rounds(self.found, self.budget, seconds, self.shapes)
        except (Unsupported, Unreadable) as refused:
            self.note(f"several rounds: {refused}")
            self.open = True

    def hunt(self) -> None:
        """Let Hypothesis look for a fault that the cases have missed."""
        found = smallest(self, None)
        if found is not None:
            self.trials.append(found)

    def note(self, words: str) -> None:
        """Say something in the report, once."""
        self.notes[words] = None

    @property
    def edge(self) -> float:
        """Chance up to which such a token may be drawn at the end, see EDGE."""
        return EDGE if self.found.bound.style.array in ("numpy", "list", "torch64") else EDGE_FLOAT32

    def is_fault(self, trial: Trial) -> bool:
        """Whether a trial shows more than rounding: another law, or a token that must not be there."""
        return trial.comparison.verdict == "lossy" or trial.kept > EDGE or trial.drawn > self.edge

    @property
    def faults(self) -> list[Trial]:
        """The trials that show a fault."""
        return [trial for trial in self.trials if self.is_fault(trial)]

    @property
    def verdict(self) -> str:
        """What the trials come to."""
        if self.faults:
            return "lossy"
        unknown = (
            self.open or not self.trials or any(one.comparison.verdict != "exact" for one in self.trials)
        )
        return "unknown" if unknown else "exact"

    def report(self, subject: str, search: bool) -> Report:
        """The report of all trials."""
        report = Report(
            self.verdict,
            "exact law",
            tv=max((trial.tv for trial in self.trials), default=None),
            unexplored=max((trial.comparison.unexplored for trial in self.trials), default=1.0),
            tolerance=self.budget.tolerance,
            cases=len(self.trials),
            tokens_per_round=_mean([trial.tokens for trial in self.trials if trial.rounds]),
            subject=subject,
        )
        if report.verdict == "lossy":
            report = self._explained(report, search)
        return replace(report, notes=(*self.notes, *self._remarks(report), *LIMITS))

    def _explained(self, report: Report, search: bool) -> Report:
        first = self.faults[0]
        least = smallest(self, first) if search else None
        return replace(
            report,
            counterexample=counterexample(least or first),
            diagnosis=diagnose(self.found, self.trials, self.faults),
        )

    @property
    def changed(self) -> list[str]:
        """The arguments that calls write into, by role."""
        batches = [batch for trial in self.trials[:6] if trial.rounds for _, batch in trial.case.draws()]
        return list(dict.fromkeys(role for batch in batches[:40] for role in self.found.bound.changes(batch)))

    def _remarks(self, report: Report) -> list[str]:
        """What a reader has to know about the figures."""
        said = [f"{self.found}", *(f"it writes into its argument {role}" for role in self.changed)]
        if report.verdict == "exact" and report.tv is not None and (words := self.budget.words(report.tv)):
            said.append(words)
        for chance, what in (
            (
                max((trial.drawn for trial in self.trials), default=0.0),
                "drawn: see the ends of cumulative sums",
            ),
            (max((trial.kept for trial in self.trials), default=0.0), "kept: test coin < ratio, strictly"),
        ):
            if chance:
                said.append(f"with chance {chance:.2g} a token of target probability 0 is {what}")
        if crashed := max((trial.comparison.crashed for trial in self.trials), default=0.0):
            said.append(f"it raises an error with chance {crashed:.2g}")
        return said


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None
