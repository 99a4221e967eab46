"""The sequential test: how often it rejects what is right, and how soon it finds what is wrong."""

import numpy as np

from ..mistakes import MISTAKES
from ..playing import random_rows
from ..power import Found, false_alarms, rounds_until_found
from .lines import Line

LEVELS = (0.1, 0.01)
RUNS = 2000
VOCABULARY = 1000
MOST = 2501
ROUNDS = {
    "correction from the target": 300,
    "comparison turned round": 300,
    "bonus from the draft": 300,
    "bonus from the row before": 300,
    "ratio upside down": 300,
    "draft row off by one": 300,
    "correction with another draft row": 300,
    "one uniform": 2500,
}
"""Within how many rounds half of the runs have to find a mistake that is not in the library."""


def calibration(form: str, runs: int = RUNS) -> list[Line]:
    """form: "rounds" are shown, or a "text" is."""
    rates = false_alarms(runs, 300, levels=LEVELS, text=form == "text", rng=np.random.default_rng(7))
    return [
        Line(
            "calibration",
            f"right decoders ever rejected at level {level:g}, {runs} runs of a {form}".replace(
                "a rounds", "rounds"
            ),
            f"{rate:.4f}",
            f"{level:g}",
            rate <= level,
        )
        for level, rate in rates.items()
    ]


def found(name: str) -> Found:
    """How soon one mistake is found in a vocabulary of 1,000."""
    rng = np.random.default_rng(3)
    rows = random_rows(VOCABULARY, 2, rng)
    return rounds_until_found(MISTAKES[name], rows, runs=7, most=MOST, rng=rng)


def power_line(one: Found) -> Line:
    """The line of one mistake."""
    words = f"rounds until '{one.mistake}' is found, not in the library, V = {VOCABULARY}"
    goal = ROUNDS[one.mistake]
    return Line("power", words, f"{one.unknown:.0f}", f"{goal}", one.unknown <= goal)
