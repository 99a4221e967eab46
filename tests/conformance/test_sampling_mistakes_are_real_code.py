"""Each known mistake, written down as a law, is what code with that mistake emits: by its exact law."""

from collections.abc import Callable
from math import fsum
from typing import Any

import numpy as np
import pytest

from specsim.conformance import GALLERY, exact_law, numpy_rng
from specsim.conformance.measures import Odds, Seen, right
from specsim.conformance.mistakes import MISTAKES
from specsim.conformance.playing import random_rows

ROWS = random_rows(3, 2, np.random.default_rng(2), 1.0)

SAME = {
    "M01": "correction from the target",
    "M02": "correction from a softmax",
    "M05": "correction from |target - draft|",
    "M06": "correction from (draft - target)_+",
    "M11": "no coin",
    "M12": "relative to the most likely",
    "M13": "ratio upside down",
    "M15": "bonus from the draft",
    "M16": "bonus from the row before",
    "M21": "typical acceptance",
    "M22": "lenience",
    "M50": "correction by argmax",
    "X02": "one uniform",
    "X03": "correction with another draft row",
    "X11": "everything kept",
}


def came(run: Callable[..., Any]) -> dict[Any, float]:
    """The exact law of what a verifier emits on ROWS."""

    def once() -> Any:
        rng = numpy_rng()
        tokens = [rng.choice(3, p=law) for law in ROWS.draft]
        return run(ROWS.target.copy(), ROWS.draft.copy(), tokens, rng)

    return dict(exact_law(once).chances)


def due(measures: Callable[[Seen], Odds]) -> dict[Any, float]:
    """The law of what is emitted, from the three measures of each position."""
    first, second, last = (measures(ROWS.seen(position)) for position in range(3))
    law = {(x,): first.corrected[0, x] for x in range(3)}
    for x in range(3):
        for y in range(3):
            law[x, y] = first.kept[0, x] * second.corrected[0, y]
            law |= {(x, y, z): first.kept[0, x] * second.kept[0, y] * last.bonus[0, z] for z in range(3)}
    return law


def apart(one: dict[Any, float], other: dict[Any, float]) -> float:
    return fsum(abs(one.get(key, 0.0) - other.get(key, 0.0)) for key in {*one, *other}) / 2


def test_the_right_measures_are_those_of_the_right_code():
    assert apart(came(GALLERY["C10"].run), due(right)) < 1e-12


@pytest.mark.parametrize("exhibit, name", SAME.items())
def test_a_mistake_is_what_code_with_it_emits(exhibit, name):
    assert apart(came(GALLERY[exhibit].run), due(MISTAKES[name].measures)) < 1e-12
