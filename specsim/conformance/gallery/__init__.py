"""A gallery of decoders: wrong in every way that was seen in published code, wrong in others, and exact ones.

    GALLERY        every exhibit by its id: "M.." seen in published code, "X.." plausible, "C.." exact
    Exhibit        one function with its story, its contract and the class of its fault
    contracts      what foreign code is called with, and what each option means
    TOYS           the small pairs of models on which each fault shows

The kit is measured by them: it has to fail every M and X and pass every C.

>>> {one.kind for one in GALLERY.values() if one.exact}
{None}
>>> GALLERY["M16"].run.__name__
'bonus_one_row_early'
"""

from . import (
    acceptance,
    controls,
    corrections,
    drafting,
    ends,
    plausible,
    plausible_several,
    plausible_state,
    plausible_torch,
    rows,
    several,
    state,
)
from .exhibit import ALL, Exhibit
from .toys import TOYS, Toy

GALLERY: dict[str, Exhibit] = dict(
    sorted(ALL.items(), key=lambda one: ("MXC".index(one[0][0]), int(one[0][1:])))
)
"""Every exhibit by its id: the catalogue, further ones, controls."""

__all__ = [
    "GALLERY",
    "Exhibit",
    "TOYS",
    "Toy",
    "acceptance",
    "controls",
    "corrections",
    "drafting",
    "ends",
    "plausible",
    "plausible_several",
    "plausible_state",
    "plausible_torch",
    "rows",
    "several",
    "state",
]
