"""The properties hold of the core and notice every deliberate fault in it."""

import pytest

import specsim.core

from .mutants import FAULTS, Fault, faulty_core
from .properties import PROPERTIES


@pytest.mark.parametrize("holds", PROPERTIES, ids=lambda holds: holds.__name__)
def test_the_core_has_every_property(holds):
    holds(specsim.core)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_noticed(fault: Fault, tmp_path):
    with faulty_core(fault, tmp_path) as core:
        assert noticed_by(core), f"no property notices that {fault.name}"


def noticed_by(core) -> str | None:
    """The first property that this core has not."""
    for holds in PROPERTIES:
        try:
            holds(core)
        except Exception:
            return holds.__name__
    return None
