"""Does the kit itself do what it promises? Each promise a number, each number beside its goal.

    mutants       every wrong exhibit of the gallery is found, and named
    lossless      every exact exhibit passes
    engine        exact laws against formulas
    draws         exact laws against real random numbers
    calibration   how often the sequential test rejects what is right
    power         how soon it finds what is wrong
    time          how long a check takes

>>> list(PARTS)
['mutants', 'lossless', 'engine', 'draws', 'calibration', 'power']
"""

from .exhibits import check_exhibit
from .lines import Line
from .scorecard import PARTS, selftest

__all__ = ["PARTS", "Line", "check_exhibit", "selftest"]
