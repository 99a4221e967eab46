"""The pytest plugin, in a pytest of its own: what passes, what fails, with which words."""

import subprocess
import sys
from importlib.metadata import entry_points

import numpy as np
import numpy.fft
import pytest

from specsim.conformance import GALLERY
from specsim.conformance.front import check_any

pytest_plugins = ["pytester"]

INSTALLED = any(one.value.startswith("specsim.conformance") for one in entry_points(group="pytest11"))
RULES = """
import numpy as np
import pytest
from specsim.conformance import GALLERY

right, wrong = GALLERY["C10"].run, GALLERY["M01"].run
quick = dict(gammas=(1,), vocab=(2,), search=False)
"""


@pytest.fixture(scope="module", autouse=True)
def _everything_is_imported():
    check_any(GALLERY["M01"].run, gammas=(1,), vocab=(2,))
    check_any(GALLERY["M01"].run, method="sample", max_tokens=500)
    check_any(GALLERY["M41"].run)
    check_any(lambda context, rng: rng.choice(2, p=[0.5, 0.5]), declared=np.array([0.5, 0.5]))


@pytest.fixture
def run(pytester):
    """Runs a test file with the plugin, and returns what came out."""

    def go(text, *options):
        pytester.makepyfile(RULES + text)
        loaded = () if INSTALLED else ("-p", "specsim.conformance.pytest_plugin")
        return pytester.runpytest_inprocess(*loaded, "-p", "no:cacheprovider", "-W", "error", *options)

    return go


def test_the_fixture_passes_what_is_exact_and_fails_what_is_not(run):
    result = run("""
def test_right(sd_conform):
    assert sd_conform(right, **quick).verdict == "exact"

def test_wrong(sd_conform):
    sd_conform(wrong, **quick)
""")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["*what is wrong: *", "*what to do: *", "*test_right: exact (exact law, TV *"]
    )


def test_the_marker_takes_what_a_test_returns(run):
    result = run("""
@pytest.fixture
def rule():
    return right

@pytest.mark.sd_lossless(tol=1e-6, **quick)
def test_right(rule):
    return rule

@pytest.mark.sd_lossless(**quick)
def test_wrong():
    return wrong

@pytest.mark.sd_lossless
def test_nothing():
    pass
""")
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(["*a test marked sd_lossless returns what is to be checked*"])


def test_the_tolerance_of_a_marker_goes_to_the_fixture(run):
    result = run("""
@pytest.mark.sd_lossless(tol=0.9, **quick)
def test_generous(sd_conform):
    sd_conform(wrong)
""")
    result.assert_outcomes(passed=1)


def test_a_sampled_pass_is_shown_with_its_power_and_never_as_exact(run):
    result = run(
        """
def test_right(sd_conform):
    sd_conform(right, max_tokens=1500)

def test_wrong(sd_conform):
    sd_conform(wrong, max_tokens=1500)
""",
        "--sd-method",
        "sample",
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*test_right: not rejected at power 0.99 for TV >= 0.*"])
    assert "test_right: exact" not in result.stdout.str()


def test_generators_and_drafters_are_told_apart(run):
    result = run("""
def test_generator(sd_conform):
    sd_conform(GALLERY["M41"].run)

def test_drafter(sd_conform):
    law = np.array([0.25, 0.75])
    sd_conform(lambda context, rng: rng.choice(2, p=law), declared=law)
""")
    result.assert_outcomes(passed=1, failed=1)


def test_what_cannot_be_seen_does_not_pass(run):
    result = run("""
def test_hidden(sd_conform):
    import os
    sd_conform(lambda target, draft, tokens: [os.urandom(1)[0] % 2], seconds=5, **quick)
""")
    result.assert_outcomes(failed=1)


def test_options_that_do_not_exist_are_refused(run):
    result = run("""
def test_right(sd_conform):
    sd_conform(right, speed=3)
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*takes no option 'speed'*"])


def test_unmarked_tests_and_their_output_are_left_alone(run):
    result = run("def test_nothing():\n    assert True\n")
    result.assert_outcomes(passed=1)
    assert "speculative decoding" not in result.stdout.str()


def test_the_plugin_imports_nothing_heavy():
    heavy = "{'numpy', 'scipy', 'torch', 'hypothesis', 'matplotlib'}"
    code = f"import sys, specsim.conformance.pytest_plugin; print(sorted({heavy} & sys.modules.keys()))"
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert shown.stdout.strip() == "[]"
