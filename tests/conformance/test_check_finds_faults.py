"""Verdict, smallest case and kind of the fault, for some exhibits of each kind; the selftest runs all."""

import numpy as np
import pytest

from specsim.conformance import Report, check, check_generator_exactly
from specsim.conformance.gallery import GALLERY
from specsim.core import Shape, chain, siblings

QUICK = {"gammas": (2,), "vocab": (3,), "shapes": (chain(2), siblings(2), Shape((0, 0), "distinct"))}
VERIFIERS = "M01 M11 M16 M17 M19 M22 M25 M26 M34 M43 M44 M47 X01 X02 X05 X10 X13 X15 X19 X20 X22 X34"
EXACT = "C1 C3 C5 C7 C8 C9 C13"
GENERATORS = "M09 M10 M36 M37 M39 M41 M42 M48 M49 X24 X28 X29 X30"


@pytest.mark.parametrize("id", VERIFIERS.split())
def test_a_fault_is_found_and_its_kind_named(id):
    one = GALLERY[id]
    report = check(one.run, contract=one.contract, search=False, **QUICK)
    assert (report.verdict, report.diagnosis.kind) == ("lossy", one.kind)
    assert report.counterexample.tv > 0


@pytest.mark.parametrize("id", EXACT.split())
def test_what_is_exact_passes(id):
    one = GALLERY[id]
    report = check(one.run, contract=one.contract, **QUICK)
    assert report.verdict == "exact"
    assert report.tv < (1e-6 if one.array == "torch" else 1e-12)


@pytest.mark.parametrize("id", GENERATORS.split())
def test_a_faulty_generator_is_found_and_its_kind_named(id):
    one = GALLERY[id]
    report = check_generator_exactly(one.run, **one.options)
    assert (report.verdict, report.diagnosis.kind) == ("lossy", one.kind)


@pytest.mark.parametrize("id", ["C6", "C11", "C12"])
def test_an_exact_generator_passes(id):
    report = check_generator_exactly(GALLERY[id].run, lengths=(1, 2, 3))
    assert report.verdict == "exact"
    assert report.tv < 1e-12


def test_the_smallest_case_can_be_followed_with_a_pencil():
    """Correction from the target: two tokens, one drafted position, a target that never emits one of them."""
    report = check(GALLERY["M01"].run, **QUICK)
    rows = report.counterexample.inputs
    assert np.shape(rows["target"]) == (2, 2)
    assert np.shape(rows["draft"]) == (1, 2)
    assert report.counterexample.tv > 1e-3


def test_the_same_check_gives_the_same_report():
    first, second = (check(GALLERY["X11"].run, **QUICK) for _ in range(2))
    assert first == second


def test_float32_arithmetic_is_said_and_passes():
    def rounded(target, draft, tokens, rng):
        return GALLERY["C10"].run(*(rows.astype(np.float32) for rows in (target, draft)), tokens, rng)

    report = check(rounded, search=False, **QUICK)
    assert report.verdict == "exact"
    assert 1e-12 < report.tv < 1e-6
    assert any("float32" in note for note in report.notes)


def test_a_smaller_tolerance_makes_float32_a_fault():
    def rounded(target, draft, tokens, rng):
        return GALLERY["C10"].run(*(rows.astype(np.float32) for rows in (target, draft)), tokens, rng)

    report = check(rounded, tolerance=1e-12, search=False, **QUICK)
    assert (report.verdict, report.diagnosis.kind) == ("lossy", "arithmetic")


def test_low_acceptance_is_no_fault():
    report = check(lambda target, draft, tokens, rng: [rng.choice(len(target[0]), p=target[0])], **QUICK)
    assert report.verdict == "exact"
    assert report.tokens_per_round == 1


def test_a_report_can_be_saved_and_read(tmp_path):
    report = check(GALLERY["M06"].run, search=False, **QUICK)
    report.save(tmp_path / "report.json")
    assert Report.read(tmp_path / "report.json") == report


@pytest.mark.parametrize("text", ["", "[]", '{"format": 1}', '{"format": 99, "verdict": "exact"}'])
def test_a_file_that_is_no_report_is_refused(tmp_path, text):
    (tmp_path / "report.json").write_text(text)
    with pytest.raises(ValueError, match="report"):
        Report.read(tmp_path / "report.json")


def test_sampling_alone_is_never_exact():
    with pytest.raises(ValueError, match="sampling"):
        Report("exact", "sampled")
