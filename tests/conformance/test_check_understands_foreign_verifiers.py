"""However a verifier is called and whatever it returns: it is called rightly, or refused."""

import os
import random

import numpy as np
import pytest

from specsim.conformance import check

from .odd import ODD, Counting, plain


def quick(verify, **more):
    return check(verify, gammas=(2,), vocab=(2,), search=False, **more)


@pytest.mark.parametrize("verify", ODD, ids=lambda one: getattr(one, "__name__", "partial"))
def test_an_exact_verifier_is_exact_in_every_form(verify):
    assert quick(verify).verdict == "exact"


def test_what_was_understood_is_said():
    notes = quick(ODD[1]).notes
    assert any("p = draft, q = target" in note for note in notes)


def test_arguments_can_be_told():
    def mine(alpha, beta, gamma_ray, source, scale):
        return plain(alpha * scale, beta, gamma_ray, source)

    told = {"alpha": "target", "beta": "draft", "gamma_ray": "tokens", "source": "rng", "scale": 1.0}
    assert quick(mine, arguments=told).verdict == "exact"


def test_an_object_may_count_its_calls():
    assert quick(Counting()).verdict == "exact"
    assert quick(Counting().step).verdict == "exact"


@pytest.mark.parametrize("call", [2, 50])
def test_an_object_that_errs_at_some_call_is_found(call):
    report = quick(Counting(wrong_at=call))
    assert (report.verdict, report.diagnosis.kind) == ("lossy", "state")


@pytest.mark.parametrize(
    "strange",
    [5, lambda p, q, x, rng: "text", lambda p, q, x, rng: [], lambda p, q, x, rng, mystery: [0]],
    ids=["a number", "returns text", "emits nothing", "wants a mystery"],
)
def test_what_cannot_be_called_is_refused_with_the_contract(strange):
    with pytest.raises(ValueError, match=r"verif(y|ier).*called as|a verifier is a function"):
        quick(strange)


def test_unknown_arguments_are_refused():
    with pytest.raises(ValueError, match="parameters are target, draft, tokens, rng"):
        quick(plain, arguments={"probs": "target"})


def test_randomness_that_cannot_be_seen_leaves_the_verdict_open():
    def hidden(p, q, x):
        return [*x, os.urandom(1)[0] % 2]

    report = quick(hidden)
    assert report.verdict == "unknown"
    assert "os.urandom" in str(report)


def test_no_time_leaves_the_verdict_open():
    report = quick(plain, seconds=0.0)
    assert report.verdict == "unknown"


def test_the_callers_generators_are_left_alone():
    before = random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    quick(ODD[7])
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before  # noqa: NPY002


def test_writing_into_arguments_is_noted_or_a_fault():
    def writes(target, draft, tokens, rng):
        new = plain(target, draft, tokens, rng)
        target[:] = 0
        return new

    assert any("writes into its argument target" in note for note in quick(writes).notes)
    assert quick(writes, read_only=True).diagnosis.kind == "state"
