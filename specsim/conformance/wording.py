"""A report in words."""

from collections.abc import Iterator
from typing import Any

HEADINGS = {
    "exact": "exact: the completed law is the target's own",
    "lossy": "lossy: what comes out does not have the target's law",
    "unknown": "unknown: neither shown to be exact nor to be lossy",
}


def paragraphs(report: Any) -> str:
    """The report as a few short paragraphs: verdict, how it was found, what is wrong, where, and notes."""
    return "\n".join([_heading(report), *_findings(report), *_evidence(report)])


def _heading(report: Any) -> str:
    subject = f"{report.subject}: " if report.subject else ""
    return f"{subject}{HEADINGS[report.verdict]}"


def _findings(report: Any) -> Iterator[str]:
    yield f"  method: {report.method}" + (f", {report.cases} cases" if report.cases else "")
    if report.tv is not None:
        allowed = f"rounding may explain {report.tolerance:.2g}"
        yield f"  total variation: {report.tv:.3g} in the worst case ({allowed})"
    if report.unexplored:
        low, high = report.bounds
        share = f"{report.unexplored:.3g} of the probability"
        yield f"  not looked at: {share}; the total variation is between {low:.3g} and {high:.3g}"
    yield from _sampling(report)
    if report.tokens_per_round is not None:
        yield f"  tokens per round: {report.tokens_per_round:.3g} on these cases"


def _sampling(report: Any) -> Iterator[str]:
    if report.samples:
        yield f"  sampled: {report.samples} tokens"
    if report.evalue is not None:
        alarm = 1 / max(report.evalue, 1)
        yield f"  evidence against exactness: {report.evalue:.3g} (chance of a false alarm <= {alarm:.2g})"
    if report.detectable is not None and report.verdict == "unknown":
        yield f"  not rejected; would have caught TV >= {report.detectable:.2g} with probability 0.99"


def _evidence(report: Any) -> Iterator[str]:
    if report.diagnosis is not None:
        yield f"  what is wrong: {report.diagnosis.words}"
        yield f"  what to do: {report.diagnosis.fix}"
    if report.counterexample is not None:
        yield f"  smallest case found, total variation {report.counterexample.tv:.3g}:"
        yield from (f"    {line}" for line in str(report.counterexample).splitlines())
    for note in report.notes:
        yield f"  note: {note}"
