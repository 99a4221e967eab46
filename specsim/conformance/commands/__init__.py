"""The commands of the kit, `specsim conform run | pair | transformers | selftest | exercise | gallery`.

Exit status, for every one of them: 0 exact, 1 not exact, 2 unknown, 3 bad input, 4 out of time or memory.
"""

from . import checking, learning, measuring, pairing
from .status import conform

__all__ = ["checking", "conform", "learning", "measuring", "pairing"]
