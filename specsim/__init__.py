"""specsim: the laboratory for speculative decoding.

    specsim.theory      exact results, in rationals, floats and symbols
    specsim.simulate    Monte Carlo rounds and sequences on any pair
    specsim.decode      the same rules on real models
    specsim.models      where next-token laws come from
    specsim.measure     studies: theory, simulation and measurement side by side
    specsim.compare     all rules on one pair: tokens against bias
    specsim.core        the verification core that all of them share
    specsim.testing     Hypothesis strategies for tests of your own decoder

Parts are loaded when they are first used, so that `import specsim` is quick.

>>> import specsim
>>> specsim.theory.expected_tokens(0.8, 5)
3.68928
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import compare, core, decode, measure, models, report, simulate, testing, theory

__all__ = ["compare", "core", "decode", "measure", "models", "report", "simulate", "testing", "theory"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return import_module(f".{name}", __name__)
    if name == "__version__":
        return _version()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, "__version__"})


def _version() -> str:
    """The version of the installed package; "unknown" for a source tree that was never installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("specsim-decoding")
    except PackageNotFoundError:
        return "unknown"
