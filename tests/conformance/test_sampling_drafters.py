"""Drafters: the declared law is the one that is drawn from, or the report says what is drawn instead."""

import os
from typing import Any

import numpy as np
import pytest

from specsim.conformance import check_drafter
from specsim.conformance.gallery import GALLERY

LAW = np.array([0.4, 0.3, 0.2, 0.1])


def sharpened(power: float) -> np.ndarray:
    return LAW**power / (LAW**power).sum()


def cut(keep: int) -> np.ndarray:
    kept = np.where(np.arange(4) < keep, LAW, 0)
    return kept / kept.sum()


DRAFTERS = [one for one in GALLERY.values() if one.contract == "drafter"]


@pytest.mark.parametrize("exhibit", DRAFTERS, ids=lambda exhibit: exhibit.id)
def test_every_drafter_of_the_gallery_is_told_right(exhibit):
    report = check_drafter(exhibit.run, exhibit.declared)
    assert report.method == "exact law"
    assert report.verdict == ("exact" if exhibit.exact else "lossy")
    if not exhibit.exact:
        assert report.diagnosis.kind == exhibit.kind


@pytest.mark.parametrize(
    "drawn, declared, words",
    [
        (sharpened(2), LAW, "0.5 times the temperature"),
        (LAW, sharpened(2), "2 times the temperature"),
        (cut(2), LAW, "filtered"),
        (LAW, cut(3), "filtered"),
        (LAW[::-1], LAW, "another order"),
        (np.eye(4)[0], LAW, "most likely token is taken"),
        (np.eye(4)[2], LAW, "One token is chosen"),
        (LAW + np.array([0.001, -0.001, 0.0005, -0.0005]), LAW, "rounded"),
        (np.full(4, 0.25), LAW, "not drawn from the declared law"),
    ],
)
def test_what_is_drawn_instead_is_said(drawn, declared, words):
    report = check_drafter(lambda context, rng: rng.choice(4, p=drawn), declared)
    assert report.verdict == "lossy"
    assert words in report.diagnosis.words
    assert report.tv == pytest.approx(abs(drawn - declared).sum() / 2)
    assert report.counterexample.inputs == {"context": [0]}


def test_several_tokens_are_one_string():
    def draw(context: Any, rng: Any) -> list[int]:
        first = int(rng.choice(4, p=LAW))
        return [first, int(rng.choice(4, p=np.roll(LAW, first)))]

    def declared(context: tuple[int, ...]) -> np.ndarray:
        return np.roll(LAW, context[-1]) if len(context) == 2 else LAW

    assert check_drafter(draw, declared, contexts=[(0,)]).verdict == "exact"
    assert check_drafter(draw, lambda context: LAW, contexts=[(0,)]).verdict == "lossy"


def test_a_drafter_may_take_the_generator_alone():
    assert check_drafter(lambda rng: rng.choice(4, p=LAW), LAW).verdict == "exact"


def test_a_drafter_that_crashes_says_so():
    def draw(rng: Any) -> int:
        token = int(rng.choice(4, p=LAW))
        return token if token else 1 // token

    report = check_drafter(draw, LAW)
    assert (report.verdict, report.diagnosis.kind) == ("lossy", "crash")


class Hidden:
    """A source of randomness that nobody can see."""

    def __init__(self, law: np.ndarray) -> None:
        self.law = law

    def __call__(self, context: Any, rng: Any) -> int:
        return int((np.cumsum(self.law) <= int.from_bytes(os.urandom(6)) / 2**48).sum())


def test_a_drafter_that_cannot_be_seen_is_sampled():
    """The false-alarm rate is 1e-6; the wrong law is missed with chance far below that."""
    right = check_drafter(Hidden(LAW), LAW, max_tokens=300)
    wrong = check_drafter(Hidden(LAW[::-1]), LAW)
    assert (right.verdict, right.method) == ("unknown", "sampled")
    assert (wrong.verdict, wrong.method) == ("lossy", "sampled")
