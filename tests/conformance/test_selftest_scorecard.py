"""The scorecard of the kit: a few lines of it here, all of them under `specsim conform selftest`."""

import pytest
from hypothesis import settings

from specsim.conformance import GALLERY
from specsim.conformance.selftest import PARTS, check_exhibit, engine, exhibits, sampling, selftest
from specsim.conformance.selftest.exhibits import Outcome

DEEP = settings.get_current_profile_name() == "explore"
FEW = ("M07", "M10", "M26", "M36", "M39", "X26", "X29", "C2", "C9", "C12")


@pytest.mark.parametrize("id", GALLERY if DEEP else FEW)
def test_an_exhibit_is_found_and_named_or_passes(id):
    report = check_exhibit(GALLERY[id], search=False)
    assert report.verdict == ("exact" if GALLERY[id].exact else "lossy")
    assert (report.diagnosis and report.diagnosis.kind) == GALLERY[id].kind


def outcomes(*changed):
    """Everything found and named, but for these."""
    right = {
        id: Outcome(id, "exact" if one.exact else "lossy", one.kind, 0.0, 1.0) for id, one in GALLERY.items()
    }
    right |= {one.id: one for one in changed}
    return [one for one in right.values() if not GALLERY[one.id].exact]


def test_a_mutant_that_is_missed_fails_the_scorecard_and_is_listed():
    found, named = exhibits.mutant_lines(outcomes(Outcome("M16", "exact", None, 0.0, 1.0)))
    assert (found.passed, named.passed) == (False, True)
    assert found.details == (
        "M16 The bonus token comes from the row of the last drafted token, not from the row after it: exact",
    )


def test_one_in_twenty_may_be_misnamed():
    wrong = [Outcome(f"M{number:02}", "lossy", "crash", 0.1, 1.0) for number in (1, 2, 5, 6, 7)]
    assert exhibits.mutant_lines(outcomes(*wrong[:1]))[1].passed
    assert not exhibits.mutant_lines(outcomes(*wrong))[1].passed


def test_a_false_alarm_fails_the_scorecard():
    alarm = Outcome("C7", "lossy", "acceptance", 0.1, 9.0)
    passes, off = exhibits.lossless_lines([alarm])
    assert not passes.passed
    assert not off.passed
    assert [line.passed for line in exhibits.time_lines([alarm])] == [False]


def test_exact_laws_equal_formulas_and_real_draws():
    assert engine.formulas(30)[0].passed
    assert engine.draw_lines(engine.counts(0, 5000))[0].passed


def test_draws_from_another_law_are_noticed():
    counted = engine.counts(0, 5000)
    text, number = counted.most_common(1)[0]
    counted[text] = number // 2
    assert not engine.draw_lines(counted)[0].passed


def test_sampling_is_measured():
    assert all(line.passed for line in sampling.calibration("rounds", 200))
    assert sampling.power_line(sampling.found("ratio upside down")).passed


def test_parts_are_run_side_by_side():
    told = []
    lines = selftest(["engine"], workers=1, progress=lambda done, of: told.append((done, of)))
    assert [line.part for line in lines] == ["engine"]
    assert told == [(1, 1)]
    with pytest.raises(ValueError, match="'speed'"):
        selftest(["speed"])
    assert len(PARTS) == 6
