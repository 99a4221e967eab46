"""The properties hold of the core and notice every deliberate fault in it."""

import pytest

import specsim.core

from .lossy_mutants import LOSSY_FAULTS
from .lossy_properties import LOSSY_PROPERTIES
from .mutants import FAULTS, Fault, faulty_core
from .properties import PROPERTIES


@pytest.mark.parametrize("holds", PROPERTIES + LOSSY_PROPERTIES, ids=lambda holds: holds.__name__)
def test_the_core_has_every_property(holds):
    holds(specsim.core)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("fault", FAULTS + LOSSY_FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_noticed(fault: Fault, tmp_path):
    with faulty_core(fault, tmp_path) as core:
        assert noticed_by(core, fault), f"no property notices that {fault.name}"


def noticed_by(core, fault: Fault) -> str | None:
    """The first property that this core has not; faults of lossy rules face those of lossy rules."""
    for holds in LOSSY_PROPERTIES if fault in LOSSY_FAULTS else PROPERTIES:
        try:
            holds(core)
        except Exception:
            return holds.__name__
    return None
