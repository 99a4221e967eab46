"""The commands of the conformance kit: `specsim conform run | transformers | selftest | exercise | gallery`.

Exit status, for every one of them: 0 exact, 1 not exact, 2 unknown, 3 bad input, 4 out of time or memory.
"""

from . import checking, learning, measuring
from .status import conform

__all__ = ["checking", "conform", "learning", "measuring"]
