"""What explains the law that came out, in words, with the fix.

First what is plain: errors, tokens that cannot be, faults that need a second call. Then the law of single
rounds is taken apart (see `anatomy`): which part differs from the rule that fits best, and which known
mistake shows just that part, or just that whole round? What differs in no known way is still named. The
verdict does not depend on any of this.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from specsim.core.draft import is_chain

from .anatomy import Gaps, Seen, anatomy, emits_no_bonus, expected, gaps, rounds_seen
from .conventions import Convention
from .parts import Observed, Part, kept_parts, last_parts
from .plain_faults import named, plain_fault
from .report import Diagnosis
from .siblings import SIBLINGS, first_law
from .trials import Trial
from .wholes import Whole, apart
from .wrong_draws import BONUS, CORRECTIONS
from .wrong_ends import ENDS
from .wrong_rows import ROWS, of_mates
from .wrong_tests import KEPT

SAME = 2e-5
"""Parts that differ by less are the same, in float32 too."""
SMALL = 0.01
"""Parts that differ by less, in no known way, differ by arithmetic."""
RULES = ("token", "point", "block")


def diagnose(found: Convention, trials: Sequence[Trial], faults: Sequence[Trial]) -> Diagnosis:
    """The explanation of the faults among these trials."""
    plain = plain_fault(found, faults)
    if plain is not None:
        return plain
    rounds = [seen for seen in rounds_seen(trials) if seen.n]
    if found.contract == "batch":
        return _of_batch(trials, faults, rounds)
    if found.contract == "tree":
        return _of_tree(rounds)
    return of_chains(rounds)


def of_chains(rounds: Sequence[Seen]) -> Diagnosis:
    """The explanation of rounds on chains."""
    no_bonus = emits_no_bonus(rounds)
    observed = [(seen, anatomy(seen, no_bonus)) for seen in rounds]
    rule = min(RULES, key=lambda name: _total(observed, name).count(SAME))
    off = _total(observed, rule)
    wrong = off.count(SAME)
    known = _part(observed, off) if wrong == 1 else None
    whole = known or _whole((*ROWS, *ENDS, *of_mates(rounds)), rounds)
    return whole or _small(off) or _part(observed, off) or _vague(off)


def _total(observed: Observed, rule: str) -> Gaps:
    """The largest gap of each part, over all rounds."""
    found = [gaps(came, expected(seen, rule)) for seen, came in observed]
    return Gaps(
        *(max(getattr(one, name) for one in found) for name in ("kept", "corrections", "bonus", "strange"))
    )


def _small(off: Gaps) -> Diagnosis | None:
    """Differences that are small everywhere."""
    largest = max(off.kept, off.corrections, off.bonus, off.strange)
    if largest >= SMALL:
        return None
    return named(
        "arithmetic",
        f"Every part is that of a right rule up to {largest:.2g}: too few bits, or a small number added.",
    )


def _part(observed: Observed, off: Gaps) -> Diagnosis | None:
    """The known mistake in the first part that differs."""
    if off.strange > SAME:
        return None
    if off.kept > SAME:
        return _matching(KEPT, list(kept_parts(observed))) or _fitted(observed)
    if off.corrections > SAME:
        return _matching(CORRECTIONS, list(last_parts(observed, False))) or _clamped(observed)
    return _matching(BONUS, list(last_parts(observed, True)))


def _matching(parts: Sequence[Part], seen: Sequence[tuple[Seen, int, Any]]) -> Diagnosis | None:
    for part in parts:
        if all(_same(part.formula(one, i), value) for one, i, value in seen):
            return named(part.kind, part.words)
    return None


def _same(formula: Any, value: Any) -> bool:
    return formula is None or float(np.abs(formula - value).max()) < SAME


def _fitted(observed: Observed) -> Diagnosis | None:
    """A test of the right form with a number in it."""
    points = [(one, i, kept) for one, i, kept in kept_parts(observed) if 1e-3 < kept < 1 - 1e-6]
    forms: tuple[tuple[str, Callable[[Seen, int], float]], ...] = (
        (
            "min(1, target / ({:.4g} draft)): lenience",
            lambda s, i: s.target[i][s.tokens[i]] / s.draft[i][s.tokens[i]],
        ),
        ("min(1, target / {:.4g}): a threshold", lambda s, i: s.target[i][s.tokens[i]]),
    )
    for words, form in forms:
        numbers = [form(one, i) / kept for one, i, kept in points]
        if len(numbers) < 2 or abs(numbers[0] - 1) < 1e-3:
            continue
        if all(_same(min(1.0, form(one, i) / numbers[0]), kept) for one, i, kept in kept_parts(observed)):
            return named("acceptance", f"A drafted token is kept with chance {words.format(numbers[0])}.")
    return None


def _clamped(observed: Observed) -> Diagnosis | None:
    """A residual clamped at a positive number, which is read off a token that should not come."""
    points = list(last_parts(observed, False))
    for share in (1e-1, 5e-2, 1e-2, 5e-3, 1e-3, 5e-4, 1e-4, 1e-5, 1e-6):
        if all(_same(_held(one, i, share), law) for one, i, law in points):
            return named("correction", f"The residual is clamped at {share:g} instead of at 0.")
    return None


def _held(seen: Seen, i: int, share: float) -> np.ndarray:
    rest = np.maximum(seen.target[i] - seen.draft[i], share)
    return rest / rest.sum()


def _vague(off: Gaps) -> Diagnosis:
    """Which part differs, where it does so in no known way."""
    if off.strange > SAME:
        return named("acceptance", "What is emitted is not a beginning of the draft and one more token.")
    if off.kept > SAME:
        return named("acceptance", f"The chance to be kept is off by up to {off.kept:.2g}, in no known way.")
    if off.corrections > SAME:
        return named(
            "correction", f"The law after a rejection is off by {off.corrections:.2g}, in no known way."
        )
    return named("bonus", f"The law after full acceptance is off by {off.bonus:.2g}, in no known way.")


def _whole(candidates: Sequence[Whole], rounds: Sequence[Seen]) -> Diagnosis | None:
    """The known mistake that gives the law of every round."""
    for one in candidates:
        if all(apart(seen.law, one.predicted(seen)) < SAME for seen in rounds):
            return named(one.kind, one.words)
    return None


def _of_batch(trials: Sequence[Trial], faults: Sequence[Trial], rounds: Sequence[Seen]) -> Diagnosis:
    """A batch: a single request first, then the requests of larger ones, then how they hang together."""
    alone = [trial for trial in faults if len(trial.case.pairs) == 1]
    if alone:
        return of_chains([seen for seen in rounds_seen(alone) if seen.n])
    no_bonus = emits_no_bonus(rounds)
    observed = [(seen, anatomy(seen, no_bonus)) for seen in rounds]
    if min(_total(observed, rule).count(SAME) for rule in RULES) == 0:
        return named("randomness", "Each request alone is right; together they share random numbers.")
    if _one_length(trials):
        return named(
            "correction", "All requests are cut to the one that keeps fewest, and draw their next token anew."
        )
    return of_chains(rounds)


def _one_length(trials: Sequence[Trial]) -> bool:
    """Whether all requests of a batch always emit the same number of tokens."""
    keys = [key for trial in trials for one in trial.rounds for key in one.law if isinstance(key, tuple)]
    return all(len({len(text) for text in key}) == 1 for key in keys)


def _of_tree(rounds: Sequence[Seen]) -> Diagnosis:
    """A tree: candidates of one position first, then chains."""
    branching = [seen for seen in rounds if seen.parent.count(0) > 1]
    for one in SIBLINGS if branching else ():
        if all(apart(first_law(seen.law), one.predicted(seen)) < SAME for seen in branching):
            return named(one.kind, one.words)
    chains = [seen for seen in rounds if is_chain(seen.parent)]
    observed = [(seen, anatomy(seen)) for seen in chains]
    if observed and min(_total(observed, rule).count(SAME) for rule in RULES) > 0:
        return of_chains(chains)
    return named(
        "siblings", "Chains are right; several candidates for one position are not, in no known way."
    )
