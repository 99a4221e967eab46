"""The law that decides the verdict, by a second route, and the parts that a diagnosis reads off it."""

import numpy as np
import pytest

from specsim import theory
from specsim.conformance.anatomy import anatomy, expected, gaps, rounds_seen
from specsim.conformance.budget import DOUBLE
from specsim.conformance.cases import Case, table_pair
from specsim.conformance.comparing import compare
from specsim.conformance.conventions import agree
from specsim.conformance.gallery import GALLERY
from specsim.conformance.trials import attempt
from specsim.core import Shape, chain

CASE = Case(
    "test", (table_pair(3, 7, ("generic", "zeros of the target", "point draft")),), Shape(chain(2)), (1,)
)


def trial(id, case=CASE):
    found = agree(GALLERY[id].run, "chain")
    return attempt(found.bound, found.reading, case, DOUBLE, 10.0)


@pytest.mark.parametrize("id", ["C7", "C10"])
def test_the_completed_law_is_that_of_the_theory(id):
    rule = {"C7": "block", "C10": "token"}[id]
    pair = CASE.pairs[0]
    law = theory.completed(theory.output_law(rule, pair, chain(2), (1,)), pair.target, 3, (1,))
    came = {texts[0]: chance for texts, chance, _ in trial(id).comparison.rows}
    assert law.keys() == came.keys()
    assert all(abs(came[text] - law[text]) < 1e-14 for text in law)


def test_the_distance_of_a_mistake_is_that_of_the_theory():
    """Everything drafted is kept: what comes out first has the draft's law."""
    pair = CASE.pairs[0]
    first = Case("first", CASE.pairs, Shape(chain(1)), ())
    target, draft = pair.laws(())
    apart = abs(target - draft).sum() / 2
    assert trial("X11", first).tv == pytest.approx(apart, abs=1e-12)


@pytest.mark.parametrize("id,rule", [("C10", "token"), ("C7", "block"), ("C3", "point"), ("C1", "point")])
def test_the_parts_of_an_exact_verifier_are_those_of_its_rule(id, rule):
    generic = Case("generic", (table_pair(3, 8),), Shape(chain(2)))
    for seen in rounds_seen([trial(id, generic)]):
        assert gaps(anatomy(seen), expected(seen, rule)).count(1e-9) == 0


def test_what_was_not_looked_at_leaves_the_verdict_open():
    half = {(0,): 0.5}
    due = {(0,): 0.5, (1,): 0.5}
    found = compare(half, due, unexplored=0.5)
    assert (found.tv, found.verdict) == (0.0, "unknown")
    assert compare({(0,): 0.6}, due, unexplored=0.4).verdict == "lossy"


def test_every_request_of_a_batch_has_laws_of_its_own():
    pairs = tuple(table_pair(2, seed) for seed in (1, 2))
    case = Case("two", pairs, Shape(chain(1)))
    chances = [chance for chance, _ in case.draws()]
    assert np.isclose(sum(chances), 1)
    assert len(chances) == 4
    assert not np.allclose(case.drafts[0][0].target, case.drafts[1][0].target)
